//! The `mail-test` command.

use std::fmt;

use super::{MailError, Mailer, texts};
use crate::auth::Email;
use crate::config::Config;

/// Sends a test mail.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MailTest {
    /// The recipient.
    pub to: Email,
}

/// The test mail was not sent.
#[derive(Debug)]
pub enum MailTestError {
    /// No mail server is configured.
    Off,
    /// The mail server did not accept it.
    Mail(MailError),
}

impl fmt::Display for MailTestError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Off => f.write_str("no mail server is configured: set smtp_url and smtp_from"),
            Self::Mail(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for MailTestError {}

/// Runs the command and returns its report.
///
/// # Errors
/// If the mail was not sent.
pub async fn run(command: &MailTest, config: &Config) -> Result<String, MailTestError> {
    let mail = config.mail.as_ref().ok_or(MailTestError::Off)?;
    let mailer = Mailer::new(mail, &config.public_url).map_err(MailTestError::Mail)?;
    let to = command.to.as_str();
    mailer.send(&texts::test(to)).await.map_err(MailTestError::Mail)?;
    let (server, from) = (mailer.server(), &mail.from);
    Ok(format!(
        "{server} accepted a test mail from {from} to {to}. If it does not arrive, look among the \
         spam, and ask the operator of the mail server.\n"
    ))
}
