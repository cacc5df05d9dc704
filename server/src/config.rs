//! The configuration, from flags, the environment and a file.
//!
//! All three have the same keys. A flag overrides the environment, and the environment overrides
//! the file. All errors of all sources are reported together, also those of overridden values.

mod error;
mod file;
mod flags;
mod key;
mod nearest;
mod oidc;
mod public_url;
mod raw_value;
mod registration;
mod sources;
mod values;
mod variables;

use std::ffi::OsString;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::PathBuf;

use tracing::Level;

use crate::mail::MailConfig;
use crate::oidc::OidcSettings;
use crate::origin::Origin;
use crate::storage::Database;
use crate::trusted_proxies::TrustedProxies;
use crate::write_limiter::WriteLimits;
use sources::Sources;

pub use error::{ConfigError, ConfigSource};
pub(crate) use flags::Flags;
pub(crate) use key::Key;
pub(crate) use nearest::similar;
pub use public_url::PublicUrl;
pub use registration::Registration;
pub use values::LogFormat;

const DEFAULT_DATABASE: &str = "wizitime.db";
const DEFAULT_LISTEN: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 4000);
const DEFAULT_APP: &str = "dist";

/// The configuration of the server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Config {
    pub listen: SocketAddr,
    /// The address of the metrics listener.
    pub metrics_listen: Option<SocketAddr>,
    pub database: Database,
    /// The folder of the app, unless the embedded app is served.
    pub app: Option<PathBuf>,
    /// Cross origins whose pages may connect.
    pub allow_origins: Vec<Origin>,
    /// Proxies whose `X-Forwarded-For` is trusted.
    pub trusted_proxies: TrustedProxies,
    /// The address under which users open the app.
    pub public_url: PublicUrl,
    /// Who may create an account.
    pub registration: Registration,
    /// The provider with which users can sign in.
    pub oidc: Option<OidcSettings>,
    /// How mails are sent, if they are.
    pub mail: Option<MailConfig>,
    /// What an account may write.
    pub write_limits: WriteLimits,
    /// The least severe level that is logged.
    pub log: Level,
    pub log_format: LogFormat,
}

impl Config {
    /// The defaults, without a search for the app folder.
    pub fn new() -> Self {
        Self {
            listen: DEFAULT_LISTEN,
            metrics_listen: None,
            database: Database::File(PathBuf::from(DEFAULT_DATABASE)),
            app: None,
            allow_origins: Vec::new(),
            trusted_proxies: TrustedProxies::default(),
            public_url: PublicUrl::of_listener(DEFAULT_LISTEN),
            registration: Registration::default_for(DEFAULT_LISTEN.ip()),
            oidc: None,
            mail: None,
            write_limits: WriteLimits::default(),
            log: Level::INFO,
            log_format: LogFormat::Text,
        }
    }

    /// Reads the flags, the environment, and the file that either of them names. Also returns a
    /// description of every value and its source.
    ///
    /// # Errors
    /// All errors, not only the first.
    pub(crate) fn read(
        flags: Flags,
        environment: impl IntoIterator<Item = (OsString, OsString)>,
    ) -> Result<(Self, String), Vec<ConfigError>> {
        let mut errors = Vec::new();
        let sources = Sources::collect(flags, environment, &mut errors);
        let default = Self::new();
        let app = sources.one(Key::App, values::app, &mut errors).or_else(values::default_app_dir);
        let listen = sources.one(Key::Listen, values::address, &mut errors);
        let listen = listen.unwrap_or(default.listen);
        let config = Self {
            listen,
            metrics_listen: sources.one(Key::MetricsListen, values::address, &mut errors),
            database: sources
                .one(Key::Database, values::database, &mut errors)
                .unwrap_or(default.database),
            app,
            allow_origins: sources.many(Key::AllowOrigin, values::origin, &mut errors),
            trusted_proxies: sources
                .many(Key::TrustedProxies, values::network, &mut errors)
                .into_iter()
                .collect(),
            public_url: sources
                .one(Key::PublicUrl, values::public_url, &mut errors)
                .unwrap_or_else(|| PublicUrl::of_listener(listen)),
            registration: sources
                .one(Key::Registration, values::registration, &mut errors)
                .unwrap_or(Registration::default_for(listen.ip())),
            oidc: oidc::read(&sources, &mut errors),
            mail: values::mail(&sources, &mut errors),
            write_limits: WriteLimits {
                log_bytes: sources
                    .one(Key::AccountMegabytes, values::megabytes, &mut errors)
                    .unwrap_or(default.write_limits.log_bytes),
                bytes_per_minute: sources
                    .one(Key::AccountMegabytesPerMinute, values::megabytes, &mut errors)
                    .unwrap_or(default.write_limits.bytes_per_minute),
            },
            log: sources.one(Key::Log, values::level, &mut errors).unwrap_or(default.log),
            log_format: sources
                .one(Key::LogFormat, values::log_format, &mut errors)
                .unwrap_or(default.log_format),
        };
        values::check_addresses(&config, &mut errors);
        oidc::check(&config, &mut errors);
        if !errors.is_empty() {
            return Err(errors);
        }
        let description = config.describe(&sources);
        Ok((config, description))
    }

    /// One line for each key: the value and its source.
    fn describe(&self, sources: &Sources) -> String {
        let none = || "none".to_owned();
        let list = |texts: Vec<String>| if texts.is_empty() { none() } else { texts.join(", ") };
        let megabytes = |bytes: u64| (bytes / values::MEGABYTE).to_string();
        let oidc = |value: fn(&OidcSettings) -> String| self.oidc.as_ref().map_or_else(none, value);
        let mut lines = String::new();
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
                    list(self.trusted_proxies.networks().iter().map(ToString::to_string).collect())
                }
                Key::PublicUrl => self.public_url.as_str().to_owned(),
                Key::Registration => self.registration.name().to_owned(),
                Key::OidcIssuer => oidc(|it| it.issuer.as_str().to_owned()),
                Key::OidcClientId => oidc(|it| it.client_id.clone()),
                Key::OidcClientSecret => oidc(|_| "hidden".to_owned()),
                Key::OidcName => oidc(|it| it.name.clone()),
                Key::OidcLinkByEmail => oidc(|it| it.link_by_email.to_string()),
                Key::OidcSignUp => oidc(|it| it.sign_up.to_string()),
                Key::SmtpUrl => self.mail.as_ref().map_or_else(none, |it| it.server.to_string()),
                Key::SmtpFrom => self.mail.as_ref().map_or_else(none, |it| it.from.to_string()),
                Key::AccountMegabytes => megabytes(self.write_limits.log_bytes),
                Key::AccountMegabytesPerMinute => megabytes(self.write_limits.bytes_per_minute),
                Key::Log => self.log.to_string().to_lowercase(),
                Key::LogFormat => self.log_format.name().to_owned(),
            };
            let origin =
                sources.origin_of(key).map_or("by default".to_owned(), |source| source.to_string());
            lines += &format!("{:<28} {value} ({origin})\n", key.name());
        }
        lines
    }
}

impl Default for Config {
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(test)]
mod tests;
