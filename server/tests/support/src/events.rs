//! JSON events as a device writes them.

use std::sync::atomic::{AtomicU64, Ordering};

use serde_json::{Value, json};
use wizitime_domain::{EventId, IdSource, Timestamp};
use wizitime_hub::Batch;
use wizitime_protocol::messages::bulk_event_json;

use crate::test_server::DEVICE_ID;

static LAST_ID: AtomicU64 = AtomicU64::new(0);

/// A new id.
pub fn id() -> String {
    let number = LAST_ID.fetch_add(1, Ordering::Relaxed);
    let mut source = IdSource::new([number, 7, 7, 7]);
    let now = Timestamp::from_ms(1_700_000_000_000).unwrap();
    EventId::from_bytes(source.uuid_v7(now)).to_string()
}

/// An event of this type.
pub fn event(event_type: &str, payload: &Value) -> Value {
    json!({
        "id": id(),
        "device_id": DEVICE_ID,
        "writer_id": DEVICE_ID,
        "seq": 1,
        "at": 1_700_000_000_000_u64,
        "recorded_at": 1_700_000_000_000_u64,
        "zone": "Europe/Berlin",
        "v": 1,
        "event_type": event_type,
        "event": payload,
    })
}

/// A START_CLOCK of an entry.
pub fn start(entry: &str, at: u64) -> Value {
    let payload = json!({
        "time_entry_id": entry,
        "started_at": at,
        "description": "Déjà vu \u{1f570}",
        "project_id": null,
        "task_id": null,
        "tag_ids": [],
        "billable": false,
    });
    event("START_CLOCK", &payload)
}

/// A STOP_CLOCK of an entry.
pub fn stop(entry: &str, at: u64) -> Value {
    event("STOP_CLOCK", &json!({"time_entry_id": entry, "stopped_at": at}))
}

/// The hub's batch of these events.
pub fn batch(events: &[Value]) -> Batch {
    let texts: Vec<String> = events.iter().map(ToString::to_string).collect();
    let events = texts.iter().map(|text| wizitime_domain::json::parse(text).unwrap());
    Batch::parse(bulk_event_json(events).as_raw()).unwrap()
}
