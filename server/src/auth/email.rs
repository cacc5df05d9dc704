//! The email address that names an account.

use std::fmt;

use idna::domain_to_unicode;
use unicode_normalization::UnicodeNormalization as _;

/// The longest address (RFC 5321 §4.5.3.1.3).
const EMAIL_BYTES_MAX: usize = 254;

/// An email address, normalised, so that one address is one account: trimmed, in lower case, the
/// local part in NFC (RFC 6532 §3.1), the domain mapped by UTS #46.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Email {
    normalised: String,
    /// Trimmed and in lower case, where that differs. Earlier versions stored it in this form.
    lowercase: Option<String>,
}

impl Email {
    /// Parses an address, also one of the local network such as `me@nas`. Only certainly invalid
    /// addresses are refused, because only a delivered mail proves that an address exists.
    pub fn parse(text: &str) -> Option<Self> {
        let lowercase = text.trim().to_lowercase();
        let (local, domain) = lowercase.rsplit_once('@')?;
        let (domain, mapped) = domain_to_unicode(domain);
        mapped.ok()?;
        let normalised = format!("{}@{domain}", local.nfc());
        let is_plain = |it: char| !it.is_whitespace() && !it.is_control();
        let has_labels = domain.split('.').all(|label| !label.is_empty());
        let is_valid = !local.is_empty()
            && normalised.chars().all(is_plain)
            && has_labels
            && normalised.len().max(lowercase.len()) <= EMAIL_BYTES_MAX;
        let lowercase = (lowercase != normalised).then_some(lowercase);
        is_valid.then_some(Self { normalised, lowercase })
    }

    /// The normalised address.
    pub fn as_str(&self) -> &str {
        &self.normalised
    }

    /// The forms in which an account may have it.
    pub fn forms(&self) -> impl Iterator<Item = &str> {
        std::iter::once(&*self.normalised).chain(self.lowercase.as_deref())
    }
}

impl fmt::Display for Email {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.normalised)
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
        assert_eq!(Email::parse("me@NAS").unwrap().as_str(), "me@nas");
        for bad in ["", "ada", "@example.org", "ada@", "ada@.", "a b@c.de", "a@b..c", &too_long] {
            assert_eq!(Email::parse(bad), None, "{bad}");
        }
    }

    #[test]
    fn forms_of_one_address_are_equal() {
        let parse = |text: &str| Email::parse(text).unwrap();
        for (typed, normalised) in [
            ("Rene\u{301}@example.org", "ren\u{e9}@example.org"),
            ("ada@Bu\u{308}cher.example", "ada@b\u{fc}cher.example"),
            ("ada@xn--bcher-kva.example", "ada@b\u{fc}cher.example"),
            ("ada@\u{ff45}xample\u{3002}org", "ada@example.org"),
        ] {
            assert_eq!(parse(typed).as_str(), normalised);
            assert_eq!(parse(typed).forms().last(), Some(&*typed.to_lowercase()));
        }
        assert_eq!(parse("ada@example.org").forms().count(), 1);
        assert_eq!(Email::parse("ada@xn--a.example"), None, "no such label");
    }
}
