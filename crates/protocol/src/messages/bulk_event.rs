//! BULK_EVENT: the only message that changes data.

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::value::RawValue;
use wizitime_domain::EventId;
use wizitime_domain::json::{self, JsonError, JsonText, parse_str, to_json};

/// The most events in one BULK_EVENT.
pub const EVENTS_PER_BULK_MAX: usize = 500;
/// The longest payload of one BULK_EVENT, in bytes.
pub const BULK_BYTES_MAX: usize = 512 * 1024;

#[derive(Serialize, Deserialize)]
struct BulkEvent<'a> {
    #[serde(borrow)]
    events: Vec<&'a RawValue>,
}

/// The exact texts of the envelopes in a BULK_EVENT, in the order in which they were recorded.
///
/// # Errors
/// If the payload is no object with a list of `events`.
pub fn read_bulk_event(payload: &RawValue) -> Result<Vec<&RawValue>, JsonError> {
    json::from_raw(payload).map(|BulkEvent { events }| events)
}

/// The payload that carries these envelopes, byte for byte.
pub fn bulk_event_json<'a>(envelopes: impl IntoIterator<Item = &'a RawValue>) -> JsonText {
    to_json(&BulkEvent { events: envelopes.into_iter().collect() })
}

/// An accepted event that had no effect, and why: `wizitime_domain::Superseded::code`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SupersededEvent {
    pub id: EventId,
    pub code: String,
}

/// The ok reply: all events are in the log.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BulkReply {
    /// The end of the log after them: confirmed data at this cursor includes their effects.
    pub cursor: u64,
    #[serde(default)]
    pub superseded: Vec<SupersededEvent>,
}

/// Why a push failed; nothing of it was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reason {
    /// One event can never take effect; the others can be sent without it.
    Rejected,
    /// The payload is no BULK_EVENT.
    Malformed,
    /// The payload exceeds the limits.
    TooLarge,
    /// Too many pushes wait; retry later.
    TooFast,
    /// The database cannot be reached; retry later.
    Unavailable,
    /// An unexpected failure.
    Internal,
    /// The server does not know the message.
    UnknownEvent,
    /// A reason of a newer server.
    Other,
}

impl Reason {
    const fn name(self) -> &'static str {
        match self {
            Self::Rejected => "rejected",
            Self::Malformed => "malformed",
            Self::TooLarge => "too_large",
            Self::TooFast => "too_fast",
            Self::Unavailable => "unavailable",
            Self::Internal => "internal",
            Self::UnknownEvent => "unknown_event",
            Self::Other => "other",
        }
    }
}

impl<'de> Deserialize<'de> for Reason {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        const KNOWN: [Reason; 7] = [
            Reason::Rejected,
            Reason::Malformed,
            Reason::TooLarge,
            Reason::TooFast,
            Reason::Unavailable,
            Reason::Internal,
            Reason::UnknownEvent,
        ];
        parse_str(deserializer, "a reason", |name| {
            Some(KNOWN.into_iter().find(|reason| reason.name() == name).unwrap_or(Self::Other))
        })
    }
}

impl Serialize for Reason {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}

/// The error reply to a push.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BulkError {
    pub reason: Reason,
    /// The index of the rejected event in the batch, from 0.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub index: Option<usize>,
    /// The id of that event, if it could be read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<EventId>,
    /// Why it was rejected; see `wizitime_domain::Rejection::code`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    /// A sentence for developers, and for clients that do not know the code.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
    /// How long to wait before a retry, in milliseconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub retry_after_ms: Option<u64>,
}

impl BulkError {
    /// A failure that does not concern a single event.
    pub const fn because(reason: Reason) -> Self {
        Self { reason, index: None, id: None, code: None, message: None, retry_after_ms: None }
    }
}
