//! The command line.

use std::ffi::OsString;
use std::path::PathBuf;

use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{Parser, Subcommand};

use super::user_line::{self, UserLine};
use crate::config::{ConfigError, Flags, Key, similar};

const PROGRAM: &str = "wizitime-server";
const USER: &str = "user";
/// Stands for a missing file or email while the rest of a line is parsed.
const ANY_VALUE: &str = "missing@missing";
/// Stands for a missing command after `user`; it takes no value.
const ANY_USER_COMMAND: &str = "list";

/// The server of WiziTime, a time tracker. Without a command it serves until SIGTERM or SIGINT.
#[derive(Debug, Parser)]
#[command(
    name = PROGRAM,
    version,
    next_line_help = true,
    after_help = "Flags override the environment, the environment overrides the file, and \
        WIZITIME_DATABASE overrides\nDATABASE_URL. The keys of the file are the option names \
        without the leading dashes and with\nunderscores: metrics_listen = \"127.0.0.1:4001\". \
        Other users of the machine can read a command\nline: pass a password in the environment, \
        or in a file that only you can read."
)]
pub(super) struct CommandLine {
    #[command(subcommand)]
    pub(super) command: Option<Named>,
    #[command(flatten)]
    pub(super) flags: Flags,
}

/// A command.
#[derive(Debug, Subcommand)]
pub(super) enum Named {
    /// Prints every value and its source, or all errors
    CheckConfig {
        #[command(flatten)]
        flags: Flags,
    },
    /// Requests /ready of the running server; exits with 1 if it is not ready
    Healthcheck {
        #[command(flatten)]
        flags: Flags,
    },
    /// Writes a backup into a new file; servers may be running
    Backup {
        /// The file to write; it must not exist
        file: PathBuf,
        #[command(flatten)]
        flags: Flags,
    },
    /// Creates the database from a backup, under a new epoch; ends all sessions
    Restore {
        /// The backup
        file: PathBuf,
        /// Replaces an existing database
        #[arg(long)]
        overwrite: bool,
        #[command(flatten)]
        flags: Flags,
    },
    /// Copies an SQLite file that no server uses into an empty PostgreSQL database
    MigrateTo {
        /// The URL of the empty database, as for --database
        url: String,
        #[command(flatten)]
        flags: Flags,
    },
    /// Rewrites a database that no server uses, without free space and deleted texts
    Compact {
        #[command(flatten)]
        flags: Flags,
    },
    /// Administrates accounts; servers may be running, and notice within a second
    #[command(arg_required_else_help = false)]
    User {
        #[command(subcommand)]
        command: UserLine,
        #[command(flatten)]
        flags: Flags,
    },
    /// Sends a test mail; exits with 1 if the mail server does not accept it
    MailTest {
        /// The recipient, such as ada@example.org
        address: String,
        #[command(flatten)]
        flags: Flags,
    },
    /// Prints the newest security events: time (UTC), event, address, account
    Audit {
        /// Prints only those of the account with this email
        #[arg(long, value_name = "EMAIL")]
        user: Option<String>,
        #[command(flatten)]
        flags: Flags,
    },
}

/// The result of parsing.
pub(super) enum Parsed {
    Line(CommandLine),
    /// The text of `--help` or `--version`.
    Text(String),
    /// Nothing can be read; the reason is in the errors.
    Invalid,
}

/// Parses the arguments, without the program's name. The parser reports one error at a time: to
/// find all, each wrong argument is removed and the rest is parsed again.
pub(super) fn parse(mut arguments: Vec<OsString>, errors: &mut Vec<ConfigError>) -> Parsed {
    // Each attempt removes an argument, or adds the one value that a command can lack.
    for _ in 0..=arguments.len() + 1 {
        let all = std::iter::once(OsString::from(PROGRAM)).chain(arguments.iter().cloned());
        let error = match CommandLine::try_parse_from(all) {
            Ok(line) => return Parsed::Line(line),
            Err(error) => error,
        };
        if [ErrorKind::DisplayHelp, ErrorKind::DisplayVersion].contains(&error.kind()) {
            return Parsed::Text(error.render().to_string());
        }
        if error.kind() == ErrorKind::MissingRequiredArgument {
            errors.push(ConfigError::ValueMissing(command_of(&arguments)));
            arguments.push(OsString::from(ANY_VALUE));
            continue;
        }
        if error.kind() == ErrorKind::MissingSubcommand {
            errors.push(ConfigError::ValueMissing(USER));
            arguments.push(OsString::from(ANY_USER_COMMAND));
            continue;
        }
        match correct(&error, &mut arguments) {
            Ok(error) => errors.push(error),
            Err(error) => {
                errors.push(error);
                return Parsed::Invalid;
            }
        }
    }
    Parsed::Invalid
}

