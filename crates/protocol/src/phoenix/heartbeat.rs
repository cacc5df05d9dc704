//! Proof that the other end is there.

use super::moment::MonoTime;

/// From one answer to the next question. Phoenix ends a connection that was silent for 60 s.
pub const HEARTBEAT_INTERVAL_MS: u64 = 25_000;
/// How long an answer may take.
pub const HEARTBEAT_TIMEOUT_MS: u64 = 10_000;
/// How long it may take when there is reason to doubt: after sleep, a change of network, hiding.
pub const PROBE_TIMEOUT_MS: u64 = 4_000;
/// A timer that fires so late tells of sleep, not of a dead link.
const WOKEN_LATE_MS: u64 = 3_000;

/// Where a connection's heartbeat stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Heartbeat {
    /// The next question is due then.
    Resting { until: MonoTime },
    /// This question waits for its answer.
    Asked { reference: String, deadline: MonoTime },
}

/// What is to be done about the heartbeat at some moment.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    Nothing,
    /// Ask, with the usual or the short time to answer.
    Ask {
        timeout_ms: u64,
    },
    /// Nobody answers: the link is dead.
    Dead,
}

impl Heartbeat {
    pub(super) fn rest(now: MonoTime) -> Self {
        Self::Resting { until: now.plus_ms(HEARTBEAT_INTERVAL_MS) }
    }

    pub(super) fn due(&self) -> MonoTime {
        match self {
            Self::Resting { until } => *until,
            Self::Asked { deadline, .. } => *deadline,
        }
    }

    /// Whether a question is out whose answer is due by then.
    pub(super) fn is_answered_by(&self, soon: MonoTime) -> bool {
        match self {
            Self::Resting { .. } => false,
            Self::Asked { deadline, .. } => *deadline <= soon,
        }
    }

    /// Whether this is the question that waits for its answer.
    pub(super) fn asks(&self, question: &str) -> bool {
        match self {
            Self::Resting { .. } => false,
            Self::Asked { reference, .. } => reference == question,
        }
    }

    pub(super) fn verdict(&self, now: MonoTime) -> Verdict {
        if now < self.due() {
            return Verdict::Nothing;
        }
        match self {
            Self::Resting { .. } => Verdict::Ask { timeout_ms: HEARTBEAT_TIMEOUT_MS },
            Self::Asked { deadline, .. } if now.ms_since(*deadline) > WOKEN_LATE_MS => {
                Verdict::Ask { timeout_ms: PROBE_TIMEOUT_MS }
            }
            Self::Asked { .. } => Verdict::Dead,
        }
    }
}
