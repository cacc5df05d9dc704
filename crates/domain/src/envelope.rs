//! One recorded event: what happened, and who recorded it when and where.

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use crate::event::Event;
use crate::ids::{DeviceId, EventId, WriterId};
use crate::rejection::Rejection;
use crate::time::{Timestamp, Zone};

/// The version of events that this code writes, and the newest that it understands.
pub const ENVELOPE_VERSION: u16 = 1;
/// The longest JSON text of one event, in bytes.
pub const EVENT_BYTES_MAX: usize = 16 * 1024;

/// An event with its identity. Written once, stored and sent as the same bytes ever after.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Envelope {
    /// The key of exactly-once: a known id is never applied again.
    pub id: EventId,
    /// The browser profile it was recorded in.
    pub device_id: DeviceId,
    /// The tab's life it was recorded in.
    pub writer_id: WriterId,
    /// Greater than that of every event its tab had seen, so that `(seq, writer_id)` is an order
    /// in which nothing comes before its cause.
    pub seq: u64,
    /// When, by the server's clock as the device estimated it.
    pub at: Timestamp,
    /// When, by the device's own clock.
    pub recorded_at: Timestamp,
    /// Where: the device's time zone.
    pub zone: Zone,
    /// What happened.
    pub event: Event,
}

/// Why a JSON text is no event this version can read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MalformedEvent {
    /// The event's id where even that could be read.
    pub id: Option<EventId>,
    /// What is wrong, as the person is told.
    pub rejection: Rejection,
}

#[derive(Serialize, Deserialize)]
struct Wire<'a> {
    id: EventId,
    device_id: DeviceId,
    writer_id: WriterId,
    seq: u64,
    at: Timestamp,
    recorded_at: Timestamp,
    zone: Zone,
    v: u16,
    event_type: String,
    #[serde(borrow)]
    event: &'a RawValue,
}

#[derive(Deserialize)]
struct IdAndVersion {
    id: Option<EventId>,
    v: Option<u16>,
}

impl Envelope {
    /// The event as JSON, on the wire and on disk.
    ///
    /// # Errors
    /// Never for values that this crate can build; the serializer's error is passed on rather than
    /// hidden.
    pub fn to_json(&self) -> Result<String, serde_json::Error> {
        let payload = RawValue::from_string(self.event.payload_json()?)?;
        serde_json::to_string(&Wire {
            id: self.id,
            device_id: self.device_id,
            writer_id: self.writer_id,
            seq: self.seq,
            at: self.at,
            recorded_at: self.recorded_at,
            zone: self.zone.clone(),
            v: ENVELOPE_VERSION,
            event_type: self.event.event_type().to_owned(),
            event: &payload,
        })
    }

    /// Reads an event.
    ///
    /// # Errors
    /// If the text is too long, is not JSON, lacks a field, has one of the wrong kind, is of a
    /// newer version or of an unknown type.
    pub fn from_json(json: &str) -> Result<Self, MalformedEvent> {
        if json.len() > EVENT_BYTES_MAX {
            return Err(malformed(json, "it is longer than an event can be"));
        }
        let wire: Wire<'_> =
            serde_json::from_str(json).map_err(|error| malformed(json, &error.to_string()))?;
        let bad = |rejection| MalformedEvent { id: Some(wire.id), rejection };
        if wire.v > ENVELOPE_VERSION {
            return Err(bad(Rejection::UnsupportedVersion { v: wire.v }));
        }
        let event = Event::from_parts(&wire.event_type, wire.event.get())
            .ok_or_else(|| bad(Rejection::UnknownEventType))?
            .map_err(|error| bad(Rejection::Malformed { detail: error.to_string() }))?;
        Ok(Self {
            id: wire.id,
            device_id: wire.device_id,
            writer_id: wire.writer_id,
            seq: wire.seq,
            at: wire.at,
            recorded_at: wire.recorded_at,
            zone: wire.zone,
            event,
        })
    }
}

fn malformed(json: &str, detail: &str) -> MalformedEvent {
    let readable = serde_json::from_str::<IdAndVersion>(json).ok();
    let newer = readable.as_ref().and_then(|part| part.v).filter(|v| *v > ENVELOPE_VERSION);
    MalformedEvent {
        id: readable.and_then(|part| part.id),
        rejection: newer.map_or_else(
            || Rejection::Malformed { detail: detail.to_owned() },
            |v| Rejection::UnsupportedVersion { v },
        ),
    }
}
