//! The interface of [`Socket`](super::Socket): what is pushed, and what comes out.

use wizitime_domain::json::JsonText;

use crate::phoenix::frame::Payload;
use crate::phoenix::reply::Status;

/// Identifies one connection attempt, so that late events of an earlier one can be ignored.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ConnId(pub u64);

/// A message to a channel.
#[derive(Clone, Debug)]
pub struct Push<'a, Tag> {
    pub topic: &'a str,
    pub event: &'a str,
    pub payload: Payload,
    /// How long the reply may take, in milliseconds.
    pub timeout_ms: u64,
    /// Returned with the outcome.
    pub tag: Tag,
}

/// Why a push was not sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PushError {
    /// The channel is not joined.
    NotJoined,
    /// [`PUSHES_IN_FLIGHT_MAX`](super::PUSHES_IN_FLIGHT_MAX) pushes have no reply yet.
    TooManyInFlight,
}

/// What the shell has to do, in this order.
#[derive(Clone, Debug)]
pub enum SocketEffect<Tag> {
    /// Open a connection, then call [`Socket::opened`](super::Socket::opened) or
    /// [`Socket::closed`](super::Socket::closed).
    Connect { conn: ConnId },
    /// Send a text frame.
    Send { conn: ConnId, text: String },
    /// Close the connection; its later events are ignored.
    Close { conn: ConnId },
    /// Report to the application.
    Event(SocketEvent<Tag>),
}

/// What the socket reports to the application.
#[derive(Clone, Debug)]
pub enum SocketEvent<Tag> {
    /// The connection is open; the channels are being joined.
    Opened,
    /// The connection was lost or could not be opened; the socket reconnects.
    Lost {
        /// The close code of RFC 6455 §7.4, if the connection was closed with one.
        code: Option<u16>,
        /// Attempts in a row that never opened. A browser cannot tell a refused handshake from an
        /// unreachable server.
        failed_connects: u32,
    },
    /// The server accepted a join.
    Joined { topic: String, response: JsonText },
    /// The server refused a join; it is retried with backoff.
    JoinRefused { topic: String, response: JsonText },
    /// The channel crashed, was closed by the server, or did not answer its join in time; it is
    /// joined again with backoff.
    ChannelErrored { topic: String },
    /// The reply to a push.
    Replied { tag: Tag, status: Status, response: JsonText },
    /// A push will get no reply (timeout, lost connection, failed channel): it may or may not
    /// have taken effect.
    OutcomeUnknown { tag: Tag },
    /// The channel crashed, and this was its oldest push without a reply: most likely it crashed
    /// over it. Phoenix does so for every exception in a handler. The push may or may not have
    /// taken effect.
    PushCrashed { tag: Tag },
    /// A message that is no reply: a push or broadcast of the server.
    Message { topic: String, event: String, payload: Payload },
    /// A text that is not a frame, or a reply that cannot be read; it was ignored.
    BadFrame { detail: String },
}

impl<Tag> From<SocketEvent<Tag>> for SocketEffect<Tag> {
    fn from(event: SocketEvent<Tag>) -> Self {
        Self::Event(event)
    }
}
