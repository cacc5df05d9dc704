//! Addresses as the mail library takes them. It refuses line breaks and other characters that end
//! a header or a command.

use std::fmt;
use std::str::FromStr;

use idna::domain_to_ascii;
use lettre::Address;
use lettre::message::Mailbox;

use super::MailError;

/// The sender of all mails: an address, or a name and an address in angle brackets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SenderAddress(Mailbox);

impl SenderAddress {
    pub(super) const fn mailbox(&self) -> &Mailbox {
        &self.0
    }
}

impl FromStr for SenderAddress {
    type Err = MailError;

    fn from_str(text: &str) -> Result<Self, MailError> {
        if text.chars().any(char::is_control) {
            return Err(MailError::Address);
        }
        let mailbox: Mailbox = text.trim().parse().map_err(|_| MailError::Address)?;
        let email = address(mailbox.email.as_ref())?;
        Ok(Self(Mailbox::new(mailbox.name, email)))
    }
}

impl fmt::Display for SenderAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// The address of an account, with its domain in ASCII, which every mail server understands.
///
/// # Errors
/// If mails cannot have this address: names of accounts need not be addresses.
pub(super) fn address(email: &str) -> Result<Address, MailError> {
    let (local, domain) = email.rsplit_once('@').ok_or(MailError::Address)?;
    let domain = domain_to_ascii(domain).map_err(|_| MailError::Address)?;
    Address::new(local, domain).map_err(|_| MailError::Address)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::auth::Email;

    #[test]
    fn sender_has_a_name_or_none() {
        for (text, expected) in [
            ("time@example.org", "time@example.org"),
            ("WiziTime <time@example.org>", "WiziTime <time@example.org>"),
            ("\"Wizi, Time\" <time@b\u{fc}cher.example>", "<time@xn--bcher-kva.example>"),
        ] {
            let sender: SenderAddress = text.parse().unwrap();
            assert!(sender.to_string().contains(expected), "{sender}");
        }
        for bad in ["", "time", "a@b.c, d@e.f", "a@b.c\r\nBcc: d@e.f", "A\r\nBcc: d@e.f <a@b.c>"] {
            assert!(bad.parse::<SenderAddress>().is_err(), "{bad:?}");
        }
    }

    #[test]
    fn domains_are_in_ascii() {
        let address = |email: &str| super::address(email).unwrap().to_string();
        assert_eq!(address("ada@b\u{fc}cher.example"), "ada@xn--bcher-kva.example");
        assert_eq!(address("me@nas"), "me@nas");
        assert_eq!(address("\"odd@local\"@example.org"), "\"odd@local\"@example.org");
    }

    /// Whatever an account is named, no further recipient, command or header comes of it.
    #[test]
    fn names_that_end_a_header_or_a_command_are_refused() {
        for name in [
            "ada@example.org\r\nbcc: eve@example.org",
            "ada\r\n@example.org",
            "ada@example.org>,<eve@example.org",
            "a,eve@example.org",
            "<ada@example.org>",
            "\"a\r\nbcc: eve@example.org\"@example.org",
            "ada@example.org\0",
            "ada@exam\u{2028}ple.org",
        ] {
            assert!(super::address(name).is_err(), "{name:?}");
            let is_plain = |email: Email| !email.as_str().chars().any(char::is_control);
            assert!(Email::parse(name).is_none_or(is_plain), "{name:?}");
        }
    }
}
