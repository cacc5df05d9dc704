//! `BULK_EVENT`: appends a batch of events to the log.

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::value::RawValue;
use wizitime_domain::EventId;
use wizitime_domain::json::{self, JsonError, JsonText, parse_str, to_json};

/// The largest number of events in one BULK_EVENT.
pub const EVENTS_PER_BULK_MAX: usize = 500;
/// The largest payload of one BULK_EVENT, in bytes.
pub const BULK_BYTES_MAX: usize = 512 * 1024;

#[derive(Serialize, Deserialize)]
struct BulkEvent<'a> {
    #[serde(borrow)]
    events: Vec<&'a RawValue>,
}

/// The exact texts of the event envelopes in a BULK_EVENT, in the order in which they were
/// recorded.
///
/// # Errors
/// If the payload is not an object with a list of `events`.
pub fn read_bulk_event(payload: &RawValue) -> Result<Vec<&RawValue>, JsonError> {
    json::from_raw(payload).map(|BulkEvent { events }| events)
}

/// The payload with these event envelopes, byte for byte.
pub fn bulk_event_json<'a>(envelopes: impl IntoIterator<Item = &'a RawValue>) -> JsonText {
    to_json(&BulkEvent { events: envelopes.into_iter().collect() })
}

/// An accepted event without effect, for example an edit of an entry that was deleted before.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SupersededEvent {
    pub id: EventId,
    /// The code of `wizitime_domain::Superseded`.
    pub code: String,
}

/// The `ok` reply to a BULK_EVENT: all of its events are in the log.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BulkReply {
    /// The cursor of the log afterwards. Confirmed data of this cursor includes their effects.
    pub cursor: u64,
    #[serde(default)]
    pub superseded: Vec<SupersededEvent>,
}

/// Why a push failed; nothing of it took effect.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reason {
    /// One event is invalid for good; the others can be sent without it.
    Rejected,
    /// The payload cannot be parsed.
    Malformed,
    /// More events or bytes than the limits allow.
    TooLarge,
    /// Too many pushes are waiting: retry later.
    TooFast,
    /// The account's log is full: retry later.
    Quota,
    /// The database cannot be reached: retry later.
    Unavailable,
    /// A bug in the server.
    Internal,
    /// The server does not know the event name.
    UnknownEvent,
    /// A reason that only a newer version knows.
    Other,
}

impl Reason {
    const fn name(self) -> &'static str {
        match self {
            Self::Rejected => "rejected",
            Self::Malformed => "malformed",
            Self::TooLarge => "too_large",
            Self::TooFast => "too_fast",
            Self::Quota => "quota",
            Self::Unavailable => "unavailable",
            Self::Internal => "internal",
            Self::UnknownEvent => "unknown_event",
            Self::Other => "other",
        }
    }
}

impl<'de> Deserialize<'de> for Reason {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        const KNOWN: [Reason; 8] = [
            Reason::Rejected,
            Reason::Malformed,
            Reason::TooLarge,
            Reason::TooFast,
            Reason::Quota,
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

/// The `error` reply to any push.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BulkError {
    pub reason: Reason,
    /// The position of the rejected event in the batch, counted from 0.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub index: Option<usize>,
    /// The id of the rejected event, if it could be parsed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<EventId>,
    /// Why it was rejected: a code of `wizitime_domain::Rejection`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    /// The reason as a sentence, for developers and for clients that do not know the code.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
    /// When to retry, in milliseconds from now.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub retry_after_ms: Option<u64>,
    /// The events of a rejected batch that are in the log already. They do not depend on the
    /// rejected event.
    #[serde(default, skip_serializing_if = "<[EventId]>::is_empty")]
    pub accepted: Box<[EventId]>,
}

impl BulkError {
    /// An error that is not about a single event.
    pub fn because(reason: Reason) -> Self {
        Self {
            reason,
            index: None,
            id: None,
            code: None,
            message: None,
            retry_after_ms: None,
            accepted: Box::default(),
        }
    }
}
