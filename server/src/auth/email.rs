//! The name of an account.

use std::fmt;

/// The longest address there is (RFC 5321 §4.5.3.1.3), in bytes.
const EMAIL_BYTES_MAX: usize = 254;

/// An email address, trimmed and in lower case: one account for each, however it is typed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Email(String);

impl Email {
    /// Reads an address. Only what is certainly none is refused: whether one exists, only a mail
    /// can tell.
    pub fn parse(text: &str) -> Option<Self> {
        let email = text.trim().to_lowercase();
        let (local, domain) = email.rsplit_once('@')?;
        let plain = !email.chars().any(|it| it.is_whitespace() || it.is_control());
        let labels = domain.contains('.') && domain.split('.').all(|label| !label.is_empty());
        let sound = !local.is_empty() && plain && labels && email.len() <= EMAIL_BYTES_MAX;
        sound.then_some(Self(email))
    }

    /// The address.
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
    fn addresses_are_trimmed_lowered_and_checked() {
        assert_eq!(Email::parse("  Ada@Example.ORG ").unwrap().as_str(), "ada@example.org");
        assert!(Email::parse("\"odd@local\"@example.org").is_some());
        let too_long = format!("{}@example.org", "x".repeat(254));
        for bad in ["", "ada", "@example.org", "ada@", "ada@host", "a b@c.de", "a@b..c", &too_long]
        {
            assert_eq!(Email::parse(bad), None, "{bad}");
        }
    }
}
