//! Buffered events and their identity, order and owner.

use wizitime_domain::json::JsonText;
use wizitime_domain::{Envelope, EventId, UserId, WriterId};

/// Whose event it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Owner {
    /// Recorded while nobody was signed in; adopted by the account at the first sign-in.
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

impl BufferedEvent {
    /// The event's position in the order.
    pub const fn order_key(&self) -> OrderKey {
        order_key(&self.envelope)
    }
}

/// The position of an event in the order.
pub const fn order_key(envelope: &Envelope) -> OrderKey {
    (envelope.seq, envelope.writer_id, envelope.id)
}

/// An event that waits for the user's decision.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Quarantined {
    pub event: BufferedEvent,
    /// The rejection's code, or `depends` for a dependent of a rejected event.
    pub code: String,
    /// Why, in plain words.
    pub message: String,
}

/// An event as it is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredEvent {
    pub event: BufferedEvent,
    /// Code and message, if it is quarantined.
    pub quarantine: Option<(String, String)>,
}
