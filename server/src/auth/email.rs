//! The email address that names an account.

use std::fmt;

/// The longest address (RFC 5321 §4.5.3.1.3).
const EMAIL_BYTES_MAX: usize = 254;

/// An email address, trimmed and in lower case, so that one address is one account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Email(String);

impl Email {
    /// Parses an address. Only certainly invalid addresses are refused, because only a delivered
    /// mail proves that an address exists.
    pub fn parse(text: &str) -> Option<Self> {
        let email = text.trim().to_lowercase();
        let (local, domain) = email.rsplit_once('@')?;
        let has_plain_chars = !email.chars().any(|it| it.is_whitespace() || it.is_control());
        let has_labels = domain.contains('.') && domain.split('.').all(|label| !label.is_empty());
        let is_valid =
            !local.is_empty() && has_plain_chars && has_labels && email.len() <= EMAIL_BYTES_MAX;
        is_valid.then_some(Self(email))
    }

    /// The address as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Email {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_trimmed_lowercased_and_validated() {
        assert_eq!(Email::parse("  Ada@Example.ORG ").unwrap().as_str(), "ada@example.org");
        assert!(Email::parse("\"odd@local\"@example.org").is_some());
        let too_long = format!("{}@example.org", "x".repeat(254));
        for bad in ["", "ada", "@example.org", "ada@", "ada@host", "a b@c.de", "a@b..c", &too_long]
        {
            assert_eq!(Email::parse(bad), None, "{bad}");
        }
    }
}
