//! One recorded event: the payload, who recorded it, when and where.

use std::borrow::Cow;

use serde::ser::SerializeStruct;
use serde::{Deserialize, Serialize, Serializer};
use serde_json::value::RawValue;

use crate::event::Event;
use crate::ids::{DeviceId, EventId, WriterId};
use crate::json::{self, JsonError, JsonText, to_json};
use crate::rejection::Rejection;
use crate::time::{Timestamp, Zone};

/// The version of events that this code writes, and the newest that it reads.
pub const ENVELOPE_VERSION: u16 = 1;
/// The longest JSON text of one event, in bytes.
pub const EVENT_BYTES_MAX: usize = 16 * 1024;

/// An event with its identity. It is written once, then stored and sent as the same bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Envelope {
    /// The key of exactly-once: an event whose id is known is never applied again.
    pub id: EventId,
    /// The browser profile that recorded it.
    pub device_id: DeviceId,
    /// The tab that recorded it.
    pub writer_id: WriterId,
    /// Greater than that of every event its tab had seen, so that in the order of
    /// `(seq, writer_id)` no event comes before its cause.
    pub seq: u64,
    /// When it was recorded, by the server's clock as the device estimated it.
    pub at: Timestamp,
    /// When it was recorded, by the device's own clock.
    pub recorded_at: Timestamp,
    /// The device's time zone.
    pub zone: Zone,
    pub event: Event,
}

/// A JSON text is no event that this version can read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MalformedEvent {
    /// The event's id, if it could be read.
    pub id: Option<EventId>,
    pub rejection: Rejection,
}

/// An envelope as it is read. Fields that a newer version may add are ignored.
#[derive(Deserialize)]
struct EnvelopeText<'a> {
    v: u16,
    #[serde(borrow)]
    event_type: Cow<'a, str>,
    #[serde(borrow)]
    event: &'a RawValue,
    id: EventId,
    device_id: DeviceId,
    writer_id: WriterId,
    seq: u64,
    at: Timestamp,
    recorded_at: Timestamp,
    zone: Zone,
}

/// The part of an envelope that is used when the rest cannot be read.
#[derive(Deserialize)]
struct Header<'a> {
    #[serde(borrow)]
    id: Option<&'a RawValue>,
    #[serde(borrow)]
    v: Option<&'a RawValue>,
}

impl Envelope {
    /// The event as JSON, on the wire and in storage.
    pub fn to_json(&self) -> JsonText {
        to_json(self)
    }

    /// Reads an event from its text.
    ///
    /// # Errors
    /// If the text is too long, is not JSON, lacks a field, has one of the wrong type, is of a
    /// newer version or of an unknown type.
    pub fn from_json(text: &str) -> Result<Self, MalformedEvent> {
        match json::parse(text) {
            Ok(raw) => Self::from_raw(raw),
            Err(error) => {
                Err(MalformedEvent { id: None, rejection: Rejection::Malformed { error } })
            }
        }
    }

    /// Reads an event from text that [`json::parse`] has checked.
    ///
    /// # Errors
    /// As [`Envelope::from_json`].
    pub fn from_raw(raw: &RawValue) -> Result<Self, MalformedEvent> {
        read(raw).map_err(|rejection| {
            let header = json::from_raw::<Header<'_>>(raw).ok();
            let id = header.and_then(|header| json::from_raw(header.id?).ok());
            MalformedEvent { id, rejection }
        })
    }
}

fn read(raw: &RawValue) -> Result<Envelope, Rejection> {
    if raw.get().len() > EVENT_BYTES_MAX {
        return Err(Rejection::TooLarge { bytes_max: EVENT_BYTES_MAX });
    }
    let envelope = json::from_raw::<EnvelopeText<'_>>(raw);
    let v = match &envelope {
        Ok(envelope) => Some(envelope.v),
        Err(_) => version(raw),
    };
    // A newer version may have other fields: its version is the first thing to know.
    if let Some(v) = v.filter(|v| *v > ENVELOPE_VERSION) {
        return Err(Rejection::UnsupportedVersion { v });
    }
    let envelope = envelope.map_err(|error| Rejection::Malformed { error })?;
    if envelope.v == 0 {
        let error = JsonError::expected("a version from 1 up").at_field("v");
        return Err(Rejection::Malformed { error });
    }
    let event = Event::from_parts(&envelope.event_type, envelope.event);
    let event = event.ok_or(Rejection::UnknownEventType)?;
    Ok(Envelope {
        id: envelope.id,
        device_id: envelope.device_id,
        writer_id: envelope.writer_id,
        seq: envelope.seq,
        at: envelope.at,
        recorded_at: envelope.recorded_at,
        zone: envelope.zone,
        event: event.map_err(|error| Rejection::Malformed { error: error.at_field("event") })?,
    })
}

fn version(raw: &RawValue) -> Option<u16> {
    let v: u64 = json::from_raw(json::from_raw::<Header<'_>>(raw).ok()?.v?).ok()?;
    Some(u16::try_from(v).unwrap_or(u16::MAX))
}

impl Serialize for Envelope {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut object = serializer.serialize_struct("Envelope", 10)?;
        object.serialize_field("id", &self.id)?;
        object.serialize_field("device_id", &self.device_id)?;
        object.serialize_field("writer_id", &self.writer_id)?;
        object.serialize_field("seq", &self.seq)?;
        object.serialize_field("at", &self.at)?;
        object.serialize_field("recorded_at", &self.recorded_at)?;
        object.serialize_field("zone", &self.zone)?;
        object.serialize_field("v", &ENVELOPE_VERSION)?;
        object.serialize_field("event_type", self.event.event_type())?;
        object.serialize_field("event", &self.event)?;
        object.end()
    }
}
