//! Parsers of the configuration values.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use tracing::Level;

use super::error::{ConfigError, ConfigSource};
use super::{Config, DEFAULT_APP};
use crate::app_files;
use crate::cidr::Network;
use crate::origin::Origin;
use crate::storage::Database;

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
    match is_app(&folder) {
        true => Ok(folder),
        false => Err(ConfigError::NoApp { source: source.clone(), folder }),
    }
}

/// The app's build folder in the working directory, for a program without an embedded app.
pub(super) fn default_app_dir() -> Option<PathBuf> {
    let folder = PathBuf::from(DEFAULT_APP);
    (!app_files::is_embedded() && is_app(&folder)).then_some(folder)
}

fn is_app(folder: &Path) -> bool {
    folder.join("index.html").is_file()
}

pub(super) fn origin(source: &ConfigSource, value: &str) -> Parsed<Origin> {
    value.parse().map_err(|_| invalid(source, value, "an origin such as https://time.example.org"))
}

pub(super) fn network(source: &ConfigSource, value: &str) -> Parsed<Network> {
    value.parse().map_err(|_| invalid(source, value, "an address, or a network such as 10.0.0.0/8"))
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

fn invalid(source: &ConfigSource, value: &str, expected: &'static str) -> ConfigError {
    ConfigError::BadValue { source: source.clone(), value: value.to_owned(), expected }
}
