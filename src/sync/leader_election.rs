//! Leader election: which tab of a browser profile sends.
//!
//! The leader holds a Web Lock. A frozen tab keeps its lock, so a follower that sees work undone
//! pings the leader, and steals the lock when no pong comes. A follower that saw a restored server,
//! is new, or has not pinged for a minute pings as well, until the leader reports that the restore
//! is completed: a frozen tab may hold events that no other tab knows.

use wizitime_protocol::MonoTime;

/// How long work may stay undone before the leader is pinged, in milliseconds.
const SUSPECT_MS: u64 = 2_000;
/// How long the pong may take, in milliseconds.
const PONG_MS_MAX: u64 = 3_000;
/// How long a pong is trusted, in milliseconds.
const TRUST_MS: u64 = 10_000;

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Phase {
    /// Another tab leads, or will soon.
    #[default]
    Following,
    /// There is work; the leader is expected to have done it by then.
    Suspecting { until: MonoTime },
    /// The leader was pinged.
    Pinged { until: MonoTime },
    /// The lock was requested in spite of its holder.
    Stealing,
    /// This tab leads.
    Leading,
}

/// What to do now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ElectionStep {
    Nothing,
    /// Ping the leader.
    Ping,
    /// Steal the lock.
    Steal,
}

/// This tab's part in the election.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LeaderElection {
    phase: Phase,
}

impl LeaderElection {
    /// Whether this tab leads.
    pub fn is_leader(&self) -> bool {
        self.phase == Phase::Leading
    }

    /// This tab got the lock.
    pub const fn became_leader(&mut self) {
        self.phase = Phase::Leading;
    }

    /// Another tab stole the lock.
    pub const fn lost_leadership(&mut self) {
        self.phase = Phase::Following;
    }

    /// The leader answered a ping.
    pub const fn pong_received(&mut self, now: MonoTime) {
        match self.phase {
            Phase::Suspecting { .. } | Phase::Pinged { .. } => {
                self.phase = Phase::Suspecting { until: now.plus_ms(TRUST_MS) };
            }
            Phase::Following | Phase::Stealing | Phase::Leading => (),
        }
    }

    /// Advances the election. `has_work`: whether the leader has something to do.
    pub fn step(&mut self, has_work: bool, now: MonoTime) -> ElectionStep {
        match self.phase {
            Phase::Leading | Phase::Stealing => ElectionStep::Nothing,
            Phase::Following | Phase::Suspecting { .. } | Phase::Pinged { .. } if !has_work => {
                self.phase = Phase::Following;
                ElectionStep::Nothing
            }
            Phase::Following => {
                self.phase = Phase::Suspecting { until: now.plus_ms(SUSPECT_MS) };
                ElectionStep::Nothing
            }
            Phase::Suspecting { until } if until <= now => {
                self.phase = Phase::Pinged { until: now.plus_ms(PONG_MS_MAX) };
                ElectionStep::Ping
            }
            Phase::Pinged { until } if until <= now => {
                self.phase = Phase::Stealing;
                ElectionStep::Steal
            }
            Phase::Suspecting { .. } | Phase::Pinged { .. } => ElectionStep::Nothing,
        }
    }

    /// When [`LeaderElection::step`] has something to do next.
    pub const fn due(&self) -> Option<MonoTime> {
        match self.phase {
            Phase::Suspecting { until } | Phase::Pinged { until } => Some(until),
            Phase::Following | Phase::Stealing | Phase::Leading => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn at(ms: u64) -> MonoTime {
        MonoTime::from_ms(ms)
    }

    #[test]
    fn a_frozen_leader_is_replaced_within_ten_seconds() {
        let mut election = LeaderElection::default();
        assert_eq!(election.step(true, at(0)), ElectionStep::Nothing);
        let pinged_at = election.due().unwrap();
        assert_eq!(election.step(true, pinged_at), ElectionStep::Ping);
        let stolen_at = election.due().unwrap();
        assert_eq!(election.step(true, stolen_at), ElectionStep::Steal);
        assert!(stolen_at.as_ms() < 10_000);
        assert_eq!(election.step(true, at(60_000)), ElectionStep::Nothing, "it is stolen once");
        election.became_leader();
        assert!(election.is_leader());
        election.lost_leadership();
        assert!(!election.is_leader());
    }

    #[test]
    fn a_leader_that_answers_is_trusted_for_a_while() {
        let mut election = LeaderElection::default();
        election.step(true, at(0));
        election.step(true, at(SUSPECT_MS));
        election.pong_received(at(SUSPECT_MS + 1));
        assert_eq!(election.due(), Some(at(SUSPECT_MS + 1 + TRUST_MS)));
    }

    #[test]
    fn without_work_the_leader_is_not_pinged() {
        let mut election = LeaderElection::default();
        election.step(true, at(0));
        assert_eq!(election.step(false, at(SUSPECT_MS)), ElectionStep::Nothing);
        assert_eq!(election.due(), None);
    }
}
