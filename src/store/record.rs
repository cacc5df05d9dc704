//! Buffered events: identity, order, owner, status.

use wizitime_domain::json::JsonText;
use wizitime_domain::{Envelope, EventId, UserId, WriterId};

/// Whose event it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Owner {
    /// Recorded while no account was signed in; adopted by the account at the first sign-in.
    Guest,
    User(UserId),
}

/// A recorded event with the exact text that is stored and sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BufferedEvent {
    pub envelope: Envelope,
    pub json: JsonText,
    pub owner: Owner,
}

/// The order in which events are applied and sent: no event comes before its cause.
pub type OrderKey = (u64, WriterId, EventId);

/// The smallest key there is.
pub const ORDER_KEY_MIN: OrderKey =
    (0, WriterId::from_bytes([0; 16]), EventId::from_bytes([0; 16]));

impl BufferedEvent {
    /// The event's id.
    pub const fn id(&self) -> EventId {
        self.envelope.id
    }

    /// The event's position in the order.
    pub const fn order_key(&self) -> OrderKey {
        order_key(&self.envelope)
    }
}

/// The position of an event in the order.
pub const fn order_key(envelope: &Envelope) -> OrderKey {
    (envelope.seq, envelope.writer_id, envelope.id)
}

/// The progress of a buffered event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EventStatus {
    /// Not acknowledged.
    Waiting,
    /// In the server's log, and not yet in the confirmed data. `cursor` is the end of the log at
    /// the acknowledgement; None if another tab got the reply.
    Acknowledged { cursor: Option<u64> },
    /// In the confirmed data. The event stays in storage until it is in the archive, so that it can
    /// be sent again to a server that lost it.
    Synced,
    /// Rejected; waits for the user's decision.
    Quarantined(QuarantineReason),
}

/// Why an event is in quarantine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QuarantineReason {
    pub code: QuarantineCode,
    /// The server's sentence for the user; empty for codes of this app.
    pub message: String,
    /// The rejected event that this event depends on. None for a rejected event itself, and for
    /// events that were quarantined before this was recorded.
    pub root_cause: Option<EventId>,
}

/// What kind of quarantine it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum QuarantineCode {
    /// It depends on a rejected event.
    Dependent,
    /// The server failed on it, again and again.
    ServerFailed,
    /// The server rejected it with this code.
    Rejected(String),
}

const DEPENDENT_CODE: &str = "depends";
const SERVER_FAILED_CODE: &str = "server_failed";
const UNKNOWN_ENTITY_CODE: &str = "unknown_entity";

impl QuarantineCode {
    /// The code as it is stored.
    pub fn as_str(&self) -> &str {
        match self {
            Self::Dependent => DEPENDENT_CODE,
            Self::ServerFailed => SERVER_FAILED_CODE,
            Self::Rejected(code) => code,
        }
    }

    /// Whether the event was rejected because an entity it names did not exist.
    pub fn is_unknown_entity(&self) -> bool {
        self.as_str() == UNKNOWN_ENTITY_CODE
    }
}

impl From<String> for QuarantineCode {
    fn from(code: String) -> Self {
        match code.as_str() {
            DEPENDENT_CODE => Self::Dependent,
            SERVER_FAILED_CODE => Self::ServerFailed,
            _ => Self::Rejected(code),
        }
    }
}

/// An event that waits for the user's decision.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Quarantined {
    pub event: BufferedEvent,
    pub reason: QuarantineReason,
}

impl Quarantined {
    /// The rejected event: this one, or the one that it depends on.
    pub fn root_cause(&self) -> EventId {
        self.reason.root_cause.unwrap_or(self.event.id())
    }
}

/// An event as it is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredEvent {
    pub event: BufferedEvent,
    /// Present if it is quarantined.
    pub quarantine: Option<QuarantineReason>,
}

impl StoredEvent {
    /// A waiting event.
    pub const fn waiting(event: BufferedEvent) -> Self {
        Self { event, quarantine: None }
    }

    /// The event, if it is quarantined.
    pub fn quarantined(&self) -> Option<Quarantined> {
        let reason = self.quarantine.clone()?;
        Some(Quarantined { event: self.event.clone(), reason })
    }
}
