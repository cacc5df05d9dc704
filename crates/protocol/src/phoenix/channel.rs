//! One channel as its client sees it.

use wizitime_domain::json::JsonText;

use super::moment::MonoTime;

/// The life of a channel. `phoenix.js` names the same five; here each carries just its data.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum ChannelState {
    /// Waits for the connection; it is joined as soon as that opens.
    Waiting,
    /// The join was sent.
    Joining { join_ref: String, deadline: MonoTime },
    /// The server took us in.
    Joined { join_ref: String },
    /// It failed and is joined again then.
    Errored { rejoin_at: MonoTime },
}

/// A topic that the client wants to be in.
#[derive(Clone, Debug)]
pub(super) struct Channel {
    pub(super) topic: String,
    /// The JSON payload of the next join: read when it is sent, not when it was wished for.
    pub(super) params: JsonText,
    pub(super) state: ChannelState,
    /// Joins in a row that failed.
    pub(super) tries: u32,
}

impl Channel {
    pub(super) fn join_ref(&self) -> Option<&str> {
        match &self.state {
            ChannelState::Joining { join_ref, .. } | ChannelState::Joined { join_ref } => {
                Some(join_ref)
            }
            ChannelState::Waiting | ChannelState::Errored { .. } => None,
        }
    }

    /// Whether the join with this reference waits for its answer.
    pub(super) fn is_joining_as(&self, reference: &str) -> bool {
        match &self.state {
            ChannelState::Joining { join_ref, .. } => join_ref == reference,
            ChannelState::Waiting | ChannelState::Joined { .. } | ChannelState::Errored { .. } => {
                false
            }
        }
    }

    pub(super) fn due(&self) -> Option<MonoTime> {
        match &self.state {
            ChannelState::Joining { deadline, .. } => Some(*deadline),
            ChannelState::Errored { rejoin_at } => Some(*rejoin_at),
            ChannelState::Waiting | ChannelState::Joined { .. } => None,
        }
    }
}
