//! What the `user` command does.

use crate::auth::Email;

/// What to do with an account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum UserCommand {
    /// Create an account, with a password from standard input or with a link to set it.
    Add { email: Email, has_password: bool },
    /// Print all accounts.
    List,
    /// Print or mail a link with which an account can be created.
    Invite { email: Email, by_mail: bool },
    /// Print or mail a link with which another password can be set.
    ResetPassword { email: Email, by_mail: bool },
    /// End all sessions, and forbid to sign in.
    Disable(Email),
    /// Allow to sign in again.
    Enable(Email),
    /// Let the password alone suffice to sign in.
    DisableTwoStep(Email),
    /// Delete the account and all its data.
    Delete(Email),
}

impl UserCommand {
    /// Whether it sends its link.
    pub(super) const fn is_by_mail(&self) -> bool {
        match self {
            Self::Invite { by_mail, .. } | Self::ResetPassword { by_mail, .. } => *by_mail,
            Self::Add { .. }
            | Self::List
            | Self::Disable(_)
            | Self::Enable(_)
            | Self::DisableTwoStep(_)
            | Self::Delete(_) => false,
        }
    }
}
