//! What the `user` command does.

use crate::auth::Email;

/// What to do with an account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum UserCommand {
    /// Create an account, with a password from standard input or with a link to set it.
    Add { email: Email, has_password: bool },
    /// Print all accounts.
    List,
    /// Print a link with which an account can be created.
    Invite(Email),
    /// Print a link with which another password can be set.
    ResetPassword(Email),
    /// End all sessions, and forbid to sign in.
    Disable(Email),
    /// Allow to sign in again.
    Enable(Email),
    /// Let the password alone suffice to sign in.
    DisableTwoStep(Email),
    /// Delete the account and all its data.
    Delete(Email),
}
