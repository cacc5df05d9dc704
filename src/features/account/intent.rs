//! Intents about the account.

use crate::app::Secret;

/// What a user wants of the account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AccountIntent {
    /// Create an account and sign in, with the token of an invitation where the server needs one.
    SignUp { email: String, password: Secret, invitation: Option<Secret> },
    /// Sign in.
    SignIn { email: String, password: Secret },
    /// Sign out; refused while events are unsynced, unless they are discarded on purpose.
    SignOut { discard_unsynced: bool },
}