/// Removes the argument that caused the error, and returns what to report.
///
/// # Errors
/// The error to report, if the argument is not found.
fn correct(error: &clap::Error, arguments: &mut Vec<OsString>) -> Result<ConfigError, ConfigError> {
    let text = |kind| match error.get(kind) {
        // Without the name of the value, as in `--app <DIR>`.
        Some(ContextValue::String(text)) => text.split(' ').next(),
        Some(_) | None => None,
    };
    let option = text(ContextKind::InvalidArg).or_else(|| text(ContextKind::InvalidSubcommand));
    // Only the name: the value after the equals sign may be a secret.
    let option = option.map(|option| option.split('=').next().unwrap_or_default().to_owned());
    let is_empty = text(ContextKind::InvalidValue).is_some_and(str::is_empty);
    let other = |option| ConfigError::CommandLine { option, problem: error.kind().to_string() };
    let Some(option) = option else { return Err(other(None)) };
    let is_unknown =
        [ErrorKind::UnknownArgument, ErrorKind::InvalidSubcommand].contains(&error.kind());
    let report = if is_unknown {
        ConfigError::UnknownOption {
            similar: similar(&option, names(&option)),
            name: option.clone(),
        }
    } else if error.kind() == ErrorKind::InvalidValue
        && is_empty
        && let Some(flag) = flag(&option)
    {
        ConfigError::ValueMissing(flag)
    } else {
        other(Some(option.clone()))
    };
    let lacks_value = |at: usize| {
        let next = arguments.get(at + 1);
        next.is_none_or(|next| next.to_string_lossy().starts_with('-'))
    };
    let is_it = |at: &usize| {
        let argument = arguments[*at].to_string_lossy();
        let name = argument.split('=').next().unwrap_or_default();
        name == option && (!is_empty || argument.contains('=') || lacks_value(*at))
    };
    match (0..arguments.len()).find(is_it) {
        Some(at) => {
            arguments.remove(at);
            Ok(report)
        }
        None => Err(report),
    }
}

fn flag(name: &str) -> Option<&'static str> {
    Key::ALL.into_iter().map(Key::flag).chain([OF_AUDIT]).find(|flag| *flag == name)
}

/// The names of all options and commands that an unknown argument may mean. Only a word means a
/// command of `user`: `list` resembles too many options.
fn names(unknown: &str) -> impl Iterator<Item = &'static str> {
    let of_user = user_line::NAMES.into_iter().filter_map(|name| name.split(' ').next_back());
    let of_user = of_user.filter(|_| !unknown.starts_with('-'));
    Key::ALL.into_iter().map(Key::flag).chain(COMMANDS).chain(of_user).chain(OPTIONS)
}

/// The options of single commands.
const OPTIONS: [&str; 4] = ["--overwrite", "--password-stdin", "--mail", OF_AUDIT];
/// The option of `audit`.
const OF_AUDIT: &str = "--user";

/// The names of the commands.
const COMMANDS: [&str; 9] = [
    "check-config",
    "healthcheck",
    "backup",
    "restore",
    "migrate-to",
    "compact",
    USER,
    "mail-test",
    "audit",
];

fn command_of(arguments: &[OsString]) -> &'static str {
    let is_given = |name: &&str| name.split(' ').all(|word| arguments.iter().any(|it| it == word));
    user_line::NAMES.into_iter().chain(COMMANDS).find(is_given).unwrap_or(PROGRAM)
}

/// The text of `--help`.
#[cfg(test)]
pub(crate) fn help() -> String {
    <CommandLine as clap::CommandFactory>::command().render_help().to_string()
}
