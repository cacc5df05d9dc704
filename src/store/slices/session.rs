//! The session: who is signed in.

use serde::{Deserialize, Serialize};
use wizitime_domain::UserId;

use crate::store::action::{Action, SessionAction, SignInError};
use crate::store::changes::Changes;
use crate::store::record::Owner;

/// An account on this device.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Account {
    pub user_id: UserId,
    pub email: String,
    pub token: String,
    /// The topic of the account, `users:<id>`.
    pub channel: String,
    /// Whether the embedding page signed in; then the app offers no sign-out.
    #[serde(default)]
    pub hosted: bool,
    /// Whether the token was refused.
    #[serde(default)]
    pub expired: bool,
}

/// Does not print the token.
impl std::fmt::Debug for Account {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Account").field("user_id", &self.user_id).finish_non_exhaustive()
    }
}

/// Who is signed in.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Who {
    /// No account: everything stays on this device.
    #[default]
    Guest,
    Account(Account),
}

/// The session, and the state of the sign-in form.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Session {
    pub who: Who,
    /// A sign-in or sign-up request is in flight.
    pub signing_in: bool,
    /// Why the last sign-in failed.
    pub error: Option<SignInError>,
}

impl Session {
    /// The account, also when its token was refused.
    pub const fn account(&self) -> Option<&Account> {
        match &self.who {
            Who::Guest => None,
            Who::Account(account) => Some(account),
        }
    }

    /// The account, unless its token was refused.
    pub fn active(&self) -> Option<&Account> {
        self.account().filter(|account| !account.expired)
    }

    /// The owner of new events.
    pub fn owner(&self) -> Owner {
        self.account().map_or(Owner::Guest, |account| Owner::User(account.user_id))
    }

    pub(in crate::store) fn reduce(&mut self, action: &Action, changes: &mut Changes) {
        let action = match action {
            Action::Session(action) => action,
            Action::Local(_)
            | Action::Server(_)
            | Action::Sync(_)
            | Action::Storage(_)
            | Action::Peer(_)
            | Action::Page(_) => return,
        };
        let before = self.clone();
        match action {
            SessionAction::SigningIn => {
                self.signing_in = true;
                self.error = None;
            }
            SessionAction::SignInFailed(error) => {
                self.signing_in = false;
                self.error = Some(error.clone());
            }
            SessionAction::SignedIn { account, .. } => {
                *self = Self { who: Who::Account(account.clone()), signing_in: false, error: None };
            }
            SessionAction::Expired { .. } => {
                if let Who::Account(account) = &mut self.who {
                    account.expired = true;
                }
            }
            SessionAction::SignedOut => *self = Self::default(),
            SessionAction::OwnerChanged { .. } => (),
        }
        changes.session |= *self != before;
    }
}
