//! The command line of `user`.

use clap::{Args, Subcommand};

use crate::auth::Email;
use crate::config::{ConfigError, Flags};
use crate::users::UserCommand;

/// The names of the commands, with which they are reported.
pub(super) const NAMES: [&str; 8] = [
    "user add",
    "user list",
    "user invite",
    "user reset-password",
    "user disable",
    "user enable",
    "user disable-two-step",
    "user delete",
];

/// A command below `user`.
#[derive(Debug, Subcommand)]
pub(super) enum UserLine {
    /// Creates an account, and prints a link with which the user sets the password
    Add {
        #[command(flatten)]
        account: Account,
        /// Sets the password to the first line of standard input; then there is no link
        #[arg(long)]
        password_stdin: bool,
    },
    /// Prints all accounts
    List {
        #[command(flatten)]
        flags: Flags,
    },
    /// Prints a link with which the user creates the account
    Invite(Linked),
    /// Prints a link with which the user sets another password
    ResetPassword(Linked),
    /// Ends all sessions of an account, and forbids to sign in
    Disable(Account),
    /// Allows to sign in again
    Enable(Account),
    /// Turns two-step sign-in off, for a user who lost the app and the recovery codes
    DisableTwoStep(Account),
    /// Deletes an account and all its data
    Delete(Account),
}

/// The account that a command changes.
#[derive(Debug, Args)]
pub(super) struct Account {
    /// The email of the account, such as ada@example.org or me@nas
    email: String,
    #[command(flatten)]
    flags: Flags,
}

/// The account that a command creates a link for.
#[derive(Debug, Args)]
pub(super) struct Linked {
    #[command(flatten)]
    account: Account,
    /// Sends the link by mail; it is printed only if that fails
    #[arg(long = "mail")]
    by_mail: bool,
}

impl UserLine {
    /// The command and its options. Without a valid email there is no command.
    pub(super) fn parse(self) -> (Result<UserCommand, ConfigError>, Flags) {
        match self {
            Self::Add { account, password_stdin: has_password } => {
                account.parse(|email| UserCommand::Add { email, has_password })
            }
            Self::List { flags } => (Ok(UserCommand::List), flags),
            Self::Invite(Linked { account, by_mail }) => {
                account.parse(|email| UserCommand::Invite { email, by_mail })
            }
            Self::ResetPassword(Linked { account, by_mail }) => {
                account.parse(|email| UserCommand::ResetPassword { email, by_mail })
            }
            Self::Disable(account) => account.parse(UserCommand::Disable),
            Self::Enable(account) => account.parse(UserCommand::Enable),
            Self::DisableTwoStep(account) => account.parse(UserCommand::DisableTwoStep),
            Self::Delete(account) => account.parse(UserCommand::Delete),
        }
    }
}

impl Account {
    fn parse(
        self,
        command: impl FnOnce(Email) -> UserCommand,
    ) -> (Result<UserCommand, ConfigError>, Flags) {
        (email(self.email).map(command), self.flags)
    }
}

/// Parses an argument as the email of an account.
///
/// # Errors
/// If it is none.
pub(super) fn email(text: String) -> Result<Email, ConfigError> {
    Email::parse(&text).ok_or(ConfigError::BadEmail(text))
}
