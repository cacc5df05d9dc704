//! What the server is told on its command line and by its environment.

use std::collections::BTreeMap;
use std::fmt;
use std::net::SocketAddr;
use std::path::PathBuf;

use tracing::Level;

use crate::client_address::Network;
use crate::origin::Origin;
use crate::storage::{BadDatabase, Database};

/// What `--help` prints.
pub const USAGE: &str = "\
usage: wizitime-server [--listen ADDRESS:PORT] [--database FILE|URL] [--app DIR]
                       [--allow-origin URL]... [--trusted-proxies NETWORK]... [--log LEVEL]
       wizitime-server backup FILE [--database FILE|URL]
       wizitime-server restore FILE [--overwrite] [--database FILE|URL]
       wizitime-server migrate-to URL [--database FILE]

  backup          writes everything into a new file while servers run
  restore         makes the database from a backup, under a new epoch; --overwrite has one that
                  exists already make way
  migrate-to      moves an SQLite file that no server uses into an empty PostgreSQL database

  --listen        where to listen; port 0 takes a free one       (WIZITIME_LISTEN, 127.0.0.1:4000)
  --database      the SQLite file, made if it does not exist, or the URL of a PostgreSQL database:
                  postgres://USER:PASSWORD@HOST/NAME             (WIZITIME_DATABASE, DATABASE_URL,
                                                                 wizitime.db)
  --app           the folder of the built app                    (WIZITIME_APP, dist if it exists)
  --allow-origin  the origin of another page that may connect, such as https://time.example.org;
                  may be given more than once                    (WIZITIME_ALLOW_ORIGIN, by commas)
  --trusted-proxies
                  the address or network of a proxy in front, such as 127.0.0.1 or 10.0.0.0/8: what
                  it says in X-Forwarded-For is believed; may be given more than once, or with
                  commas                                         (WIZITIME_TRUSTED_PROXIES)
  --log           error, warn, info or debug                     (WIZITIME_LOG, info)

The command line wins over the environment, and WIZITIME_DATABASE over DATABASE_URL. Others on the
machine can read a command line: put a password into the environment.
";

const LISTEN: &str = "--listen";
const DATABASE: &str = "--database";
const APP: &str = "--app";
const ALLOW_ORIGIN: &str = "--allow-origin";
const TRUSTED_PROXIES: &str = "--trusted-proxies";
const LOG: &str = "--log";
/// What may be given more than once, and has commas between in the environment.
const LISTS: [&str; 2] = [ALLOW_ORIGIN, TRUSTED_PROXIES];
/// Every option and the environment variables that stand in for it, the first before the second.
const OPTIONS: [(&str, &[&str]); 6] = [
    (LISTEN, &["WIZITIME_LISTEN"]),
    (DATABASE, &["WIZITIME_DATABASE", "DATABASE_URL"]),
    (APP, &["WIZITIME_APP"]),
    (ALLOW_ORIGIN, &["WIZITIME_ALLOW_ORIGIN"]),
    (TRUSTED_PROXIES, &["WIZITIME_TRUSTED_PROXIES"]),
    (LOG, &["WIZITIME_LOG"]),
];
const DEFAULT_DATABASE: &str = "wizitime.db";
const DEFAULT_LISTEN: SocketAddr =
    SocketAddr::new(std::net::IpAddr::V4(std::net::Ipv4Addr::LOCALHOST), 4000);
const DEFAULT_APP: &str = "dist";

/// How the server is set up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Config {
    pub listen: SocketAddr,
    pub database: Database,
    /// The folder of the app, if there is one to serve.
    pub app: Option<PathBuf>,
    /// Other origins whose pages may connect.
    pub allow_origins: Vec<Origin>,
    /// Whose word on where a request comes from is believed.
    pub trusted_proxies: Vec<Network>,
    /// What is logged: this and what is graver.
    pub log: Level,
}

/// One thing that is wrong with the configuration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ConfigError {
    /// There is no such option.
    UnknownOption(String),
    /// An option needs a value.
    ValueMissing(&'static str),
    /// An option was given more than once.
    Repeated(&'static str),
    /// A value cannot be read.
    BadValue { option: &'static str, value: String, expected: &'static str },
    /// The database cannot be named like this.
    Database(BadDatabase),
    /// Accounts can be moved to PostgreSQL only.
    NotPostgres,
    /// The app's folder has no `index.html`.
    NoApp(PathBuf),
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::UnknownOption(option) => write!(f, "there is no option {option}; see --help"),
            Self::ValueMissing(option) => write!(f, "{option} needs a value"),
            Self::Repeated(option) => write!(f, "{option} can be given only once"),
            Self::BadValue { option, value, expected } => {
                write!(f, "{option} cannot be {value:?}: expected {expected}")
            }
            Self::Database(error) => write!(f, "the database: {error}; see --help"),
            Self::NotPostgres => f.write_str("migrate-to needs a URL that begins with postgres://"),
            Self::NoApp(folder) => {
                write!(f, "{APP} {}: there is no index.html; build the app first", folder.display())
            }
        }
    }
}

impl std::error::Error for ConfigError {}

