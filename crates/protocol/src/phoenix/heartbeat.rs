//! The heartbeat: detects a connection that is open but dead.

use crate::MonoTime;

/// From a heartbeat reply to the next heartbeat. Phoenix closes a connection that was idle for
/// 60 s.
pub const HEARTBEAT_INTERVAL_MS: u64 = 25_000;
/// How long a heartbeat reply may take.
pub const HEARTBEAT_TIMEOUT_MS: u64 = 10_000;
/// How long the reply to a probe may take: a heartbeat sent early because the connection is in
/// doubt, after sleep, a change of network or a hidden page.
pub const PROBE_TIMEOUT_MS: u64 = 4_000;
/// A timer that fires later than this indicates that the device slept, not that the connection
/// is dead.
const SLEEP_DETECTED_MS: u64 = 3_000;

/// The heartbeat of an open connection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Heartbeat {
    /// The next heartbeat is sent at `next_at`.
    Idle { next_at: MonoTime },
    /// The heartbeat with this reference has no reply yet.
    AwaitingReply { reference: String, deadline: MonoTime },
}

/// What the heartbeat requires at a given time.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum HeartbeatAction {
    None,
    /// Send a heartbeat whose reply may take this long.
    Send {
        timeout_ms: u64,
    },
    /// The reply is overdue: close the connection.
    Close,
}

impl Heartbeat {
    /// The connection is known to be alive `now`.
    pub(super) fn idle_from(now: MonoTime) -> Self {
        Self::Idle { next_at: now.plus_ms(HEARTBEAT_INTERVAL_MS) }
    }

    pub(super) fn next_timer(&self) -> MonoTime {
        match self {
            Self::Idle { next_at } => *next_at,
            Self::AwaitingReply { deadline, .. } => *deadline,
        }
    }

    /// Whether a heartbeat was sent whose deadline is not after `limit`.
    pub(super) fn expects_reply_by(&self, limit: MonoTime) -> bool {
        match self {
            Self::Idle { .. } => false,
            Self::AwaitingReply { deadline, .. } => *deadline <= limit,
        }
    }

    /// Whether the heartbeat with this reference awaits its reply.
    pub(super) fn is_awaiting(&self, reply_to: &str) -> bool {
        match self {
            Self::Idle { .. } => false,
            Self::AwaitingReply { reference, .. } => reference == reply_to,
        }
    }

    pub(super) fn action(&self, now: MonoTime) -> HeartbeatAction {
        if now < self.next_timer() {
            return HeartbeatAction::None;
        }
        match self {
            Self::Idle { .. } => HeartbeatAction::Send { timeout_ms: HEARTBEAT_TIMEOUT_MS },
            Self::AwaitingReply { deadline, .. } if now.ms_since(*deadline) > SLEEP_DETECTED_MS => {
                HeartbeatAction::Send { timeout_ms: PROBE_TIMEOUT_MS }
            }
            Self::AwaitingReply { .. } => HeartbeatAction::Close,
        }
    }
}
