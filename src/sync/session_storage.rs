//! The session in localStorage, which all tabs share.

use wizitime_domain::json;

use super::storage_keys::StorageKey;
use crate::effects::Effect;
use crate::effects::Outbox;
use crate::store::slices::session::Account;
use crate::store::{Action, SessionAction, SessionSource, State};

/// The stored account. A session that cannot be parsed is none: the user signs in again and keeps
/// all events.
pub(crate) fn stored_account(stored: &[(String, String)]) -> Option<Account> {
    let key = StorageKey::Session.write();
    let (_, value) = stored.iter().find(|(name, _)| *name == key)?;
    json::from_str(value).ok()
}

/// Writes the account, unless storage has it or the embedding page gives it.
pub(super) fn write_account(account: &Account, from: SessionSource, out: &mut Outbox) {
    if account.hosted || from == SessionSource::OtherTab {
        return;
    }
    let value = json::to_string(account);
    out.effects.push(Effect::WriteStorage { key: StorageKey::Session.write(), value });
}

/// Removes the account.
pub(super) fn remove_account(out: &mut Outbox) {
    out.effects.push(Effect::RemoveStorage { key: StorageKey::Session.write() });
}

/// Adopts a session that was read.
pub(crate) fn adopt_session(account: Account, out: &mut Outbox) {
    let (expired, from) = (account.expired, SessionSource::OtherTab);
    out.actions.push(Action::Session(SessionAction::SignedIn { account, from }));
    if expired {
        out.actions.push(Action::Session(SessionAction::Expired { from }));
    }
}

/// Follows the stored session. A missing one is not followed: storage may have been cleared, and a
/// sign-out in another tab is reported as a removed key.
pub(super) fn session_read(stored: &[(String, String)], state: &State, out: &mut Outbox) {
    let Some(theirs) = stored_account(stored) else { return };
    match state.session.account() {
        Some(ours) if ours.hosted || *ours == theirs => (),
        Some(ours) if ours.token == theirs.token => {
            if theirs.expired {
                let from = SessionSource::OtherTab;
                out.actions.push(Action::Session(SessionAction::Expired { from }));
            }
        }
        // Theirs is unusable and has overwritten ours.
        Some(ours) if theirs.expired && !ours.expired => {
            let (account, from) = (ours.clone(), SessionSource::Local);
            out.actions.push(Action::Session(SessionAction::SignedIn { account, from }));
        }
        Some(_) | None => adopt_session(theirs, out),
    }
}
