//! `ping`: what time it is on the server.

use serde::{Deserialize, Serialize};
use wizitime_domain::Timestamp;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ping {
    /// The sender's own clock; not used by the server.
    pub sent_at: Timestamp,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pong {
    pub server_time: Timestamp,
}
