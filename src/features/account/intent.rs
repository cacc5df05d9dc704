//! Intents about the account.

use crate::app::Secret;
use crate::app::effect::SignInAccount;

/// What a user wants of the account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AccountIntent {
    /// Sign in, to an account that may have to be created.
    SignIn { account: SignInAccount, email: String, password: Secret },
    /// Sign out; refused while events are unsynced, unless they are discarded on purpose.
    SignOut { discard_unsynced: bool },
}
