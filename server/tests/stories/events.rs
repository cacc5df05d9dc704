//! Events as a device would write them.

use std::sync::atomic::{AtomicU64, Ordering};

use serde_json::{Value, json};
use wizitime_domain::{IdSource, Timestamp};

pub(crate) const DEVICE_ID: &str = crate::world::DEVICE;

static LAST: AtomicU64 = AtomicU64::new(0);

/// A fresh id.
pub(crate) fn id() -> String {
    let number = LAST.fetch_add(1, Ordering::Relaxed);
    let mut source = IdSource::new([number, 7, 7, 7]);
    let now = Timestamp::from_ms(1_700_000_000_000).unwrap();
    wizitime_domain::EventId::from_bytes(source.uuid_v7(now)).to_string()
}

pub(crate) fn event(event_type: &str, payload: &Value) -> Value {
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

pub(crate) fn start(entry: &str, at: u64) -> Value {
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

pub(crate) fn stop(entry: &str, at: u64) -> Value {
    event("STOP_CLOCK", &json!({"time_entry_id": entry, "stopped_at": at}))
}
