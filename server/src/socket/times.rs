//! How long a connection waits for what.

use std::time::Duration;

/// A client that sends nothing for so long is gone. Phoenix waits as long.
const IDLE_MS: u64 = 60_000;
/// A client that does not read for so long is gone.
const SEND_MS: u64 = 30_000;
/// How long the other end may take to answer a close, and a last job to end.
const CLOSE_MS: u64 = 2_000;

/// The patience of a connection.
#[derive(Clone, Copy, Debug)]
pub struct SocketTimes {
    /// From the last frame of the client to the end.
    pub idle: Duration,
    /// The time that sending one frame may take.
    pub send: Duration,
    /// From our close frame to the end.
    pub close: Duration,
}

impl Default for SocketTimes {
    fn default() -> Self {
        Self {
            idle: Duration::from_millis(IDLE_MS),
            send: Duration::from_millis(SEND_MS),
            close: Duration::from_millis(CLOSE_MS),
        }
    }
}
