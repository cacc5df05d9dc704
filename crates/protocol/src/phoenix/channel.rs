//! A channel at the client's end.

use wizitime_domain::json::JsonText;

use crate::{Backoff, Moment, MonoTime};

/// Nominal delays before a failed channel is joined again, in milliseconds: those of phoenix.js
/// (`rejoinAfterMs`).
const REJOIN_DELAYS_MS: [u64; 4] = [1_000, 2_000, 5_000, 10_000];

/// A channel that was joined for so long works, in milliseconds. One that crashes earlier, for
/// example over the same push each time, is joined ever less often; phoenix.js starts over with
/// every join.
pub(super) const STABLE_MS: u64 = 30_000;

/// Pushes in a row that get no reply before the channel counts as lost.
const UNANSWERED_PUSHES_MAX: u32 = 3;

/// The state of a channel. phoenix.js has a fifth one, `leaving`; here a channel that leaves is
/// removed at once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum ChannelState {
    /// Not joined yet; the join is sent as soon as the connection is open.
    Closed,
    /// The join was sent and has no reply yet.
    Joining { join_ref: String, deadline: MonoTime },
    /// The server accepted the join.
    Joined { join_ref: String, since: MonoTime },
    /// The join or the channel failed; it is joined again at `rejoin_at`.
    Errored { rejoin_at: MonoTime },
}

/// A topic that is to be kept joined.
#[derive(Clone, Debug)]
pub(super) struct Channel {
    pub(super) topic: String,
    /// The JSON payload of the next join.
    pub(super) params: JsonText,
    pub(super) state: ChannelState,
    /// Counts failures since a join that lasted.
    pub(super) backoff: Backoff,
    /// Pushes in a row that got no reply in time, since the last reply.
    unanswered: u32,
}

impl Channel {
    pub(super) fn new(topic: &str, params: JsonText) -> Self {
        Self {
            topic: topic.to_owned(),
            params,
            state: ChannelState::Closed,
            backoff: Backoff::new(&REJOIN_DELAYS_MS),
            unanswered: 0,
        }
    }

    /// The server replied to a push or a join.
    pub(super) const fn answered(&mut self) {
        self.unanswered = 0;
    }

    /// The channel failed. Returns how long to wait before the next join, in milliseconds.
    pub(super) fn failed(&mut self, moment: Moment) -> u64 {
        if matches!(self.state, ChannelState::Joined { since, .. }
            if moment.mono.ms_since(since) >= STABLE_MS)
        {
            self.backoff.reset();
        }
        self.backoff.next_delay_ms(moment.entropy)
    }

    /// A push got no reply in time. Returns whether the server seems to have lost the channel.
    pub(super) const fn push_expired(&mut self) -> bool {
        self.unanswered += 1;
        self.unanswered >= UNANSWERED_PUSHES_MAX
    }

    /// The `join_ref` of the current join.
    pub(super) fn join_ref(&self) -> Option<&str> {
        match &self.state {
            ChannelState::Joining { join_ref, .. } | ChannelState::Joined { join_ref, .. } => {
                Some(join_ref)
            }
            ChannelState::Closed | ChannelState::Errored { .. } => None,
        }
    }

    /// Whether the join with this reference is waiting for its reply.
    pub(super) fn is_joining_as(&self, reference: &str) -> bool {
        match &self.state {
            ChannelState::Joining { join_ref, .. } => join_ref == reference,
            ChannelState::Closed | ChannelState::Joined { .. } | ChannelState::Errored { .. } => {
                false
            }
        }
    }

    pub(super) fn is_joined(&self) -> bool {
        matches!(self.state, ChannelState::Joined { .. })
    }

    /// Whether the join is to be sent now, given an open connection.
    pub(super) fn is_join_due(&self, now: MonoTime) -> bool {
        match &self.state {
            ChannelState::Closed => true,
            ChannelState::Errored { rejoin_at } => *rejoin_at <= now,
            ChannelState::Joining { .. } | ChannelState::Joined { .. } => false,
        }
    }

    /// The `join_ref` of a join whose reply is overdue.
    pub(super) fn expired_join_ref(&self, now: MonoTime) -> Option<&str> {
        match &self.state {
            ChannelState::Joining { join_ref, deadline } if *deadline <= now => Some(join_ref),
            ChannelState::Joining { .. }
            | ChannelState::Closed
            | ChannelState::Joined { .. }
            | ChannelState::Errored { .. } => None,
        }
    }

    /// When the join times out or is to be repeated.
    pub(super) fn next_timer(&self) -> Option<MonoTime> {
        match &self.state {
            ChannelState::Joining { deadline, .. } => Some(*deadline),
            ChannelState::Errored { rejoin_at } => Some(*rejoin_at),
            ChannelState::Closed | ChannelState::Joined { .. } => None,
        }
    }
}
