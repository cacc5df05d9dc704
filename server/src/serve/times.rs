//! How long a request may take to arrive.

use std::time::Duration;

/// How long the head of a request may take; also how long a connection may do nothing between two
/// requests.
const HEAD_MS: u64 = 30_000;
/// How long the body of a request may take.
const BODY_MS: u64 = 10_000;

/// The patience with requests.
#[derive(Clone, Copy, Debug)]
pub struct RequestTimes {
    /// From the connection, or the end of the request before, to the end of the head.
    pub head: Duration,
    /// From the end of the head to the end of the body.
    pub body: Duration,
}

impl Default for RequestTimes {
    fn default() -> Self {
        Self { head: Duration::from_millis(HEAD_MS), body: Duration::from_millis(BODY_MS) }
    }
}
