//! Keeps the device's copy of the confirmed data. Only the tab that sends writes it.

use wizitime_domain::UserId;

use crate::effect::{CacheWrite, Effect};
use crate::store::{Action, Ctx, Machines, Out, Scope, State};

pub(crate) fn handle(
    machines: &mut Machines,
    state: &State,
    action: &Action,
    _ctx: Ctx,
    out: &mut Out,
) {
    let Some(account) = state.session.account() else { return };
    let user_id = account.user_id;
    #[expect(clippy::wildcard_enum_match_arm, reason = "a middleware answers what concerns it")]
    match action {
        Action::Confirmed(news) if machines.lease.is_sender() => {
            let base = machines.cached.filter(|_| news.scope == Scope::Changes);
            let (epoch, cursor) = (news.epoch, news.cursor);
            machines.cached = Some((epoch, cursor));
            match base {
                Some((_, at)) if at == cursor && news.entities.is_empty() => (),
                Some(_) => {
                    let entities = news.entities.clone();
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
        Action::BecameSender => {
            machines.cached = state.ledger.epoch().map(|epoch| (epoch, state.ledger.cursor()));
            replace(state, user_id, out);
        }
        Action::CacheBehind if machines.lease.is_sender() => replace(state, user_id, out),
        Action::SignedIn { .. } => machines.cached = None,
        _ => (),
    }
}

/// Writes all of the confirmed data, if there is any.
fn replace(state: &State, user_id: UserId, out: &mut Out) {
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
