//! Timeouts of HTTP requests and of sockets.

use std::time::Duration;

/// Limit for a request's head, and for an idle keep-alive connection.
const REQUEST_HEAD_MS: u64 = 30_000;
/// Limit for a request's body.
const REQUEST_BODY_MS: u64 = 10_000;
/// A client that sends nothing for this long is disconnected. Phoenix uses the same value.
const SOCKET_IDLE_MS: u64 = 60_000;
/// A message that is not complete this long after its first byte closes the connection.
const SOCKET_MESSAGE_MS: u64 = 30_000;
/// A client that does not read a frame within this time is disconnected.
const SOCKET_SEND_MS: u64 = 30_000;
/// Limit for the closing handshake, and for the job that is still running.
const SOCKET_CLOSE_MS: u64 = 2_000;

/// How long a request may take to arrive.
#[derive(Clone, Copy, Debug)]
pub struct RequestTimeouts {
    /// From the connection, or the end of the previous request, to the end of the head.
    pub head: Duration,
    /// From the end of the head to the end of the body.
    pub body: Duration,
}

impl Default for RequestTimeouts {
    fn default() -> Self {
        Self {
            head: Duration::from_millis(REQUEST_HEAD_MS),
            body: Duration::from_millis(REQUEST_BODY_MS),
        }
    }
}

/// How long a socket waits for its client.
#[derive(Clone, Copy, Debug)]
pub struct SocketTimeouts {
    /// From the client's last frame to the disconnect.
    pub idle: Duration,
    /// From the first byte of a message to its last one.
    pub message: Duration,
    /// For sending one frame.
    pub send: Duration,
    /// From the close frame to the end of the connection.
    pub close: Duration,
}

impl Default for SocketTimeouts {
    fn default() -> Self {
        Self {
            idle: Duration::from_millis(SOCKET_IDLE_MS),
            message: Duration::from_millis(SOCKET_MESSAGE_MS),
            send: Duration::from_millis(SOCKET_SEND_MS),
            close: Duration::from_millis(SOCKET_CLOSE_MS),
        }
    }
}
