//! Sends mails, each on a connection of its own.

use std::fmt;
use std::net::IpAddr;
use std::time::Duration;

use idna::domain_to_ascii;
use lettre::Message;
use lettre::address::Envelope;
use lettre::message::header::{ContentType, HeaderName, HeaderValue, MIME_VERSION_1_0};
use lettre::transport::smtp::authentication::{Credentials, Mechanism};
use lettre::transport::smtp::client::{AsyncSmtpConnection, TlsParameters};
use lettre::transport::smtp::extension::ClientId;
use tokio::time::timeout;

use super::address::address;
use super::error::Stage;
use super::smtp_url::Encryption;
use super::{Mail, MailConfig, MailError, SenderAddress, SmtpUrl};
use crate::config::PublicUrl;
use crate::random;

/// How long the connection to one address of the mail server may take.
const CONNECTION_MS_MAX: u64 = 10_000;
/// How long a mail may take in all. Mail servers delay their greeting on purpose, to repel spam.
const SENDING_MS_MAX: u64 = 30_000;
/// How long the end of a connection may take, after the mail was accepted.
const QUIT_MS_MAX: u64 = 1_000;
/// Random bytes of a message id.
const MESSAGE_ID_BYTES: usize = 16;
/// Programs must not answer (RFC 3834 §5).
const AUTO_SUBMITTED: (&str, &str) = ("Auto-Submitted", "auto-generated");

/// Sends mails through the configured server.
pub struct Mailer {
    server: SmtpUrl,
    from: SenderAddress,
    hello: ClientId,
    tls: Option<TlsParameters>,
}

impl Mailer {
    /// # Errors
    /// If TLS cannot be set up.
    pub fn new(config: &MailConfig, public_url: &PublicUrl) -> Result<Self, MailError> {
        let server = config.server.clone();
        let tls = match server.encryption() {
            Encryption::None => None,
            Encryption::Tls | Encryption::StartTls => {
                let tls = TlsParameters::new(server.host().to_owned());
                Some(tls.map_err(|error| MailError::TlsSetup(error.to_string()))?)
            }
        };
        let (from, hello) = (config.from.clone(), client_id(public_url.host()));
        Ok(Self { server, from, hello, tls })
    }

    /// The mail server, without the password.
    pub const fn server(&self) -> &SmtpUrl {
        &self.server
    }

    /// Sends a mail. The mail server has accepted it afterwards.
    ///
    /// # Errors
    /// If it did not.
    pub async fn send(&self, mail: &Mail) -> Result<(), MailError> {
        let (envelope, message) = self.compose(mail)?;
        let sending = timeout(Duration::from_millis(SENDING_MS_MAX), async {
            let mut connection = self.connect().await?;
            let sent = connection.send(&envelope, &message).await;
            sent.map_err(|error| MailError::of(Stage::Send, &error))?;
            Ok(connection)
        });
        let mut connection =
            sending.await.map_err(|_| MailError::TimedOut { waited_ms: SENDING_MS_MAX })??;
        // The mail is accepted, whatever becomes of the connection.
        let _ = timeout(Duration::from_millis(QUIT_MS_MAX), connection.quit()).await;
        Ok(())
    }

    async fn connect(&self) -> Result<AsyncSmtpConnection, MailError> {
        let (server, tls) = (&self.server, self.tls.clone());
        let (wrapper, starttls) = match server.encryption() {
            Encryption::Tls => (tls, None),
            Encryption::StartTls => (None, tls),
            Encryption::None => (None, None),
        };
        let connecting = AsyncSmtpConnection::connect_tokio1(
            (server.host(), server.port()),
            Some(Duration::from_millis(CONNECTION_MS_MAX)),
            &self.hello,
            wrapper,
            None,
        );
        let mut connection =
            connecting.await.map_err(|error| MailError::of(Stage::Connect, &error))?;
        if let Some(tls) = starttls {
            let started = connection.starttls(tls, &self.hello).await;
            started.map_err(|error| MailError::of(Stage::StartTls, &error))?;
        }
        if let Some(login) = server.login() {
            let credentials = Credentials::new(login.user.clone(), login.password.clone());
            let mechanisms = [Mechanism::Plain, Mechanism::Login];
            let signed_in = connection.auth(&mechanisms, &credentials).await;
            signed_in.map_err(|error| MailError::of(Stage::SignIn, &error))?;
        }
        Ok(connection)
    }

    /// The envelope and the message (RFC 5322).
    fn compose(&self, mail: &Mail) -> Result<(Envelope, Vec<u8>), MailError> {
        let (to, from) = (address(&mail.to)?, self.from.mailbox());
        let envelope = Envelope::new(Some(from.email.clone()), vec![to.clone()]);
        let envelope = envelope.map_err(|_| MailError::Address)?;
        let (name, value) = AUTO_SUBMITTED;
        let auto_submitted =
            HeaderValue::new(HeaderName::new_from_ascii_str(name), value.to_owned());
        let message = Message::builder()
            .from(from.clone())
            .to(to.into())
            .subject(mail.subject)
            .message_id(Some(message_id(from.email.domain())?))
            .header(MIME_VERSION_1_0)
            .header(ContentType::TEXT_PLAIN)
            .raw_header(auto_submitted)
            .body(mail.text.clone());
        Ok((envelope, message.map_err(|_| MailError::Address)?.formatted()))
    }
}

fn message_id(domain: &str) -> Result<String, MailError> {
    let bytes = random::bytes::<MESSAGE_ID_BYTES>();
    let bytes = bytes.map_err(|error| MailError::Protocol(error.to_string()))?;
    let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    Ok(format!("<{hex}@{domain}>"))
}

/// The name with which the server introduces itself: that of its public address.
fn client_id(host: &str) -> ClientId {
    match host.trim_start_matches('[').trim_end_matches(']').parse() {
        Ok(IpAddr::V4(ip)) => ClientId::Ipv4(ip),
        Ok(IpAddr::V6(ip)) => ClientId::Ipv6(ip),
        Err(_) => domain_to_ascii(host).map_or_else(|_| ClientId::default(), ClientId::Domain),
    }
}

impl fmt::Debug for Mailer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Mailer").field("server", &self.server).finish_non_exhaustive()
    }
}
