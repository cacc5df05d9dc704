//! Why a mail was not sent, and what the operator can do.

use std::error::Error as _;
use std::fmt;
use std::io;

use lettre::transport::smtp;

/// The longest reply of a mail server that is printed, in characters.
const REPLY_CHARS_MAX: usize = 300;

/// How far a delivery got.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stage {
    /// The connection, with TLS if it begins with TLS.
    Connect,
    /// The command STARTTLS, and TLS after it.
    StartTls,
    /// Name and password.
    SignIn,
    /// The mail itself.
    Send,
}

/// A mail was not sent. `Display` is for the operator's terminal, with a hint; it may quote the
/// mail server. Logs have a fixed reason instead.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum MailError {
    /// The recipient's or the sender's address cannot be that of a mail.
    Address,
    /// TLS cannot be set up on this machine.
    TlsSetup(String),
    /// There is no connection.
    Unreachable(String),
    /// There was no answer in time.
    TimedOut { waited_ms: u64 },
    /// The mail server has no STARTTLS.
    NoStartTls,
    /// TLS failed.
    Tls(String),
    /// The mail server accepts no name and password on this connection.
    NoSignIn,
    /// The mail server refused name and password.
    SignInRefused { code: u16, reply: String },
    /// The mail server will never accept the mail.
    Refused { code: u16, reply: String },
    /// The mail server does not accept the mail now.
    Deferred { code: u16, reply: String },
    /// The address is not ASCII, and the mail server accepts no others.
    NoUtf8,
    /// The mail server does not speak SMTP, or the connection was lost.
    Protocol(String),
}

impl MailError {
    /// What the mail library reports.
    pub(super) fn of(stage: Stage, error: &smtp::Error) -> Self {
        let reply = || printable(&error.source().map_or_else(String::new, ToString::to_string));
        if let Some(code) = error.status().map(u16::from) {
            return match stage {
                Stage::SignIn if error.is_permanent() => {
                    Self::SignInRefused { code, reply: reply() }
                }
                Stage::Connect | Stage::StartTls | Stage::SignIn | Stage::Send => {
                    if error.is_permanent() {
                        Self::Refused { code, reply: reply() }
                    } else {
                        Self::Deferred { code, reply: reply() }
                    }
                }
            };
        }
        if error.is_client() {
            return match stage {
                Stage::StartTls => Self::NoStartTls,
                Stage::SignIn => Self::NoSignIn,
                Stage::Send => Self::NoUtf8,
                Stage::Connect => Self::Protocol(printable(&error.to_string())),
            };
        }
        let is_tls_stage = stage == Stage::Connect || stage == Stage::StartTls;
        match io_error(error) {
            Some(io) if is_tls_stage && io.kind() == io::ErrorKind::InvalidData => {
                Self::Tls(printable(&io.to_string()))
            }
            Some(io) if stage == Stage::Connect && io.kind() != io::ErrorKind::UnexpectedEof => {
                Self::Unreachable(printable(&io.to_string()))
            }
            Some(_) | None => Self::Protocol(printable(&error.to_string())),
        }
    }

    /// Whether another attempt would fail as well.
    pub(super) const fn is_permanent(&self) -> bool {
        match self {
            Self::Address | Self::SignInRefused { .. } | Self::Refused { .. } | Self::NoUtf8 => {
                true
            }
            Self::TlsSetup(_)
            | Self::Unreachable(_)
            | Self::TimedOut { .. }
            | Self::NoStartTls
            | Self::Tls(_)
            | Self::NoSignIn
            | Self::Deferred { .. }
            | Self::Protocol(_) => false,
        }
    }

