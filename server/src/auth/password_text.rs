//! A password as the user typed it, and the rules for a new one.

use std::fmt;

use precis_profiles::OpaqueString;
use precis_profiles::precis_core::profile::PrecisFastInvocation as _;
use serde::Deserialize;

use super::email::Email;

/// The shortest password, in characters.
pub const PASSWORD_CHARS_MIN: usize = 8;
/// The longest password, in bytes.
pub const PASSWORD_BYTES_MAX: usize = 1_000;

/// A password. Keyboards and systems encode some characters differently, so it is compared in its
/// normalised form (RFC 8265 §4.2). `Debug` hides it.
#[derive(Clone, Deserialize)]
#[serde(from = "String")]
pub struct PasswordText {
    normalised: String,
    /// As typed, where that differs. Earlier versions hashed it in this form.
    typed: Option<String>,
}

/// Why a password cannot be chosen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WeakPassword {
    /// Fewer than [`PASSWORD_CHARS_MIN`] characters.
    TooShort,
    /// More than [`PASSWORD_BYTES_MAX`] bytes.
    TooLong,
    /// One of the passwords that attackers try first.
    Common,
    /// The email of the account, or the part before the `@`.
    Email,
}

impl From<String> for PasswordText {
    fn from(typed: String) -> Self {
        // Text without a normalised form, such as one with a control character, is used as typed.
        let normalised = OpaqueString::enforce(&*typed).map(|it| it.into_owned());
        match normalised {
            Ok(normalised) if normalised != typed => Self { normalised, typed: Some(typed) },
            Ok(_) | Err(_) => Self { normalised: typed, typed: None },
        }
    }
}

impl PasswordText {
    /// Whether the password can be chosen for the account with this email.
    ///
    /// # Errors
    /// The first rule that it breaks.
    pub fn check(&self, email: &Email) -> Result<(), WeakPassword> {
        if self.normalised.chars().count() < PASSWORD_CHARS_MIN {
            return Err(WeakPassword::TooShort);
        }
        if self.is_too_long() {
            return Err(WeakPassword::TooLong);
        }
        let lowercase = self.normalised.to_lowercase();
        let local_part = email.as_str().rsplit_once('@').map(|(local_part, _)| local_part);
        if lowercase == email.as_str() || Some(&*lowercase) == local_part {
            return Err(WeakPassword::Email);
        }
        match is_common(&self.normalised) || is_common(&lowercase) {
            true => Err(WeakPassword::Common),
            false => Ok(()),
        }
    }

    /// Whether it is longer than a password can be.
    pub(crate) fn is_too_long(&self) -> bool {
        self.forms().any(|form| form.len() > PASSWORD_BYTES_MAX)
    }

    /// The form that is hashed.
    pub(super) fn normalised(&self) -> &str {
        &self.normalised
    }

    /// The forms in which a stored hash may have it.
    pub(super) fn forms(&self) -> impl Iterator<Item = &str> {
        std::iter::once(&*self.normalised).chain(self.typed.as_deref())
    }
}

impl fmt::Debug for PasswordText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PasswordText")
    }
}

fn is_common(password: &str) -> bool {
    passwords::analyzer::is_common_password(password)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(password: &str) -> Result<(), WeakPassword> {
        let email = Email::parse("ada.lovelace@example.org").unwrap();
        PasswordText::from(password.to_owned()).check(&email)
    }

    #[test]
    fn common_passwords_and_the_own_email_are_refused() {
        for common in ["12345678", "password1", "PassWord1", "qwertyuiop", "iloveyou"] {
            assert_eq!(check(common), Err(WeakPassword::Common), "{common}");
        }
        for own in ["ada.lovelace@example.org", "Ada.Lovelace@Example.ORG", "ada.lovelace"] {
            assert_eq!(check(own), Err(WeakPassword::Email), "{own}");
        }
        for good in
            ["correct horse", "ada.lovelace 1843", "\u{fc}b\u{fc}ng macht", "\u{1f642}e2e4d7d5"]
        {
            assert_eq!(check(good), Ok(()), "{good}");
        }
    }

    #[test]
    fn length_of_a_password_is_limited() {
        assert_eq!(check("seven77"), Err(WeakPassword::TooShort));
        assert_eq!(
            check("\u{fc}\u{fc}\u{fc}\u{fc}\u{fc}\u{fc}\u{fc}"),
            Err(WeakPassword::TooShort)
        );
        assert_eq!(check(&"x".repeat(PASSWORD_BYTES_MAX + 1)), Err(WeakPassword::TooLong));
        assert_eq!(check(&"x7".repeat(PASSWORD_BYTES_MAX / 2)), Ok(()));
    }

    #[test]
    fn forms_of_one_password_are_equal() {
        let normalised = |text: &str| PasswordText::from(text.to_owned()).normalised;
        // Composed and decomposed; a no-break space and a space.
        assert_eq!(normalised("Caf\u{e9}\u{a0}noir"), normalised("Cafe\u{301} noir"));
        // Upper and lower case are different.
        assert_ne!(normalised("Caf\u{e9} noir"), normalised("caf\u{e9} noir"));
        let with_control = "tab\tseparated";
        assert_eq!(normalised(with_control), with_control);
    }

    #[test]
    fn debug_output_hides_the_password() {
        let password = PasswordText::from("geheim geheim\u{a0}".to_owned());
        assert_eq!(format!("{password:?}"), "PasswordText");
    }
}
