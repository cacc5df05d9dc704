//! Runs the leader election.

use wizitime_protocol::{Moment, MonoTime};

use crate::effects::Effect;
use crate::effects::Outbox;
use crate::store::{Action, PeerAction, PeerMessage, State};
use crate::sync::{ElectionStep, LeaderElection};

/// Pings and pongs, and steals the lock of a leader that does not answer.
#[derive(Clone, Debug, Default)]
pub(crate) struct LeaderMiddleware {
    election: LeaderElection,
}

impl LeaderMiddleware {
    /// Whether this tab leads.
    pub(crate) fn is_leader(&self) -> bool {
        self.election.is_leader()
    }

    /// When the election has something to do next.
    pub(crate) const fn due(&self) -> Option<MonoTime> {
        self.election.due()
    }

    pub(crate) fn handle(&mut self, action: &Action, moment: Moment, out: &mut Outbox) {
        match action {
            Action::Peer(action) => match action {
                PeerAction::BecameLeader => self.election.became_leader(),
                PeerAction::LostLeadership => self.election.lost_leadership(),
                PeerAction::Message(PeerMessage::LeaderPing) => {
                    if self.is_leader() {
                        out.effects.push(Effect::PostToPeers(PeerMessage::LeaderPong));
                    }
                }
                PeerAction::Message(PeerMessage::LeaderPong) => {
                    self.election.pong_received(moment.mono);
                }
                PeerAction::Message(PeerMessage::RestoreCompleted(_))
                | PeerAction::Acknowledged { .. }
                | PeerAction::RemovedQuarantined { .. } => (),
            },
            Action::Local(_)
            | Action::Server(_)
            | Action::Sync(_)
            | Action::Storage(_)
            | Action::Session(_)
            | Action::Page(_) => (),
        }
    }

    /// Advances the election, after all other middlewares.
    pub(crate) fn step(
        &mut self,
        state: &State,
        is_restore_pending: bool,
        now: MonoTime,
        out: &mut Outbox,
    ) {
        let has_work = is_restore_pending || state.events.waiting_count() > 0;
        match self.election.step(state.connection.joined && has_work, now) {
            ElectionStep::Nothing => (),
            ElectionStep::Ping => {
                out.effects.push(Effect::PostToPeers(PeerMessage::LeaderPing));
            }
            ElectionStep::Steal => out.effects.push(Effect::TakeLeaderLock),
        }
    }
}
