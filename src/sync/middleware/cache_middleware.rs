//! Keeps the device's copy of the confirmed data. Only the tab that sends writes it.

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
        Action::Confirmed(news) if machines.sender => {
            out.effects.push(Effect::WriteCache(CacheWrite {
                user_id,
                epoch: news.epoch,
                cursor: news.cursor,
                entities: news.entities.clone(),
                replace: news.scope != Scope::Changes,
            }));
        }
        // The copy is as the last sender left it, which may be behind or ahead of this tab.
        Action::BecameSender => {
            if let Some(epoch) = state.ledger.epoch() {
                out.effects.push(Effect::WriteCache(CacheWrite {
                    user_id,
                    epoch,
                    cursor: state.ledger.cursor(),
                    entities: state.ledger.confirmed().entities().collect(),
                    replace: true,
                }));
            }
        }
        _ => (),
    }
}
