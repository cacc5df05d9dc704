//! BULK_EVENT: the only way to change anything.

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use wizitime_domain::EventId;

/// The most events in one BULK_EVENT.
pub const EVENTS_PER_BULK_MAX: usize = 500;
/// The longest payload of one BULK_EVENT, in bytes.
pub const BULK_BYTES_MAX: usize = 512 * 1024;

/// Events in the order in which they were made. Each is the text of an envelope, untouched.
#[derive(Debug, Deserialize)]
pub struct BulkEvent<'a> {
    #[serde(borrow)]
    pub events: Vec<&'a RawValue>,
}

/// The payload that carries these envelopes, byte for byte.
pub fn bulk_event_json<'a>(envelopes: impl IntoIterator<Item = &'a str>) -> String {
    let mut json = String::from("{\"events\":[");
    for (index, envelope) in envelopes.into_iter().enumerate() {
        if index > 0 {
            json.push(',');
        }
        json.push_str(envelope);
    }
    json.push_str("]}");
    json
}

/// An accepted event that had no effect, and the code of the reason.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SupersededEvent {
    pub id: EventId,
    pub code: String,
}

/// All of the events are in the log.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BulkReply {
    /// The log's end after them: what a reader at this cursor sees includes their effects.
    pub cursor: u64,
    #[serde(default)]
    pub superseded: Vec<SupersededEvent>,
}

/// Why none of the events is in the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    /// One event can never be right; the others may be sent without it.
    Rejected,
    /// The payload is no BULK_EVENT.
    Malformed,
    /// More events or bytes than the limits allow.
    TooLarge,
    /// Too many pushes wait; come back later.
    TooFast,
    /// The database cannot be reached; come back later.
    Unavailable,
    /// Something failed that should not; nothing was written.
    Internal,
    /// The server knows no such message.
    UnknownEvent,
    /// A reason of a newer server.
    #[serde(other)]
    Other,
}

/// The answer to a push that failed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BulkError {
    pub reason: Reason,
    /// Which event of the batch was rejected, counted from 0.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub index: Option<usize>,
    /// The id of that event, if it could be read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<EventId>,
    /// Why it was rejected; see `wizitime_domain::Rejection::code`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    /// The same as a sentence for the person.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
    /// When to try again, in milliseconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retry_after_ms: Option<u64>,
}

impl BulkError {
    /// A failure that is not about a single event.
    pub const fn because(reason: Reason) -> Self {
        Self { reason, index: None, id: None, code: None, message: None, retry_after_ms: None }
    }
}