impl Config {
    /// Reads the arguments (without the program's name) and the environment.
    ///
    /// # Errors
    /// Everything that is wrong, not just the first.
    pub fn read(
        arguments: impl IntoIterator<Item = String>,
        environment: impl Fn(&str) -> Option<String>,
    ) -> Result<Self, Vec<ConfigError>> {
        let mut errors = Vec::new();
        let mut values = given(arguments, &mut errors);
        for (option, variables) in OPTIONS {
            let mut found = variables.iter().filter_map(|variable| environment(variable));
            if !values.contains_key(option)
                && let Some(value) = found.find(|value| !value.is_empty())
            {
                let list = LISTS.contains(&option);
                let parts = value.split(',').filter(|part| !part.trim().is_empty());
                let parts: Vec<_> =
                    if list { parts.map(str::to_owned).collect() } else { vec![value] };
                values.insert(option, parts);
            }
        }
        let config = Self {
            listen: listen(&values, &mut errors),
            database: database(&values, &mut errors),
            app: app(&values, &mut errors),
            allow_origins: allow_origins(&values, &mut errors),
            trusted_proxies: trusted_proxies(&values, &mut errors),
            log: log(&values, &mut errors),
        };
        if errors.is_empty() { Ok(config) } else { Err(errors) }
    }
}

type Values = BTreeMap<&'static str, Vec<String>>;

fn given(arguments: impl IntoIterator<Item = String>, errors: &mut Vec<ConfigError>) -> Values {
    let mut values = Values::new();
    let mut arguments = arguments.into_iter();
    while let Some(argument) = arguments.next() {
        let (name, value) = match argument.split_once('=') {
            Some((name, value)) => (name, Some(value.to_owned())),
            None => (&*argument, None),
        };
        let Some((option, _)) = OPTIONS.into_iter().find(|(option, _)| *option == name) else {
            errors.push(ConfigError::UnknownOption(argument));
            continue;
        };
        let Some(value) = value.or_else(|| arguments.next()) else {
            errors.push(ConfigError::ValueMissing(option));
            continue;
        };
        let earlier = values.entry(option).or_default();
        if !earlier.is_empty() && !LISTS.contains(&option) {
            errors.push(ConfigError::Repeated(option));
        }
        earlier.push(value);
    }
    values
}

fn first<'a>(values: &'a Values, option: &str) -> Option<&'a str> {
    values.get(option)?.first().map(String::as_str)
}

fn listen(values: &Values, errors: &mut Vec<ConfigError>) -> SocketAddr {
    let Some(value) = first(values, LISTEN) else { return DEFAULT_LISTEN };
    value.parse().unwrap_or_else(|_| {
        errors.push(ConfigError::BadValue {
            option: LISTEN,
            value: value.to_owned(),
            expected: "an address and a port such as 127.0.0.1:4000",
        });
        DEFAULT_LISTEN
    })
}

fn database(values: &Values, errors: &mut Vec<ConfigError>) -> Database {
    let value = first(values, DATABASE).unwrap_or(DEFAULT_DATABASE);
    value.parse().unwrap_or_else(|error| {
        errors.push(ConfigError::Database(error));
        Database::File(PathBuf::from(DEFAULT_DATABASE))
    })
}

fn app(values: &Values, errors: &mut Vec<ConfigError>) -> Option<PathBuf> {
    let asked = first(values, APP).map(PathBuf::from);
    let folder = asked.clone().unwrap_or_else(|| PathBuf::from(DEFAULT_APP));
    if folder.join("index.html").is_file() {
        return Some(folder);
    }
    errors.extend(asked.map(ConfigError::NoApp));
    None
}

fn allow_origins(values: &Values, errors: &mut Vec<ConfigError>) -> Vec<Origin> {
    let mut origins = Vec::new();
    for value in values.get(ALLOW_ORIGIN).into_iter().flatten() {
        match value.parse() {
            Ok(origin) => origins.push(origin),
            Err(_) => errors.push(ConfigError::BadValue {
                option: ALLOW_ORIGIN,
                value: value.clone(),
                expected: "an origin such as https://time.example.org",
            }),
        }
    }
    origins
}

fn trusted_proxies(values: &Values, errors: &mut Vec<ConfigError>) -> Vec<Network> {
    let mut networks = Vec::new();
    for value in values.get(TRUSTED_PROXIES).into_iter().flatten().flat_map(|it| it.split(',')) {
        match value.parse() {
            Ok(network) => networks.push(network),
            Err(_) => errors.push(ConfigError::BadValue {
                option: TRUSTED_PROXIES,
                value: value.to_owned(),
                expected: "an address, or a network such as 10.0.0.0/8",
            }),
        }
    }
    networks
}

fn log(values: &Values, errors: &mut Vec<ConfigError>) -> Level {
    let Some(value) = first(values, LOG) else { return Level::INFO };
    value.parse().unwrap_or_else(|_| {
        errors.push(ConfigError::BadValue {
            option: LOG,
            value: value.to_owned(),
            expected: "error, warn, info or debug",
        });
        Level::INFO
    })
}

#[cfg(test)]
mod tests;
