//! Sees to it that some tab sends.

use crate::app::chain::Machines;
use crate::app::effect::Effect;
use crate::app::input::PeerMessage;
use crate::app::{Moment, Outbox};
use crate::store::{Action, State};
use crate::sync::ElectionStep;

pub(crate) fn handle(
    machines: &mut Machines,
    state: &State,
    action: &Action,
    moment: Moment,
    out: &mut Outbox,
) {
    let now = moment.mono;
    #[expect(clippy::wildcard_enum_match_arm, reason = "a middleware answers what concerns it")]
    match action {
        Action::BecameLeader => machines.election.got(),
        Action::LostLeadership => machines.election.lost(),
        Action::PeerMessageReceived(PeerMessage::LeaderPing) if machines.election.is_leader() => {
            out.effects.push(Effect::PostToPeers(PeerMessage::LeaderPong));
            // A browser slows the timers of a hidden page, but not what it hears.
            machines.sync.schedule(true, now);
            out.actions.push(Action::TimerFired);
        }
        Action::PeerMessageReceived(PeerMessage::LeaderPong) => machines.election.heard(now),
        _ => (),
    }
    let has_work = machines.offer_wanted || state.events.waiting().next().is_some();
    let waits = state.link.joined && has_work;
    match machines.election.step(waits, now) {
        ElectionStep::Nothing => (),
        ElectionStep::Ask => out.effects.push(Effect::PostToPeers(PeerMessage::LeaderPing)),
        ElectionStep::Take => out.effects.push(Effect::TakeLeaderLock),
    }
}
