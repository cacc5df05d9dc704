//! Which tab of a browser profile sends: the one that holds a lock that only one can hold. A tab
//! that is frozen keeps the lock, so whoever sees its events wait asks, and takes the lock from a
//! tab that does not answer. Who sees a restored server, is new, or has not asked for a minute asks
//! as well, until the sender says that it has offered what that server may lack: a frozen tab may
//! have what nobody else knows of.

use wizitime_protocol::phoenix::MonoTime;

/// So long events may wait before the sending tab is asked whether it is there.
const DOUBT_MS: u64 = 2_000;
/// So long the answer may take.
const ANSWER_MS: u64 = 3_000;
/// So long an answer is good for.
const TRUST_MS: u64 = 10_000;

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Phase {
    /// Another tab sends, or will soon.
    #[default]
    Following,
    /// Something has to be sent, and is by then.
    Doubting { until: MonoTime },
    /// The tab that sends was asked.
    Asked { until: MonoTime },
    /// The lock was asked for in spite of the tab that holds it.
    Taking,
    /// This tab sends.
    Sending,
}

/// What is to be done now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ElectionStep {
    Nothing,
    /// Ask the tab that sends whether it is there.
    Ask,
    /// Take the lock from it.
    Take,
}

/// This tab's part in who sends.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LeaderElection {
    phase: Phase,
}

impl LeaderElection {
    /// Whether this tab sends.
    pub fn is_leader(&self) -> bool {
        self.phase == Phase::Sending
    }

    /// This tab holds the lock.
    pub fn got(&mut self) {
        self.phase = Phase::Sending;
    }

    /// Another tab took the lock.
    pub fn lost(&mut self) {
        self.phase = Phase::Following;
    }

    /// The tab that sends is there.
    pub fn heard(&mut self, now: MonoTime) {
        match self.phase {
            Phase::Doubting { .. } | Phase::Asked { .. } => {
                self.phase = Phase::Doubting { until: now.plus_ms(TRUST_MS) };
            }
            Phase::Following | Phase::Taking | Phase::Sending => (),
        }
    }

    /// Time passed, and something can be sent or not.
    pub fn step(&mut self, waits: bool, now: MonoTime) -> ElectionStep {
        match self.phase {
            Phase::Sending | Phase::Taking => ElectionStep::Nothing,
            Phase::Following | Phase::Doubting { .. } | Phase::Asked { .. } if !waits => {
                self.phase = Phase::Following;
                ElectionStep::Nothing
            }
            Phase::Following => {
                self.phase = Phase::Doubting { until: now.plus_ms(DOUBT_MS) };
                ElectionStep::Nothing
            }
            Phase::Doubting { until } if until <= now => {
                self.phase = Phase::Asked { until: now.plus_ms(ANSWER_MS) };
                ElectionStep::Ask
            }
            Phase::Asked { until } if until <= now => {
                self.phase = Phase::Taking;
                ElectionStep::Take
            }
            Phase::Doubting { .. } | Phase::Asked { .. } => ElectionStep::Nothing,
        }
    }

    /// When [`LeaderElection::step`] has something to do next.
    pub const fn due(&self) -> Option<MonoTime> {
        match self.phase {
            Phase::Doubting { until } | Phase::Asked { until } => Some(until),
            Phase::Following | Phase::Taking | Phase::Sending => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(ms: u64) -> MonoTime {
        MonoTime::from_ms(ms)
    }

    #[test]
    fn a_frozen_sender_is_deposed_within_ten_seconds() {
        let mut election = LeaderElection::default();
        assert_eq!(election.step(true, at(0)), ElectionStep::Nothing);
        let asked_at = election.due().unwrap();
        assert_eq!(election.step(true, asked_at), ElectionStep::Ask);
        let taken_at = election.due().unwrap();
        assert_eq!(election.step(true, taken_at), ElectionStep::Take);
        assert!(taken_at.as_ms() < 10_000);
        assert_eq!(election.step(true, at(60_000)), ElectionStep::Nothing, "it is asked for once");
        election.got();
        assert!(election.is_leader());
        election.lost();
        assert!(!election.is_leader());
    }

    #[test]
    fn a_sender_that_answers_is_trusted_for_a_while() {
        let mut election = LeaderElection::default();
        election.step(true, at(0));
        election.step(true, at(DOUBT_MS));
        election.heard(at(DOUBT_MS + 1));
        assert_eq!(election.due(), Some(at(DOUBT_MS + 1 + TRUST_MS)));
    }

    #[test]
    fn nobody_is_asked_while_nothing_waits() {
        let mut election = LeaderElection::default();
        election.step(true, at(0));
        assert_eq!(election.step(false, at(DOUBT_MS)), ElectionStep::Nothing);
        assert_eq!(election.due(), None);
    }
}
