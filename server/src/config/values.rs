//! What each value has to look like.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use tracing::Level;

use super::error::{ConfigError, Place};
use super::{Config, DEFAULT_APP};
use crate::app_files;
use crate::client_address::Network;
use crate::origin::Origin;
use crate::storage::Database;

/// How the log is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogFormat {
    /// For people.
    Text,
    /// One JSON object in each line.
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

type Read<T> = Result<T, ConfigError>;

pub(super) fn address(place: &Place, value: &str) -> Read<SocketAddr> {
    value.parse().map_err(|_| bad(place, value, "an address and a port such as 127.0.0.1:4000"))
}

pub(super) fn database(place: &Place, value: &str) -> Read<Database> {
    value.parse().map_err(|error| ConfigError::Database { place: place.clone(), error })
}

pub(super) fn app(place: &Place, value: &str) -> Read<PathBuf> {
    let folder = PathBuf::from(value);
    match is_app(&folder) {
        true => Ok(folder),
        false => Err(ConfigError::NoApp { place: place.clone(), folder }),
    }
}

/// Where the app's build leaves it, for a program that has none in it.
pub(super) fn app_nearby() -> Option<PathBuf> {
    let folder = PathBuf::from(DEFAULT_APP);
    (!app_files::is_embedded() && is_app(&folder)).then_some(folder)
}

fn is_app(folder: &Path) -> bool {
    folder.join("index.html").is_file()
}

pub(super) fn origin(place: &Place, value: &str) -> Read<Origin> {
    value.parse().map_err(|_| bad(place, value, "an origin such as https://time.example.org"))
}

pub(super) fn network(place: &Place, value: &str) -> Read<Network> {
    value.parse().map_err(|_| bad(place, value, "an address, or a network such as 10.0.0.0/8"))
}

pub(super) fn level(place: &Place, value: &str) -> Read<Level> {
    match &*value.to_ascii_lowercase() {
        "error" => Ok(Level::ERROR),
        "warn" => Ok(Level::WARN),
        "info" => Ok(Level::INFO),
        "debug" => Ok(Level::DEBUG),
        _ => Err(bad(place, value, "error, warn, info or debug")),
    }
}

pub(super) fn log_format(place: &Place, value: &str) -> Read<LogFormat> {
    match value {
        "text" => Ok(LogFormat::Text),
        "json" => Ok(LogFormat::Json),
        _ => Err(bad(place, value, "text or json")),
    }
}

pub(super) fn check_addresses(config: &Config, errors: &mut Vec<ConfigError>) {
    if config.metrics_listen == Some(config.listen) && config.listen.port() != 0 {
        errors.push(ConfigError::SameAddress);
    }
}

fn bad(place: &Place, value: &str, expected: &'static str) -> ConfigError {
    ConfigError::BadValue { place: place.clone(), value: value.to_owned(), expected }
}
