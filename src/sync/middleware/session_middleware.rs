//! What signing in and out brings about.

use wizitime_domain::json;

use crate::app::Secret;
use crate::app::chain::Machines;
use crate::app::effect::{Effect, HttpCall};
use crate::app::{Moment, Outbox};
use crate::store::slices::session::Account;
use crate::store::{Action, SessionSource, State};
use crate::sync::StorageKey;
use crate::sync::record::Owner;

/// From so many connections in a row that never opened on, the server is asked whether the token
/// is still good.
const NEVER_OPENED_PROBE_MIN: u32 = 2;

pub(crate) fn handle(
    _machines: &mut Machines,
    state: &State,
    action: &Action,
    _moment: Moment,
    out: &mut Outbox,
) {
    #[expect(clippy::wildcard_enum_match_arm, reason = "a middleware answers what concerns it")]
    match action {
        Action::SignedIn { account, from } => {
            store(account, *from, out);
            // Whoever awaits something from the connection that was learns that it is gone.
            out.actions.push(Action::LinkLost { failed_connects: 0 });
            out.effects.push(Effect::LoadCache { user_id: account.user_id });
            adopt(state, account, out);
        }
        Action::StoredEventsFound(_) | Action::Restored(_) => {
            if let Some(account) = state.session.account() {
                adopt(state, account, out);
            }
        }
        Action::SessionExpired { from } => {
            state.session.account().into_iter().for_each(|account| store(account, *from, out));
            out.actions.push(Action::LinkLost { failed_connects: 0 });
        }
        Action::SignedOut => {
            out.effects.push(Effect::RemoveStorage { key: StorageKey::Session.write() });
            out.actions.push(Action::LinkLost { failed_connects: 0 });
        }
        // A browser cannot see why a socket did not open, so the token is asked about; less and
        // less often while nobody answers.
        Action::LinkLost { failed_connects }
            if *failed_connects >= NEVER_OPENED_PROBE_MIN && failed_connects.is_power_of_two() =>
        {
            probe(state, out);
        }
        Action::ChannelRefused { reason } if reason == "unauthorized" => probe(state, out),
        _ => (),
    }
}

/// The guest's events become the account's.
fn adopt(state: &State, account: &Account, out: &mut Outbox) {
    let records = state.events.owned_by(Owner::Guest);
    if !records.is_empty() {
        out.actions.push(Action::OwnerChanged { records, to: Owner::User(account.user_id) });
    }
}

fn store(account: &Account, from: SessionSource, out: &mut Outbox) {
    if account.hosted || from == SessionSource::OtherTab {
        return;
    }
    let value = json::to_string(account);
    out.effects.push(Effect::WriteStorage { key: StorageKey::Session.write(), value });
}

fn probe(state: &State, out: &mut Outbox) {
    if let Some(account) = state.session.active().filter(|account| !account.hosted) {
        let token = Secret(account.token.clone());
        out.effects.push(Effect::Http(HttpCall::Session { token }));
    }
}
