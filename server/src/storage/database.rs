//! Which database it is: a file, or the URL of a PostgreSQL.

use std::fmt;
use std::net::IpAddr;
use std::path::PathBuf;
use std::str::FromStr;

use sqlx::postgres::{PgConnectOptions, PgSslMode};

const SCHEMES: [&str; 2] = ["postgres://", "postgresql://"];
/// What a URL may set. The driver logs the values of what it does not know, and one of them may be
/// a password under a misspelt name.
const PARAMETERS: [&str; 9] =
    ["dbname", "host", "password", "port", "sslcert", "sslkey", "sslmode", "sslrootcert", "user"];
/// What the database calls our connections: whoever is to replace the accounts looks for them.
pub(super) const APPLICATION: &str = "wizitime-server";

/// Where the accounts are kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Database {
    /// An SQLite file.
    File(PathBuf),
    /// A PostgreSQL database.
    Postgres(PostgresUrl),
}

/// The URL of a PostgreSQL database. It is shown without its password.
#[derive(Clone)]
pub struct PostgresUrl {
    url: String,
    options: Box<PgConnectOptions>,
}

/// A text that names no database that we know. The text itself is not repeated: it may hold a
/// password.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum BadDatabase {
    /// A URL of something else than PostgreSQL.
    Scheme,
    /// A parameter that a URL cannot set.
    Parameter(String),
    /// A URL that cannot be read.
    Unreadable(String),
}

impl FromStr for Database {
    type Err = BadDatabase;

    fn from_str(text: &str) -> Result<Self, BadDatabase> {
        if SCHEMES.iter().any(|scheme| text.starts_with(scheme)) {
            return text.parse().map(Self::Postgres);
        }
        if text.contains("://") || text.starts_with("sqlite:") {
            return Err(BadDatabase::Scheme);
        }
        Ok(Self::File(PathBuf::from(text)))
    }
}

impl FromStr for PostgresUrl {
    type Err = BadDatabase;

    fn from_str(url: &str) -> Result<Self, BadDatabase> {
        let parameters = url.split_once('?').map_or("", |(_, parameters)| parameters);
        let names = parameters.split('&').filter(|part| !part.is_empty());
        let mut names = names.map(|part| part.split_once('=').map_or(part, |(name, _)| name));
        if let Some(name) = names.find(|name| !PARAMETERS.contains(name)) {
            return Err(BadDatabase::Parameter(name.to_owned()));
        }
        let mut options = PgConnectOptions::from_str(url)
            .map_err(|error| BadDatabase::Unreadable(error.to_string()))?;
        // Over a network, "if possible" is what an attacker makes impossible.
        let says_how = parameters.contains("sslmode=");
        if !says_how && !is_local(&options) && matches!(options.get_ssl_mode(), PgSslMode::Prefer) {
            options = options.ssl_mode(PgSslMode::VerifyFull);
        }
        options = options.application_name(APPLICATION);
        Ok(Self { url: url.to_owned(), options: Box::new(options) })
    }
}

/// Whether the connection never leaves this machine.
fn is_local(options: &PgConnectOptions) -> bool {
    let host = options.get_host();
    let address = host.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>();
    options.get_socket().is_some()
        || host.starts_with('/')
        || host == "localhost"
        || address.is_ok_and(|address| address.is_loopback())
}

impl PostgresUrl {
    /// How to connect.
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

impl fmt::Display for BadDatabase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Scheme => f.write_str("expected a file or a URL that begins with postgres://"),
            Self::Parameter(name) => {
                write!(f, "its URL cannot set {name:?}, only {}", PARAMETERS.join(", "))
            }
            Self::Unreadable(reason) => write!(f, "its URL cannot be read: {reason}"),
        }
    }
}

impl std::error::Error for BadDatabase {}

#[cfg(test)]
mod tests;
