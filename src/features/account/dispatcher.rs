//! Dispatches intents about the account.

use super::intent::AccountIntent;
use crate::effects::Outbox;
use crate::effects::Secret;
use crate::effects::{Effect, HttpCall};
use crate::store::slices::notices::Notice;
use crate::store::{Action, LocalAction, SessionAction, State};

/// Turns an intent into actions and effects.
pub(in crate::features) fn dispatch(intent: AccountIntent, state: &State) -> Outbox {
    let device_id = state.device.device_id;
    match intent {
        AccountIntent::SignIn(account) => sign_in(HttpCall::SignIn { account, device_id }),
        AccountIntent::SignOut { discard_unsynced } => sign_out(state, discard_unsynced),
    }
}

fn sign_in(call: HttpCall) -> Outbox {
    let actions = vec![Action::Session(SessionAction::SigningIn)];
    Outbox { actions, effects: vec![Effect::Http(call)] }
}

/// Refused while events are unsynced, unless they are discarded on purpose: no click loses data.
fn sign_out(state: &State, discard_unsynced: bool) -> Outbox {
    let Some(account) = state.session.account() else { return Outbox::default() };
    let unsynced = state.events.owned_by(state.session.owner());
    if !unsynced.is_empty() && !discard_unsynced {
        let waiting = unsynced.len();
        let notice = Notice::SignOutRefused { waiting };
        return Outbox::action(Action::Local(LocalAction::Notified(notice)));
    }
    let mut effects = vec![Effect::ClearCache { user_id: account.user_id }];
    if !account.expired && !account.hosted {
        effects.push(Effect::Http(HttpCall::SignOut { token: Secret(account.token.clone()) }));
    }
    let mut actions = Vec::new();
    if !unsynced.is_empty() {
        actions.push(Action::Local(LocalAction::Discarded { events: unsynced }));
    }
    actions.push(Action::Local(LocalAction::NoticeDismissed));
    actions.push(Action::Session(SessionAction::SignedOut));
    Outbox { actions, effects }
}
