//! The commands of the program.

use std::path::PathBuf;

use crate::config::{Config, ConfigError};
use crate::storage::{Database, PostgresUrl};

const MIGRATE_TO: &str = "migrate-to";
const BACKUP: &str = "backup";
const RESTORE: &str = "restore";
const NAMES: [&str; 3] = [MIGRATE_TO, BACKUP, RESTORE];
const OVERWRITE: &str = "--overwrite";

const CHECK_CONFIG: &str = "check-config";
const HEALTHCHECK: &str = "healthcheck";
const COMPACT: &str = "compact";

/// A command of the program.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Command {
    /// Serve until SIGTERM or SIGINT.
    Serve,
    /// Print the configuration.
    CheckConfig { description: String },
    /// Request `/ready` of the running server.
    Healthcheck,
    /// Rewrite the database without free space.
    Compact,
    /// Copy the SQLite file into this empty database.
    MigrateTo(PostgresUrl),
    /// Write a backup into this new file.
    Backup(PathBuf),
    /// Create the database from this backup.
    Restore { from: PathBuf, overwrite: bool },
}

impl Command {
    /// Parses the arguments (without the program's name) and the environment.
    ///
    /// # Errors
    /// All errors, not only the first.
    pub fn read(
        arguments: impl IntoIterator<Item = String>,
        environment: impl Fn(&str) -> Option<String>,
    ) -> Result<(Self, Config), Vec<ConfigError>> {
        let mut arguments: Vec<String> = arguments.into_iter().collect();
        let mut errors = Vec::new();
        let command = take_command(&mut arguments).unwrap_or_else(|error| {
            errors.push(error);
            Self::Serve
        });
        match Config::read_with_description(arguments, environment) {
            Ok((config, description)) if errors.is_empty() => match command {
                Self::CheckConfig { .. } => Ok((Self::CheckConfig { description }, config)),
                Self::Serve
                | Self::Healthcheck
                | Self::Compact
                | Self::MigrateTo(_)
                | Self::Backup(_)
                | Self::Restore { .. } => Ok((command, config)),
            },
            Ok(_) => Err(errors),
            Err(more) => Err(errors.into_iter().chain(more).collect()),
        }
    }
}

/// Removes the command and its own arguments from `arguments`.
fn take_command(arguments: &mut Vec<String>) -> Result<Command, ConfigError> {
    match arguments.first().map(String::as_str) {
        Some(CHECK_CONFIG) => {
            arguments.remove(0);
            return Ok(Command::CheckConfig { description: String::new() });
        }
        Some(HEALTHCHECK) => {
            arguments.remove(0);
            return Ok(Command::Healthcheck);
        }
        Some(COMPACT) => {
            arguments.remove(0);
            return Ok(Command::Compact);
        }
        Some(_) | None => (),
    }
    let by_name = |first: &String| NAMES.into_iter().find(|name| name == first);
    let Some(name) = arguments.first().and_then(by_name) else { return Ok(Command::Serve) };
    arguments.remove(0);
    if arguments.first().is_none_or(|value| value.starts_with("--")) {
        return Err(ConfigError::ValueMissing(name));
    }
    let value = arguments.remove(0);
    match name {
        MIGRATE_TO => match value.parse() {
            Ok(Database::Postgres(url)) => Ok(Command::MigrateTo(url)),
            Ok(Database::File(_)) => Err(ConfigError::NotPostgres),
            Err(error) => Err(ConfigError::BadTarget(error)),
        },
        BACKUP => Ok(Command::Backup(PathBuf::from(value))),
        _ => {
            let overwrite = arguments.iter().position(|argument| argument == OVERWRITE);
            overwrite.map(|at| arguments.remove(at));
            Ok(Command::Restore { from: PathBuf::from(value), overwrite: overwrite.is_some() })
        }
    }
}

#[cfg(test)]
mod tests;
