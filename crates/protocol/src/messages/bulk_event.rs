//! BULK_EVENT: the only way to change anything.

use wizitime_domain::EventId;
use wizitime_json::{FromJson, Json, JsonError, JsonText, ToJson, json_object, object};

/// The most events in one BULK_EVENT.
pub const EVENTS_PER_BULK_MAX: usize = 500;
/// The longest payload of one BULK_EVENT, in bytes.
pub const BULK_BYTES_MAX: usize = 512 * 1024;

/// The envelopes of a BULK_EVENT in the order in which they were made, each the text as it came.
///
/// # Errors
/// If the payload is no object with a list of `events`.
pub fn read_bulk_event(payload: Json<'_>) -> Result<Vec<Json<'_>>, JsonError> {
    let events = payload.fields()?.need("events")?;
    events.elements().map_err(|error| error.within("events"))
}

/// The payload that carries these envelopes, byte for byte.
pub fn bulk_event_json<'a>(envelopes: impl IntoIterator<Item = Json<'a>>) -> JsonText {
    let events: Vec<Json<'_>> = envelopes.into_iter().collect();
    object(|it| {
        it.member("events", &events);
    })
}

/// An accepted event that had no effect, and the code of the reason.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SupersededEvent {
    pub id: EventId,
    pub code: String,
}
json_object!(SupersededEvent { id, code });

/// All of the events are in the log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BulkReply {
    /// The log's end after them: what a reader at this cursor sees includes their effects.
    pub cursor: u64,
    pub superseded: Vec<SupersededEvent>,
}
json_object!(BulkReply { cursor, superseded = default });

/// Why none of the events is in the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
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

impl FromJson for Reason {
    fn from_json(json: Json<'_>) -> Result<Self, JsonError> {
        const KNOWN: [Reason; 7] = [
            Reason::Rejected,
            Reason::Malformed,
            Reason::TooLarge,
            Reason::TooFast,
            Reason::Unavailable,
            Reason::Internal,
            Reason::UnknownEvent,
        ];
        let name = json.text()?;
        Ok(KNOWN.into_iter().find(|reason| reason.name() == name).unwrap_or(Self::Other))
    }
}

impl ToJson for Reason {
    fn write_json(&self, out: &mut String) {
        self.name().write_json(out);
    }
}

/// The answer to a push that failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BulkError {
    pub reason: Reason,
    /// Which event of the batch was rejected, counted from 0.
    pub index: Option<usize>,
    /// The id of that event, if it could be read.
    pub id: Option<EventId>,
    /// Why it was rejected; see `wizitime_domain::Rejection::code`.
    pub code: Option<String>,
    /// The same as a sentence for the person.
    pub message: Option<String>,
    /// When to try again, in milliseconds.
    pub retry_after_ms: Option<u64>,
}
json_object!(BulkError {
   reason,
   index = some,
   id = some,
   code = some,
   message = some,
   retry_after_ms = some,
});

impl BulkError {
    /// A failure that is not about a single event.
    pub const fn because(reason: Reason) -> Self {
        Self { reason, index: None, id: None, code: None, message: None, retry_after_ms: None }
    }
}
