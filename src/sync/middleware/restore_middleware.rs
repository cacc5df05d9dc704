//! Offers a server that was restored from a backup what it has lost. Only the tab that sends does;
//! the others ask whether it is there until it says that it has.

use wizitime_protocol::phoenix::MonoTime;

use crate::app::chain::Machines;
use crate::app::effect::Effect;
use crate::app::input::PeerMessage;
use crate::app::{Moment, Outbox};
use crate::store::{Action, Scope, State};

/// How long sending waits for the archive, once it is known what the server has.
const OFFER_MS_MAX: u64 = 30_000;

pub(crate) fn handle(
    machines: &mut Machines,
    state: &State,
    action: &Action,
    moment: Moment,
    out: &mut Outbox,
) {
    let now = moment.mono;
    let ours = state.ledger.epoch().map(|epoch| (epoch, state.ledger.cursor()));
    #[expect(clippy::wildcard_enum_match_arm, reason = "a middleware answers what concerns it")]
    match action {
        // The tab that sent before may have died in the middle of offering.
        Action::BecameLeader => want(machines, now),
        Action::SignedIn { .. } => want(machines, now),
        Action::ChannelJoined(reply) => {
            let is_restored =
                ours.is_some_and(|(epoch, at)| epoch != reply.epoch || at > reply.cursor);
            if is_restored || machines.offer_wanted {
                want(machines, now);
            }
        }
        Action::Confirmed(changes) => {
            if changes.scope == Scope::AnotherLog {
                want(machines, now);
            }
            if machines.offer_wanted && machines.election.is_leader() {
                machines.offer_begun = true;
                read(state, out);
            }
        }
        // An old text may say of what was acknowledged since that it was set aside.
        Action::StoredEventsFound(found) | Action::Restored(found)
            if machines.election.is_leader() && found.iter().any(|it| it.quarantine.is_some()) =>
        {
            read(state, out);
        }
        Action::RestoreResent { .. } => {
            done(machines);
            tell(state, out);
        }
        Action::PeerMessageReceived(PeerMessage::LeaderPing)
            if machines.election.is_leader() && !machines.offer_wanted =>
        {
            tell(state, out);
        }
        // It may have offered to the log of before. One that was frozen says so late, before it
        // hears that this tab sends now.
        Action::PeerMessageReceived(PeerMessage::RestoreCompleted(to))
            if !machines.election.is_leader() && state.ledger.epoch() == Some(*to) =>
        {
            done(machines);
        }
        Action::TimerFired if machines.offer_until.is_some_and(|until| until <= now) => {
            // A server that was restored before may have been met by a tab that is gone. Whoever
            // never had any changes has nothing that was taken by another log.
            if machines.offer_begun || state.ledger.epoch().is_none() {
                machines.offer_until = None;
                machines.sync.schedule(true, now);
            } else {
                machines.offer_until = Some(now.plus_ms(OFFER_MS_MAX));
            }
        }
        _ => (),
    }
}

fn read(state: &State, out: &mut Outbox) {
    if let Some(account) = state.session.account() {
        out.effects.push(Effect::ReadArchive { user_id: account.user_id });
    }
}

fn done(machines: &mut Machines) {
    machines.offer_wanted = false;
    machines.offer_begun = false;
    machines.offer_until = None;
}

/// The tabs that do not send need not see to it any longer.
fn tell(state: &State, out: &mut Outbox) {
    if let Some(epoch) = state.ledger.epoch() {
        out.effects.push(Effect::PostToPeers(PeerMessage::RestoreCompleted(epoch)));
    }
}

/// What the server acknowledged is compared with what it has, once that is known. Nothing is sent
/// before, so that nothing comes before its cause.
fn want(machines: &mut Machines, now: MonoTime) {
    machines.offer_wanted = true;
    machines.offer_begun = false;
    machines.offer_until = Some(now.plus_ms(OFFER_MS_MAX));
    machines.catch_up.want();
}
