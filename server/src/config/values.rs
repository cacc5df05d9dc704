//! Parsers of the configuration values.

use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;

use ipnet::IpNet;
use tracing::Level;

use super::error::{ConfigError, ConfigSource};
use super::key::Key;
use super::sources::Sources;
use super::{Config, DEFAULT_APP, PublicUrl, Registration};
use crate::access;
use crate::app_files;
use crate::mail::{MailConfig, SenderAddress, SmtpUrl};
use crate::origin::Origin;
use crate::storage::Database;
use crate::trusted_proxies::parse_network;

/// The format of the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogFormat {
    /// Human-readable lines.
    Text,
    /// One JSON object per line.
    Json,
}

impl LogFormat {
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Json => "json",
        }
    }
}

/// The file that every build of the app has.
const INDEX: &str = "index.html";

type Parsed<T> = Result<T, ConfigError>;

pub(super) fn address(source: &ConfigSource, value: &str) -> Parsed<SocketAddr> {
    value
        .parse()
        .map_err(|_| invalid(source, value, "an address and a port such as 127.0.0.1:4000"))
}

pub(super) fn database(source: &ConfigSource, value: &str) -> Parsed<Database> {
    value.parse().map_err(|error| ConfigError::Database { source: source.clone(), error })
}

pub(super) fn app(source: &ConfigSource, value: &str) -> Parsed<PathBuf> {
    let folder = PathBuf::from(value);
    let file = folder.join(INDEX);
    match std::fs::File::open(&file) {
        Ok(_) => Ok(folder),
        Err(error) if error.kind() == io::ErrorKind::PermissionDenied => {
            let reason = format!("{error}{}", access::for_reading(&file, &error));
            Err(ConfigError::Unreadable { named_by: source.clone(), file, reason })
        }
        Err(_) => Err(ConfigError::NoApp { source: source.clone(), folder }),
    }
}

/// The app's build folder in the working directory, for a program without an embedded app.
pub(super) fn default_app_dir() -> Option<PathBuf> {
    let folder = PathBuf::from(DEFAULT_APP);
    (!app_files::is_embedded() && folder.join(INDEX).is_file()).then_some(folder)
}

pub(super) fn origin(source: &ConfigSource, value: &str) -> Parsed<Origin> {
    value.parse().map_err(|_| invalid(source, value, "an origin such as https://time.example.org"))
}

pub(super) fn network(source: &ConfigSource, value: &str) -> Parsed<IpNet> {
    parse_network(value)
        .map_err(|_| invalid(source, value, "an address, or a network such as 10.0.0.0/8"))
}

pub(super) fn public_url(source: &ConfigSource, value: &str) -> Parsed<PublicUrl> {
    let expected = "the address of the app, such as https://time.example.org/";
    PublicUrl::parse(value).ok_or_else(|| invalid(source, value, expected))
}

pub(super) fn registration(source: &ConfigSource, value: &str) -> Parsed<Registration> {
    Registration::parse(value).ok_or_else(|| invalid(source, value, "open, invite or closed"))
}

/// The mail server and the sender, which need each other, and the address of the app: a link in a
/// mail must not depend on what a request claims to be sent to.
pub(super) fn mail(sources: &Sources, errors: &mut Vec<ConfigError>) -> Option<MailConfig> {
    let server = sources.one(Key::SmtpUrl, smtp_url, errors);
    let from = sources.one(Key::SmtpFrom, smtp_from, errors);
    let mut require = |key: Key, needed: Key, expected| {
        if let (Some(source), None) = (sources.origin_of(key), sources.origin_of(needed)) {
            let (source, needed) = (source.clone(), needed.name());
            errors.push(ConfigError::Needs { source, needed, expected });
        }
    };
    require(Key::SmtpUrl, Key::SmtpFrom, "the sender, such as WiziTime <time@example.org>");
    require(Key::SmtpFrom, Key::SmtpUrl, "the mail server, such as smtps://mail.example.org");
    require(Key::SmtpUrl, Key::PublicUrl, "the links in mails begin with it");
    Some(MailConfig { server: server?, from: from? })
}

fn smtp_url(source: &ConfigSource, value: &str) -> Parsed<SmtpUrl> {
    value.parse().map_err(|error| ConfigError::MailServer { source: source.clone(), error })
}

fn smtp_from(source: &ConfigSource, value: &str) -> Parsed<SenderAddress> {
    let expected = "an address such as WiziTime <time@example.org>";
    value.parse().map_err(|_| invalid(source, value, expected))
}

/// The unit of sizes in the configuration, in bytes.
pub(super) const MEGABYTE: u64 = 1_000_000;

/// Megabytes, as bytes.
pub(super) fn megabytes(source: &ConfigSource, value: &str) -> Parsed<u64> {
    let bytes = value.parse::<u64>().ok().and_then(|number| number.checked_mul(MEGABYTE));
    bytes.filter(|bytes| *bytes > 0).ok_or_else(|| invalid(source, value, "a number of megabytes"))
}

pub(super) fn level(source: &ConfigSource, value: &str) -> Parsed<Level> {
    match &*value.to_ascii_lowercase() {
        "error" => Ok(Level::ERROR),
        "warn" => Ok(Level::WARN),
        "info" => Ok(Level::INFO),
        "debug" => Ok(Level::DEBUG),
        _ => Err(invalid(source, value, "error, warn, info or debug")),
    }
}

pub(super) fn log_format(source: &ConfigSource, value: &str) -> Parsed<LogFormat> {
    match value {
        "text" => Ok(LogFormat::Text),
        "json" => Ok(LogFormat::Json),
        _ => Err(invalid(source, value, "text or json")),
    }
}

pub(super) fn check_addresses(config: &Config, errors: &mut Vec<ConfigError>) {
    if config.metrics_listen == Some(config.listen) && config.listen.port() != 0 {
        errors.push(ConfigError::SameAddress);
    }
}

pub(super) fn invalid(source: &ConfigSource, value: &str, expected: &'static str) -> ConfigError {
    ConfigError::BadValue { source: source.clone(), value: value.to_owned(), expected }
}
