//! `ping`: measures the offset of the server's clock.

use serde::{Deserialize, Serialize};
use wizitime_domain::Timestamp;

/// The payload of a `ping`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ping {
    /// The client's clock; the server ignores it.
    pub sent_at: Timestamp,
}

/// The `ok` reply to a `ping`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pong {
    pub server_time: Timestamp,
}
