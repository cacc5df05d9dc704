//! Sees to it that some tab sends.

use crate::effect::Effect;
use crate::input::PeerMessage;
use crate::store::{Action, Ctx, Machines, Out, State};
use crate::sync::LeaseStep;

pub(crate) fn handle(
    machines: &mut Machines,
    state: &State,
    action: &Action,
    ctx: Ctx,
    out: &mut Out,
) {
    let now = ctx.now.mono;
    #[expect(clippy::wildcard_enum_match_arm, reason = "a middleware answers what concerns it")]
    match action {
        Action::BecameSender => machines.lease.got(),
        Action::LostSender => machines.lease.lost(),
        Action::PeerSaid(PeerMessage::WhoSends) if machines.lease.is_sender() => {
            out.effects.push(Effect::TellPeers(PeerMessage::ISend));
            // A browser slows the timers of a hidden page, but not what it hears.
            machines.sync.schedule(true, now);
            out.actions.push(Action::Ticked);
        }
        Action::PeerSaid(PeerMessage::ISend) => machines.lease.heard(now),
        _ => (),
    }
    let has_work = machines.offer_wanted || state.events.waiting().next().is_some();
    let waits = state.link.joined && has_work;
    match machines.lease.step(waits, now) {
        LeaseStep::Nothing => (),
        LeaseStep::Ask => out.effects.push(Effect::TellPeers(PeerMessage::WhoSends)),
        LeaseStep::Take => out.effects.push(Effect::TakeSenderLock),
    }
}
