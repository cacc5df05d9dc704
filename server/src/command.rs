//! The commands of the program.

mod line;
mod user_line;

use std::ffi::OsString;
use std::path::PathBuf;

use crate::audit::AuditCommand;
use crate::config::{Config, ConfigError, Flags};
use crate::mail::MailTest;
use crate::storage::{Database, PostgresUrl};
use crate::users::UserCommand;
use line::{CommandLine, Named, Parsed};

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
    /// Administrate accounts.
    User(UserCommand),
    /// Send a test mail.
    MailTest(MailTest),
    /// Print the audit log.
    Audit(AuditCommand),
}

/// What a command line and the environment request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Invocation {
    /// Print this text: the help or the version.
    Print(String),
    /// Run the command.
    Run { command: Command, config: Box<Config> },
}

impl Invocation {
    /// Parses the arguments (without the program's name) and the environment.
    ///
    /// # Errors
    /// All errors, not only the first.
    pub fn read(
        arguments: impl IntoIterator<Item = OsString>,
        environment: impl IntoIterator<Item = (OsString, OsString)>,
    ) -> Result<Self, Vec<ConfigError>> {
        let mut errors = Vec::new();
        let (command, flags) = match line::parse(arguments.into_iter().collect(), &mut errors) {
            Parsed::Text(text) => return Ok(Self::Print(text)),
            Parsed::Invalid => (Command::Serve, Flags::default()),
            Parsed::Line(line) => command(line, &mut errors),
        };
        match Config::read(flags, environment) {
            Ok((config, description)) if errors.is_empty() => {
                let command = match command {
                    Command::CheckConfig { .. } => Command::CheckConfig { description },
                    Command::Serve
                    | Command::Healthcheck
                    | Command::Compact
                    | Command::MigrateTo(_)
                    | Command::Backup(_)
                    | Command::User(_)
                    | Command::MailTest(_)
                    | Command::Audit(_)
                    | Command::Restore { .. } => command,
                };
                Ok(Self::Run { command, config: Box::new(config) })
            }
            Ok(_) => Err(errors),
            Err(more) => Err(errors.into_iter().chain(more).collect()),
        }
    }
}

/// The command of a line, and its options before and after the command.
fn command(line: CommandLine, errors: &mut Vec<ConfigError>) -> (Command, Flags) {
    let Some(named) = line.command else { return (Command::Serve, line.flags) };
    let (command, flags) = match named {
        Named::CheckConfig { flags } => {
            (Command::CheckConfig { description: String::new() }, flags)
        }
        Named::Healthcheck { flags } => (Command::Healthcheck, flags),
        Named::Compact { flags } => (Command::Compact, flags),
        Named::Backup { file, flags } => (Command::Backup(file), flags),
        Named::Restore { file, overwrite, flags } => {
            (Command::Restore { from: file, overwrite }, flags)
        }
        Named::MigrateTo { url, flags } => {
            let command = match url.parse() {
                Ok(Database::Postgres(url)) => Ok(Command::MigrateTo(url)),
                Ok(Database::File(_)) => Err(ConfigError::NotPostgres),
                Err(error) => Err(ConfigError::BadTarget(error)),
            };
            (or_serve(command, errors), flags)
        }
        Named::User { command, flags } => {
            let (command, more) = command.parse();
            (or_serve(command.map(Command::User), errors), flags.and(more))
        }
        Named::MailTest { address, flags } => {
            let command = user_line::email(address).map(|to| Command::MailTest(MailTest { to }));
            (or_serve(command, errors), flags)
        }
        Named::Audit { user, flags } => {
            let email = user.map(user_line::email).transpose();
            let command = email.map(|email| Command::Audit(AuditCommand { email }));
            (or_serve(command, errors), flags)
        }
    };
    (command, line.flags.and(flags))
}

/// The command. After an error any other does, because none runs.
fn or_serve(command: Result<Command, ConfigError>, errors: &mut Vec<ConfigError>) -> Command {
    command.unwrap_or_else(|error| {
        errors.push(error);
        Command::Serve
    })
}

#[cfg(test)]
pub(crate) use line::help;

#[cfg(test)]
mod tests;
