//! What the server is told: by flags, by its environment and by a file.
//!
//! The same keys everywhere. A flag wins over the environment, the environment over the file; what
//! is wrong in any of them is said, even if another one wins, and all of it at once.

mod error;
mod file;
mod given;
mod key;
mod usage;
mod values;

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::PathBuf;

use tracing::Level;

use crate::client_address::Network;
use crate::origin::Origin;
use crate::storage::Database;
use given::Given;
use key::Key;

pub use error::{ConfigError, Place};
pub use usage::USAGE;
pub use values::LogFormat;

const DEFAULT_DATABASE: &str = "wizitime.db";
const DEFAULT_LISTEN: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 4000);
const DEFAULT_APP: &str = "dist";

/// How the server is set up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Config {
    pub listen: SocketAddr,
    /// Where the figures can be read, if anywhere.
    pub metrics_listen: Option<SocketAddr>,
    pub database: Database,
    /// The folder of the app, if it is to come from one.
    pub app: Option<PathBuf>,
    /// Other origins whose pages may connect.
    pub allow_origins: Vec<Origin>,
    /// Whose word on where a request comes from is believed.
    pub trusted_proxies: Vec<Network>,
    /// What is logged: this and what is graver.
    pub log: Level,
    pub log_format: LogFormat,
}

impl Config {
    /// What holds where nothing is said. The app is not looked for.
    pub fn new() -> Self {
        Self {
            listen: DEFAULT_LISTEN,
            metrics_listen: None,
            database: Database::File(PathBuf::from(DEFAULT_DATABASE)),
            app: None,
            allow_origins: Vec::new(),
            trusted_proxies: Vec::new(),
            log: Level::INFO,
            log_format: LogFormat::Text,
        }
    }

    /// Reads the arguments (without the program's name), the environment, and the file that either
    /// of them names.
    ///
    /// # Errors
    /// Everything that is wrong, not just the first.
    pub fn read(
        arguments: impl IntoIterator<Item = String>,
        environment: impl Fn(&str) -> Option<String>,
    ) -> Result<Self, Vec<ConfigError>> {
        Self::read_and_tell(arguments, environment).map(|(config, _)| config)
    }

    /// Does the same, and says in words what holds and where it comes from.
    ///
    /// # Errors
    /// Everything that is wrong, not just the first.
    pub fn read_and_tell(
        arguments: impl IntoIterator<Item = String>,
        environment: impl Fn(&str) -> Option<String>,
    ) -> Result<(Self, String), Vec<ConfigError>> {
        let mut errors = Vec::new();
        let given = Given::gather(arguments, environment, &mut errors);
        let default = Self::new();
        let app = given.one(Key::App, values::app, &mut errors).or_else(values::app_nearby);
        let config = Self {
            listen: given.one(Key::Listen, values::address, &mut errors).unwrap_or(default.listen),
            metrics_listen: given.one(Key::MetricsListen, values::address, &mut errors),
            database: given
                .one(Key::Database, values::database, &mut errors)
                .unwrap_or(default.database),
            app,
            allow_origins: given.many(Key::AllowOrigin, values::origin, &mut errors),
            trusted_proxies: given.many(Key::TrustedProxies, values::network, &mut errors),
            log: given.one(Key::Log, values::level, &mut errors).unwrap_or(default.log),
            log_format: given
                .one(Key::LogFormat, values::log_format, &mut errors)
                .unwrap_or(default.log_format),
        };
        values::check_addresses(&config, &mut errors);
        if !errors.is_empty() {
            return Err(errors);
        }
        let told = config.tell(&given);
        Ok((config, told))
    }

    /// One line for each key: what holds, and who said so.
    fn tell(&self, given: &Given) -> String {
        let none = || "none".to_owned();
        let list = |texts: Vec<String>| if texts.is_empty() { none() } else { texts.join(", ") };
        let mut told = String::new();
        for key in Key::ALL {
            let value = match key {
                Key::Config => continue,
                Key::Listen => self.listen.to_string(),
                Key::MetricsListen => {
                    self.metrics_listen.map_or_else(none, |address| address.to_string())
                }
                Key::Database => self.database.to_string(),
                Key::App => match &self.app {
                    Some(folder) => folder.display().to_string(),
                    None if crate::app_files::is_embedded() => "in the program".to_owned(),
                    None => none(),
                },
                Key::AllowOrigin => {
                    list(self.allow_origins.iter().map(|it| it.as_str().to_owned()).collect())
                }
                Key::TrustedProxies => {
                    list(self.trusted_proxies.iter().map(ToString::to_string).collect())
                }
                Key::Log => self.log.to_string().to_lowercase(),
                Key::LogFormat => self.log_format.name().to_owned(),
            };
            let by = given.winner(key).map_or("by default".to_owned(), |place| place.to_string());
            told += &format!("{:<15} {value} ({by})\n", key.name());
        }
        told
    }
}

impl Default for Config {
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(test)]
mod tests;
