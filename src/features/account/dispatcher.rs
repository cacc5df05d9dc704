//! Signing in and out, and taking one's data along.

use super::intent::AccountIntent;
use crate::app::effect::{Effect, HttpCall};
use crate::app::{Outbox, Secret};
use crate::store::slices::notices::Notice;
use crate::store::{Action, State};

/// Turns an intent into actions and effects.
pub(in crate::features) fn dispatch(intent: AccountIntent, state: &State) -> Outbox {
    let device_id = state.device.device_id;
    match intent {
        AccountIntent::SignUp { email, password } => {
            sign_in(HttpCall::SignUp { email, password, device_id })
        }
        AccountIntent::SignIn { email, password } => {
            sign_in(HttpCall::SignIn { email, password, device_id })
        }
        AccountIntent::SignOut { discard_unsynced } => sign_out(state, discard_unsynced),
    }
}

fn sign_in(call: HttpCall) -> Outbox {
    Outbox { actions: vec![Action::SigningIn], effects: vec![Effect::Http(call)] }
}

/// Refused while something is neither synced nor given up: nothing is lost by a click.
fn sign_out(state: &State, discard_unsynced: bool) -> Outbox {
    let Some(account) = state.session.account() else { return Outbox::default() };
    let unsynced = state.events.owned_by(state.session.owner());
    if !unsynced.is_empty() && !discard_unsynced {
        let waiting = unsynced.len();
        return Outbox::action(Action::Notified(Notice::SignOutRefused { waiting }));
    }
    let mut effects = vec![Effect::ClearCache { user_id: account.user_id }];
    if !account.expired && !account.hosted {
        effects.push(Effect::Http(HttpCall::SignOut { token: Secret(account.token.clone()) }));
    }
    let discarded = Action::Discarded { records: unsynced };
    Outbox { actions: vec![discarded, Action::NoticeDismissed, Action::SignedOut], effects }
}
