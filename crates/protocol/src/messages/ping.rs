//! `ping`: the server's time.

use serde::{Deserialize, Serialize};
use wizitime_domain::Timestamp;

/// The payload of a ping.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ping {
    /// The client's clock; not used by the server.
    pub sent_at: Timestamp,
}

/// The reply to a ping.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pong {
    pub server_time: Timestamp,
}
