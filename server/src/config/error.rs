//! What is wrong with the configuration, where, and what would be right.

use std::fmt;
use std::path::PathBuf;

use super::key::Key;
use crate::storage::BadDatabase;

/// Where something was said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// On the command line.
    Flag(&'static str),
    /// In the environment.
    Variable(&'static str),
    /// In a line of the file.
    Line { file: PathBuf, line: usize, key: String },
}

/// One thing that is wrong with the configuration. Values are repeated only where they cannot be a
/// secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ConfigError {
    /// There is no such option.
    UnknownOption(String),
    /// An option, or a command, needs a value.
    ValueMissing(&'static str),
    /// An option was given more than once.
    Repeated(&'static str),
    /// A file has a key that means nothing.
    UnknownKey(Place),
    /// A file cannot be read.
    Unreadable { by: Place, file: PathBuf, reason: String },
    /// A line of a file makes no sense.
    Syntax { file: PathBuf, line: usize, reason: String },
    /// The file's key has a value of another kind.
    NoText { place: Place, found: &'static str, expected: &'static str },
    /// A value cannot be read.
    BadValue { place: Place, value: String, expected: &'static str },
    /// The database cannot be named like this.
    Database { place: Place, error: BadDatabase },
    /// Accounts can be moved to PostgreSQL only.
    NotPostgres,
    /// What follows `migrate-to` names no database.
    BadTarget(BadDatabase),
    /// The app's folder has no `index.html`.
    NoApp { place: Place, folder: PathBuf },
    /// Both listeners are to have one address.
    SameAddress,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Flag(flag) => f.write_str(flag),
            Self::Variable(variable) => f.write_str(variable),
            Self::Line { file, line, key } => write!(f, "{}:{line}: {key}", file.display()),
        }
    }
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::UnknownOption(option) => write!(f, "there is no option {option}; see --help"),
            Self::ValueMissing(option) => write!(f, "{option} needs a value; see --help"),
            Self::Repeated(option) => write!(f, "{option} can be given only once"),
            Self::UnknownKey(place) => {
                let keys = Key::ALL.into_iter().filter(|key| key.is_in_files()).map(Key::name);
                let keys: Vec<_> = keys.collect();
                write!(f, "{place}: there is no such key; the keys are {}", keys.join(", "))
            }
            Self::Unreadable { by, file, reason } => {
                write!(f, "{by}: {} cannot be read: {reason}", file.display())
            }
            Self::Syntax { file, line, reason } => {
                write!(f, "{}:{line}: this is no TOML: {reason}", file.display())
            }
            Self::NoText { place, found, expected } => {
                write!(f, "{place} is of the kind {found}: expected {expected}, in quotes")
            }
            Self::BadValue { place, value, expected } => {
                write!(f, "{place} cannot be {value:?}: expected {expected}")
            }
            Self::Database { place, error } => write!(f, "{place}: {error}; see --help"),
            Self::NotPostgres => f.write_str("migrate-to needs a URL that begins with postgres://"),
            Self::BadTarget(error) => write!(f, "migrate-to: {error}"),
            Self::NoApp { place, folder } => write!(
                f,
                "{place} cannot be {:?}: there is no index.html in it; build the app first",
                folder.display().to_string()
            ),
            Self::SameAddress => write!(
                f,
                "{} and {} have the same address: give the figures another port",
                Key::Listen.flag(),
                Key::MetricsListen.flag()
            ),
        }
    }
}

impl std::error::Error for ConfigError {}
