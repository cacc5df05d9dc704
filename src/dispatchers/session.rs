//! Signing in and out, and taking one's data along.

use super::{Dispatched, Secret};
use crate::effect::{Effect, HttpCall};
use crate::store::slices::notices::Notice;
use crate::store::{Action, State};
use crate::sync::export_json;

pub(super) fn sign_in(call: HttpCall) -> Dispatched {
    Dispatched { actions: vec![Action::SigningIn], effects: vec![Effect::Http(call)] }
}

/// Refused while something is neither synced nor given up: nothing is lost by a click.
pub(super) fn sign_out(state: &State, drop_unsynced: bool) -> Dispatched {
    let Some(account) = state.session.account() else { return Dispatched::default() };
    let unsynced = state.events.owned_by(state.session.owner());
    if !unsynced.is_empty() && !drop_unsynced {
        let waiting = unsynced.len();
        return Dispatched::action(Action::Notified(Notice::SignOutRefused { waiting }));
    }
    let mut effects = vec![Effect::ClearCache { user_id: account.user_id }];
    if !account.expired && !account.hosted {
        effects.push(Effect::Http(HttpCall::SignOut { token: Secret(account.token.clone()) }));
    }
    let discarded = Action::Discarded { records: unsynced };
    Dispatched { actions: vec![discarded, Action::NoticeDismissed, Action::SignedOut], effects }
}

pub(super) fn export(state: &State) -> Dispatched {
    let download =
        Effect::Download { name: "wizitime-unsynced.json".to_owned(), text: export_json(state) };
    Dispatched { effects: vec![download], ..Dispatched::default() }
}
