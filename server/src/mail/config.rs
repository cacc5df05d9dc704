//! How the server sends mails.

use super::{SenderAddress, SmtpUrl};

/// The mail server and the sender.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MailConfig {
    pub server: SmtpUrl,
    pub from: SenderAddress,
}
