//! What a session asks the server's shell to do.

use wizitime_protocol::messages::{BULK_EVENT, GET_LATEST_TIME_ENTRIES, PING, Reason};

use super::job::Job;
use crate::broadcast::Broadcast;

/// Why the server closes a connection: close codes of RFC 6455 §7.4 as Phoenix uses them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CloseCode {
    /// The token was revoked; the client may reconnect with another one.
    GoingAway = 1001,
    /// The client does not read, or sends too fast or too slowly.
    PolicyViolation = 1008,
    /// A frame exceeds the size limit.
    MessageTooBig = 1009,
    /// A frame could not be decoded.
    InternalError = 1011,
    /// The server restarts; the client should reconnect.
    ServiceRestart = 1012,
    /// Too many bytes of messages are in memory; the client should reconnect later.
    TryAgainLater = 1013,
}

/// What the shell has to do, in this order.
#[derive(Clone, Debug)]
pub enum SessionEffect {
    /// Send a text frame on this connection.
    Send(String),
    /// Run a job and return its result with
    /// [`Session::job_finished`](super::Session::job_finished). There is at most one job at a time.
    Run(Job),
    /// Send this to the user's *other* connections; this connection has it already.
    Broadcast(Broadcast),
    /// A push was received; for the access log.
    PushReceived { event: String, payload_bytes: usize },
    /// A push was replied to, with status `ok` unless there is an error; for the metrics.
    PushReplied { kind: PushKind, error: Option<Reason> },
    /// Close the connection.
    Close(CloseCode),
}

/// The pushes a client can send.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PushKind {
    /// `BULK_EVENT`.
    BulkEvent,
    /// `GET_LATEST_TIME_ENTRIES`.
    GetLatestTimeEntries,
    /// `ping`.
    Ping,
    /// Any other event name.
    Unknown,
}

impl PushKind {
    pub(super) fn from_event(event: &str) -> Self {
        match event {
            BULK_EVENT => Self::BulkEvent,
            GET_LATEST_TIME_ENTRIES => Self::GetLatestTimeEntries,
            PING => Self::Ping,
            _ => Self::Unknown,
        }
    }
}
