//! Errors of the `user` command.

use std::fmt;
use std::io;

use crate::auth::{Email, PASSWORD_BYTES_MAX, PASSWORD_CHARS_MIN, PasswordError, WeakPassword};
use crate::mail::MailError;
use crate::storage::StorageError;

/// A report with a link. `Debug` hides it.
pub struct LinkReport(pub(super) String);

impl fmt::Debug for LinkReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("LinkReport(…)")
    }
}

/// An account cannot be administrated.
#[derive(Debug)]
pub enum UserError {
    /// The database is unavailable.
    Storage(StorageError),
    /// There is no account with this email.
    Unknown(Email),
    /// There is an account with this email.
    EmailTaken(Email),
    /// Invitations are not accepted.
    RegistrationClosed,
    /// The password cannot be chosen.
    WeakPassword(WeakPassword),
    /// Standard input cannot be read.
    Input(io::Error),
    /// The password cannot be hashed.
    Passwords(PasswordError),
    /// No mail server is configured.
    MailOff,
    /// Mails cannot be sent; nothing was changed.
    Mail(MailError),
    /// The link was created, but its mail was not sent. The report has the link.
    NotMailed { report: LinkReport, error: MailError },
    /// The operating system's random number generator failed.
    Random(getrandom::Error),
}

impl UserError {
    /// What to print beside the error: it may have a link, which must not be in a log.
    pub fn report(&self) -> Option<&str> {
        match self {
            Self::NotMailed { report, .. } => Some(&report.0),
            Self::Storage(_)
            | Self::Unknown(_)
            | Self::EmailTaken(_)
            | Self::RegistrationClosed
            | Self::WeakPassword(_)
            | Self::Input(_)
            | Self::Passwords(_)
            | Self::MailOff
            | Self::Mail(_)
            | Self::Random(_) => None,
        }
    }
}

impl fmt::Display for UserError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Storage(error) => error.fmt(f),
            Self::Unknown(email) => {
                write!(f, "there is no account {email}: `wizitime-server user list` prints all")
            }
            Self::EmailTaken(email) => write!(
                f,
                "there is an account {email} already: `wizitime-server user reset-password` \
                 prints a link to set another password"
            ),
            Self::RegistrationClosed => {
                f.write_str("registration is closed: use `user add`, or set registration to invite")
            }
            Self::WeakPassword(WeakPassword::TooShort) => {
                write!(f, "the password needs at least {PASSWORD_CHARS_MIN} characters")
            }
            Self::WeakPassword(WeakPassword::TooLong) => {
                write!(f, "the password can have at most {PASSWORD_BYTES_MAX} bytes")
            }
            Self::WeakPassword(WeakPassword::Common) => {
                f.write_str("the password is used very often and easy to guess: choose another")
            }
            Self::WeakPassword(WeakPassword::Email) => {
                f.write_str("the password cannot be the email: choose another")
            }
            Self::Input(error) => write!(f, "the password cannot be read: {error}"),
            Self::Passwords(error) => error.fmt(f),
            Self::MailOff => f.write_str(
                "--mail needs a mail server: set smtp_url and smtp_from; without --mail the link \
                 is printed",
            ),
            Self::Mail(error) => error.fmt(f),
            Self::NotMailed { error, .. } => write!(f, "the mail was not sent: {error}"),
            Self::Random(error) => write!(f, "no randomness: {error}"),
        }
    }
}

impl std::error::Error for UserError {}

impl From<StorageError> for UserError {
    fn from(error: StorageError) -> Self {
        Self::Storage(error)
    }
}

impl From<PasswordError> for UserError {
    fn from(error: PasswordError) -> Self {
        Self::Passwords(error)
    }
}

impl From<getrandom::Error> for UserError {
    fn from(error: getrandom::Error) -> Self {
        Self::Random(error)
    }
}
