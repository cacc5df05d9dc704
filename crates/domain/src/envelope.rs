//! One recorded event: what happened, and who recorded it when and where.

use wizitime_json::{Fields, FromJson, Json, JsonError, JsonText, ObjectWriter, ToJson, to_json};

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

impl Envelope {
    /// The event as JSON, on the wire and on disk.
    pub fn to_json(&self) -> JsonText {
        to_json(self)
    }

    /// Reads an event.
    ///
    /// # Errors
    /// If the text is too long, is not JSON, lacks a field, has one of the wrong kind, is of a
    /// newer version or of an unknown type.
    pub fn from_json(text: &str) -> Result<Self, MalformedEvent> {
        let json = Json::parse(text);
        Self::read(json.map_err(|error| MalformedEvent { id: None, rejection: wrong(&error) })?)
    }

    /// Reads an event from what is known to be JSON.
    ///
    /// # Errors
    /// As [`Envelope::from_json`].
    pub fn read(json: Json<'_>) -> Result<Self, MalformedEvent> {
        let fields = json.fields();
        let fields =
            fields.map_err(|error| MalformedEvent { id: None, rejection: wrong(&error) })?;
        // The id and the version are told even where the rest cannot be read.
        let id = fields.read("id").ok();
        let read = match fields.read::<u16>("v") {
            _ if json.as_str().len() > EVENT_BYTES_MAX => {
                Err(malformed("it is longer than an event can be"))
            }
            Ok(v) if v > ENVELOPE_VERSION => Err(Rejection::UnsupportedVersion { v }),
            Ok(_) => read(&fields),
            Err(error) => Err(wrong(&error)),
        };
        read.map_err(|rejection| MalformedEvent { id, rejection })
    }
}

fn read(fields: &Fields<'_>) -> Result<Envelope, Rejection> {
    fn field<T: FromJson>(fields: &Fields<'_>, name: &str) -> Result<T, Rejection> {
        fields.read(name).map_err(|error| wrong(&error))
    }
    let event_type: String = field(fields, "event_type")?;
    let payload = fields.need("event").map_err(|error| wrong(&error))?;
    let event = Event::from_parts(&event_type, payload).ok_or(Rejection::UnknownEventType)?;
    Ok(Envelope {
        id: field(fields, "id")?,
        device_id: field(fields, "device_id")?,
        writer_id: field(fields, "writer_id")?,
        seq: field(fields, "seq")?,
        at: field(fields, "at")?,
        recorded_at: field(fields, "recorded_at")?,
        zone: field(fields, "zone")?,
        event: event.map_err(|error| wrong(&error.within("event")))?,
    })
}

impl ToJson for Envelope {
    fn write_json(&self, out: &mut String) {
        ObjectWriter::begin(out)
            .member("id", &self.id)
            .member("device_id", &self.device_id)
            .member("writer_id", &self.writer_id)
            .member("seq", &self.seq)
            .member("at", &self.at)
            .member("recorded_at", &self.recorded_at)
            .member("zone", &self.zone)
            .member("v", &ENVELOPE_VERSION)
            .member("event_type", &self.event.event_type())
            .member("event", &self.event.payload_json())
            .end();
    }
}

fn wrong(error: &JsonError) -> Rejection {
    malformed(&error.to_string())
}

fn malformed(detail: &str) -> Rejection {
    Rejection::Malformed { detail: detail.to_owned() }
}