    /// The reason in the log: nothing that the mail server wrote, which may quote an address.
    pub(super) const fn reason(&self) -> &'static str {
        match self {
            Self::Address => "no_mail_address",
            Self::TlsSetup(_) => "tls_setup",
            Self::Unreachable(_) => "unreachable",
            Self::TimedOut { .. } => "timed_out",
            Self::NoStartTls => "no_starttls",
            Self::Tls(_) => "tls",
            Self::NoSignIn => "no_sign_in",
            Self::SignInRefused { .. } => "sign_in_refused",
            Self::Refused { .. } => "refused",
            Self::Deferred { .. } => "deferred",
            Self::NoUtf8 => "no_utf8",
            Self::Protocol(_) => "protocol",
        }
    }

    /// The code of the mail server's reply.
    pub(super) const fn code(&self) -> Option<u16> {
        match self {
            Self::SignInRefused { code, .. }
            | Self::Refused { code, .. }
            | Self::Deferred { code, .. } => Some(*code),
            Self::Address
            | Self::TlsSetup(_)
            | Self::Unreachable(_)
            | Self::TimedOut { .. }
            | Self::NoStartTls
            | Self::Tls(_)
            | Self::NoSignIn
            | Self::NoUtf8
            | Self::Protocol(_) => None,
        }
    }
}

/// The error of the connection, if it is one.
fn io_error(error: &smtp::Error) -> Option<&io::Error> {
    let mut source = error.source();
    while let Some(error) = source {
        if let Some(io) = error.downcast_ref() {
            return Some(io);
        }
        source = error.source();
    }
    None
}

/// A text of another program on one line, without control characters.
fn printable(text: &str) -> String {
    let plain = text.chars().map(|it| if it.is_control() { ' ' } else { it });
    plain.take(REPLY_CHARS_MAX).collect::<String>().trim().to_owned()
}

impl fmt::Display for MailError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Address => f.write_str("this is not an address that mails can have"),
            Self::TlsSetup(error) => {
                write!(f, "TLS cannot be used: {error}; install the package ca-certificates")
            }
            Self::Unreachable(error) => write!(
                f,
                "the mail server cannot be reached: {error}; check host and port of smtp_url, and \
                 that a firewall lets this machine connect there"
            ),
            Self::TimedOut { waited_ms } => write!(
                f,
                "the mail server did not answer within {waited_ms} ms; many networks block port \
                 25: use 587 with smtp://, or 465 with smtps://"
            ),
            Self::NoStartTls => f.write_str(
                "the mail server offers no STARTTLS; use smtps:// if it has a port with TLS, or \
                 append ?tls=none to smtp_url if the network between is yours",
            ),
            Self::Tls(error) if error.contains("certificate") => write!(
                f,
                "the certificate of the mail server is not accepted: {error}; name the host in \
                 smtp_url as its certificate does, and install an own authority into the system"
            ),
            Self::Tls(error) => write!(
                f,
                "TLS failed: {error}; if the port expects STARTTLS, as 587 and 25 do, use smtp:// \
                 instead of smtps://"
            ),
            Self::NoSignIn => f.write_str(
                "the mail server accepts no name and password on this connection; use an \
                 encrypted one (smtps://, or smtp:// with ?tls=required), or remove USER:PASSWORD",
            ),
            Self::SignInRefused { code, reply } => write!(
                f,
                "the mail server refused name and password: {code} {reply}; check both in \
                 smtp_url. With two-step sign-in a provider needs a password for apps"
            ),
            Self::Refused { code, reply } => write!(
                f,
                "the mail server refused the mail: {code} {reply}; check that it may send as \
                 smtp_from, and that the recipient's address exists"
            ),
            Self::Deferred { code, reply } => write!(
                f,
                "the mail server does not accept the mail now: {code} {reply}; try again in some \
                 minutes"
            ),
            Self::NoUtf8 => f.write_str(
                "the address has letters outside ASCII, and the mail server accepts none \
                 (SMTPUTF8)",
            ),
            Self::Protocol(error) => write!(
                f,
                "the connection to the mail server failed: {error}; check that the port is one \
                 for SMTP, and that smtp:// or smtps:// fits it"
            ),
        }
    }
}

impl std::error::Error for MailError {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn replies_are_printed_on_one_short_line() {
        let reply = format!("5.1.1 no\r\nsuch\u{1b}[1m user{}", "x".repeat(1_000));
        let printed = printable(&reply);
        assert!(printed.starts_with("5.1.1 no  such [1m user"), "{printed}");
        assert_eq!(printed.chars().count(), REPLY_CHARS_MAX);
    }
}
