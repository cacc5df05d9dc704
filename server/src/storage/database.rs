//! The database option: an SQLite file or a PostgreSQL URL.

use std::fmt;
use std::net::IpAddr;
use std::path::PathBuf;
use std::str::FromStr;

use sqlx::postgres::{PgConnectOptions, PgSslMode};

const SCHEMES: [&str; 2] = ["postgres://", "postgresql://"];
/// The allowed URL parameters. The driver logs unknown parameters with their values, and a value
/// may be a password under a misspelt name.
const PARAMETERS: [&str; 9] =
    ["dbname", "host", "password", "port", "sslcert", "sslkey", "sslmode", "sslrootcert", "user"];
/// The `application_name` of the connections; restore and migrate use it to detect running servers.
pub(super) const APPLICATION: &str = "wizitime-server";

/// The location of the database.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Database {
    /// An SQLite file.
    File(PathBuf),
    /// A PostgreSQL database.
    Postgres(PostgresUrl),
}

/// The URL of a PostgreSQL database. `Display` and `Debug` omit the password.
#[derive(Clone)]
pub struct PostgresUrl {
    url: String,
    options: Box<PgConnectOptions>,
}

/// The text is not a supported database. The text itself is omitted, because it may contain a
/// password.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ParseDatabaseError {
    /// A URL with another scheme than PostgreSQL.
    Scheme,
    /// The user's name or the password contains a character that ends them in a URL.
    Unescaped(char),
    /// A parameter that is not allowed.
    Parameter(String),
    /// An invalid URL.
    Invalid(String),
}

impl FromStr for Database {
    type Err = ParseDatabaseError;

    fn from_str(text: &str) -> Result<Self, ParseDatabaseError> {
        if SCHEMES.iter().any(|scheme| text.starts_with(scheme)) {
            return text.parse().map(Self::Postgres);
        }
        if text.contains("://") || text.starts_with("sqlite:") {
            return Err(ParseDatabaseError::Scheme);
        }
        Ok(Self::File(PathBuf::from(text)))
    }
}

impl FromStr for PostgresUrl {
    type Err = ParseDatabaseError;

    fn from_str(url: &str) -> Result<Self, ParseDatabaseError> {
        let parameters = check_delimiters(url)?;
        let mut options = PgConnectOptions::from_str(url)
            .map_err(|error| ParseDatabaseError::Invalid(error.to_string()))?;
        // Over a network, `prefer` lets an attacker force an unencrypted connection.
        let has_ssl_mode = parameters.contains("sslmode=");
        if !has_ssl_mode
            && !is_local(&options)
            && matches!(options.get_ssl_mode(), PgSslMode::Prefer)
        {
            options = options.ssl_mode(PgSslMode::VerifyFull);
        }
        options = options.application_name(APPLICATION);
        Ok(Self { url: url.to_owned(), options: Box::new(options) })
    }
}

/// The parameters of a URL, if all are known and nothing suggests that the user's name or the
/// password ended too early, at a character that must be escaped (RFC 3986 §3.2.1).
fn check_delimiters(url: &str) -> Result<&str, ParseDatabaseError> {
    let (_, rest) = url.split_once("://").unwrap_or(("", url));
    if rest.contains('#') {
        return Err(ParseDatabaseError::Unescaped('#'));
    }
    let (location, parameters) = rest.split_once('?').unwrap_or((rest, ""));
    if location.split_once('/').is_some_and(|(_, database)| database.contains('@')) {
        return Err(ParseDatabaseError::Unescaped('/'));
    }
    let names = parameters.split('&').filter(|part| !part.is_empty());
    let mut names = names.map(|part| part.split_once('=').map_or(part, |(name, _)| name));
    match names.find(|name| !PARAMETERS.contains(name)) {
        // The name may be the end of a password.
        Some(_) if parameters.contains('@') => Err(ParseDatabaseError::Unescaped('?')),
        Some(name) => Err(ParseDatabaseError::Parameter(name.to_owned())),
        None => Ok(parameters),
    }
}

/// Whether the connection stays on this machine.
fn is_local(options: &PgConnectOptions) -> bool {
    let host = options.get_host();
    let address = host.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>();
    options.get_socket().is_some()
        || host.starts_with('/')
        || host == "localhost"
        || address.is_ok_and(|address| address.is_loopback())
}

impl PostgresUrl {
    /// The connection options.
    pub(super) fn options(&self) -> PgConnectOptions {
        (*self.options).clone()
    }
}

impl PartialEq for PostgresUrl {
    fn eq(&self, other: &Self) -> bool {
        self.url == other.url
    }
}

impl Eq for PostgresUrl {}

impl fmt::Display for PostgresUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let options = &self.options;
        let database = options.get_database().unwrap_or_else(|| options.get_username());
        write!(f, "postgres://{}@", options.get_username())?;
        match options.get_socket() {
            Some(socket) => write!(f, "{}/{database}", socket.display()),
            None => write!(f, "{}:{}/{database}", options.get_host(), options.get_port()),
        }
    }
}

impl fmt::Debug for PostgresUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl fmt::Display for Database {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(path) => path.display().fmt(f),
            Self::Postgres(url) => url.fmt(f),
        }
    }
}

impl fmt::Display for ParseDatabaseError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Scheme => f.write_str("expected a file or a URL that begins with postgres://"),
            Self::Unescaped(character) => write!(
                f,
                "the URL contains {character:?}; in a name or a password write it as %{:02X}",
                u32::from(*character)
            ),
            Self::Parameter(name) => {
                write!(f, "the URL cannot set {name:?}, only {}", PARAMETERS.join(", "))
            }
            Self::Invalid(reason) => write!(f, "invalid URL: {reason}"),
        }
    }
}

impl std::error::Error for ParseDatabaseError {}

#[cfg(test)]
mod tests;
