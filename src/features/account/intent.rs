//! Intents about the account.

use crate::effects::SignInAccount;

/// What a user wants of the account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AccountIntent {
    /// Sign in, to an account that may have to be created.
    SignIn(SignInAccount),
    /// Sign out; refused while events are unsynced, unless they are discarded on purpose.
    SignOut { discard_unsynced: bool },
}
