//! Configuration errors, with their source and the expected value.

use std::fmt;
use std::path::PathBuf;

use super::key::Key;
use super::nearest::nearest;
use super::variables;
use crate::mail::ParseSmtpUrlError;
use crate::storage::ParseDatabaseError;

/// The source of a configuration value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ConfigSource {
    /// A command-line flag.
    Flag(&'static str),
    /// An environment variable.
    Variable(&'static str),
    /// A line of the configuration file.
    Line { file: PathBuf, line: usize, key: String },
}

/// A configuration error. The value is included only where it cannot be a secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ConfigError {
    /// The option or the command does not exist. Contains the name without a value, and the name
    /// that is probably meant.
    UnknownOption { name: String, similar: Option<&'static str> },
    /// An environment variable with our prefix that is none of ours.
    UnknownVariable(String),
    /// The value of an environment variable is not UTF-8.
    NotUtf8(&'static str),
    /// The command line is invalid in another way.
    CommandLine { option: Option<String>, problem: String },
    /// An option or a command lacks its value.
    ValueMissing(&'static str),
    /// An option is given more than once.
    Repeated(&'static str),
    /// The file has an unknown key.
    UnknownKey(ConfigSource),
    /// The file cannot be read.
    Unreadable { named_by: ConfigSource, file: PathBuf, reason: String },
    /// A line of the file is not TOML.
    Syntax { file: PathBuf, line: usize, reason: String },
    /// A key of the file has a value of the wrong type.
    WrongType { source: ConfigSource, found: &'static str, expected: &'static str },
    /// A value cannot be parsed.
    BadValue { source: ConfigSource, value: String, expected: &'static str },
    /// The database is neither a file nor a PostgreSQL URL.
    Database { source: ConfigSource, error: ParseDatabaseError },
    /// The text is no mail server.
    MailServer { source: ConfigSource, error: ParseSmtpUrlError },
    /// A key is set that needs another one.
    Needs { source: ConfigSource, needed: &'static str, expected: &'static str },
    /// The target of `migrate-to` is not PostgreSQL.
    NotPostgres,
    /// The target of `migrate-to` is not a database.
    BadTarget(ParseDatabaseError),
    /// An argument is no email address.
    BadEmail(String),
    /// The app folder has no `index.html`.
    NoApp { source: ConfigSource, folder: PathBuf },
    /// Both listeners have the same address.
    SameAddress,
    /// Some settings of the provider are set, and these others are needed with them.
    OidcIncomplete(Vec<&'static str>),
    /// Anyone could have created an account with the email of another user.
    OidcLinkByEmailWhileOpen,
}

impl fmt::Display for ConfigSource {
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
            Self::UnknownOption { name, similar: Some(similar) } => {
                write!(f, "there is no option {name}; did you mean {similar}? See --help")
            }
            Self::UnknownOption { name, similar: None } => {
                write!(f, "there is no option {name}; see --help")
            }
            Self::UnknownVariable(name) => {
                let nearest = nearest(name, variables::names()).unwrap_or_default();
                write!(f, "there is no variable {name}; did you mean {nearest}? See --help")
            }
            Self::NotUtf8(variable) => write!(f, "{variable} is not UTF-8"),
            Self::CommandLine { option: Some(option), problem } => {
                write!(f, "{option}: {problem}; see --help")
            }
            Self::CommandLine { option: None, problem } => write!(f, "{problem}; see --help"),
            Self::ValueMissing(option) => write!(f, "{option} needs a value; see --help"),
            Self::Repeated(option) => write!(f, "{option} can be given only once"),
            Self::UnknownKey(source) => {
                let keys =
                    Key::ALL.into_iter().filter(|key| key.is_allowed_in_file()).map(Key::name);
                let keys: Vec<_> = keys.collect();
                write!(f, "{source}: there is no such key; the keys are {}", keys.join(", "))
            }
            Self::Unreadable { named_by, file, reason } => {
                write!(f, "{named_by}: {} cannot be read: {reason}", file.display())
            }
            Self::Syntax { file, line, reason } => {
                write!(f, "{}:{line}: invalid TOML: {reason}", file.display())
            }
            Self::WrongType { source, found, expected } => {
                write!(f, "{source} has the type {found}: expected {expected}, in quotes")
            }
            Self::BadValue { source, value, expected } => {
                write!(f, "{source} cannot be {value:?}: expected {expected}")
            }
            Self::Database { source, error } => write!(f, "{source}: {error}; see --help"),
            Self::MailServer { source, error } => write!(f, "{source}: {error}; see --help"),
            Self::Needs { source, needed, expected } => {
                write!(f, "{source} needs {needed} as well: {expected}")
            }
            Self::NotPostgres => f.write_str("migrate-to needs a URL that begins with postgres://"),
            Self::BadTarget(error) => write!(f, "migrate-to: {error}"),
            Self::BadEmail(text) => write!(f, "{text:?} is not an email address"),
            Self::NoApp { source, folder } => write!(
                f,
                "{source} cannot be {:?}: there is no index.html in it; build the app first",
                folder.display().to_string()
            ),
            Self::SameAddress => write!(
                f,
                "{} and {} have the same address: give the metrics another port",
                Key::Listen.flag(),
                Key::MetricsListen.flag()
            ),
            Self::OidcIncomplete(missing) => {
                write!(f, "a sign-in with a provider also needs {}", missing.join(", "))
            }
            Self::OidcLinkByEmailWhileOpen => write!(
                f,
                "{} needs registration = \"invite\" or \"closed\": while it is open, anyone can \
                 create an account with the email of another user beforehand",
                Key::OidcLinkByEmail.name()
            ),
        }
    }
}

impl std::error::Error for ConfigError {}
