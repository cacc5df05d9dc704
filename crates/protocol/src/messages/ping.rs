//! `ping`: what time it is on the server.

use wizitime_domain::Timestamp;
use wizitime_json::json_object;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ping {
    /// The sender's own clock; not used by the server.
    pub sent_at: Timestamp,
}
json_object!(Ping { sent_at });

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pong {
    pub server_time: Timestamp,
}
json_object!(Pong { server_time });
