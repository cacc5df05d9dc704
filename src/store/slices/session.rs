//! Who is signed in.

use serde::{Deserialize, Serialize};
use wizitime_domain::UserId;

use crate::store::action::Action;
use crate::store::changes::Changes;
use crate::sync::record::Owner;

/// An account on this device.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Account {
    pub user_id: UserId,
    pub email: String,
    pub token: String,
    /// The topic of the account.
    pub channel: String,
    /// Whether the embed page signed us in; then the app does not offer to sign out.
    #[serde(default)]
    pub hosted: bool,
    /// Whether the token was refused.
    #[serde(default)]
    pub expired: bool,
}

/// The token stays out of every log.
impl std::fmt::Debug for Account {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Account").field("user_id", &self.user_id).finish_non_exhaustive()
    }
}

/// Whose data this is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Who {
    /// Nobody's: everything stays on this device.
    #[default]
    Guest,
    /// This account's, and the server knows us.
    Account(Account),
}

/// The session, and how the form to sign in is doing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Session {
    pub who: Who,
    /// An answer from the server is awaited.
    pub signing_in: bool,
    /// Why the last attempt failed, for the person.
    pub error: Option<String>,
}

impl Session {
    /// The account, also when its token was refused.
    pub const fn account(&self) -> Option<&Account> {
        match &self.who {
            Who::Guest => None,
            Who::Account(account) => Some(account),
        }
    }

    /// The account if its token is good as far as we know.
    pub fn active(&self) -> Option<&Account> {
        self.account().filter(|account| !account.expired)
    }

    /// Whom new events belong to.
    pub fn owner(&self) -> Owner {
        self.account().map_or(Owner::Guest, |account| Owner::User(account.user_id))
    }

    pub(in crate::store) fn reduce(&mut self, action: &Action, changes: &mut Changes) {
        let before = self.clone();
        #[expect(clippy::wildcard_enum_match_arm, reason = "a slice answers what concerns it")]
        match action {
            Action::SigningIn => {
                *self = Self { signing_in: true, error: None, who: before.who.clone() }
            }
            Action::SignInFailed { message } => {
                self.signing_in = false;
                self.error = Some(message.clone());
            }
            Action::SignedIn { account, .. } => {
                *self = Self { who: Who::Account(account.clone()), signing_in: false, error: None };
            }
            Action::SessionExpired { .. } => {
                if let Who::Account(account) = &mut self.who {
                    account.expired = true;
                }
            }
            Action::SignedOut => *self = Self::default(),
            _ => (),
        }
        changes.session |= *self != before;
    }
}
