//! Mails: links for users, through the operator's mail server. Off unless it is configured.

mod address;
mod command;
mod config;
mod error;
mod mailer;
mod queue;
mod smtp_url;
mod texts;

use std::fmt;

pub use address::SenderAddress;
pub use command::{MailTest, MailTestError, run};
pub use config::MailConfig;
pub use error::MailError;
pub use mailer::Mailer;
pub(crate) use queue::{MailQueue, QueuedMail};
pub use smtp_url::{ParseSmtpUrlError, SmtpUrl};
pub(crate) use texts::{invitation, link_of_operator, new_password, password_reset};

/// A mail. `Debug` hides its text, which has a link.
#[derive(Clone, PartialEq, Eq)]
pub struct Mail {
    /// The email of the recipient.
    pub to: String,
    pub subject: &'static str,
    /// Plain text.
    pub text: String,
}

impl fmt::Debug for Mail {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Mail").field("subject", &self.subject).finish_non_exhaustive()
    }
}
