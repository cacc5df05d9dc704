//! Keeps the device's copy of the confirmed data. Only the tab that sends writes it.

use wizitime_domain::UserId;

use crate::app::chain::Machines;
use crate::app::effect::{CacheWrite, Effect};
use crate::app::{Moment, Outbox};
use crate::store::{Action, Scope, State};

pub(crate) fn handle(
    machines: &mut Machines,
    state: &State,
    action: &Action,
    _moment: Moment,
    out: &mut Outbox,
) {
    let Some(account) = state.session.account() else { return };
    let user_id = account.user_id;
    #[expect(clippy::wildcard_enum_match_arm, reason = "a middleware answers what concerns it")]
    match action {
        Action::Confirmed(changes) if machines.election.is_leader() => {
            let base = machines.cached.filter(|_| changes.scope == Scope::Changes);
            let (epoch, cursor) = (changes.epoch, changes.cursor);
            machines.cached = Some((epoch, cursor));
            match base {
                Some((_, at)) if at == cursor && changes.entities.is_empty() => (),
                Some(_) => {
                    let entities = changes.entities.clone();
                    let write = CacheWrite { user_id, epoch, cursor, entities, base };
                    out.effects.push(Effect::WriteCache(write));
                }
                None => replace(state, user_id, out),
            }
        }
        Action::CacheLoaded { snapshot, .. } => {
            machines.cached = snapshot.as_ref().map(|it| (it.epoch, it.cursor));
        }
        // The copy is as the last sender left it, which may be behind or ahead of this tab.
        Action::BecameLeader => {
            machines.cached = state.ledger.epoch().map(|epoch| (epoch, state.ledger.cursor()));
            replace(state, user_id, out);
        }
        Action::CacheOutdated if machines.election.is_leader() => replace(state, user_id, out),
        Action::SignedIn { .. } => machines.cached = None,
        _ => (),
    }
}

/// Writes all of the confirmed data, if there is any.
fn replace(state: &State, user_id: UserId, out: &mut Outbox) {
    if let Some(epoch) = state.ledger.epoch() {
        out.effects.push(Effect::WriteCache(CacheWrite {
            user_id,
            epoch,
            cursor: state.ledger.cursor(),
            entities: state.ledger.confirmed().entities().collect(),
            base: None,
        }));
    }
}
