//! Generates the events of a device.

use serde_json::{Value, json};
use wizitime_domain::{EntryId, EventId, IdSource, Timestamp};

/// 2026-03-02T09:00:00Z, a Monday.
const NINE_MS: i64 = 1_772_442_000_000;
const MINUTE_MS: i64 = 60_000;

/// Generates events that start and stop a clock in turn.
pub(crate) struct EventGenerator {
    ids: IdSource,
    device_id: String,
    entry_id: String,
    seq: i64,
}

impl EventGenerator {
    pub(crate) fn new(number: u64) -> Self {
        let mut ids = IdSource::new([number, 5, 6, 7]);
        let device_id = EventId::from_bytes(ids.uuid_v7(at(0))).to_string();
        Self { ids, device_id, entry_id: String::new(), seq: 0 }
    }

    /// The next event.
    pub(crate) fn next(&mut self) -> Value {
        self.seq += 1;
        let at = at(self.seq);
        let id = EventId::from_bytes(self.ids.uuid_v7(at));
        let starts = self.seq % 2 == 1;
        let (event_type, event) = if starts {
            self.entry_id = EntryId::from_bytes(self.ids.uuid_v7(at)).to_string();
            let event = json!({
                "time_entry_id": self.entry_id, "started_at": at.as_ms(),
                "description": "Answering letters", "project_id": null, "task_id": null,
                "tag_ids": [], "billable": false,
            });
            ("START_CLOCK", event)
        } else {
            let event = json!({"time_entry_id": self.entry_id, "stopped_at": at.as_ms()});
            ("STOP_CLOCK", event)
        };
        json!({
            "id": id.to_string(), "device_id": self.device_id, "writer_id": self.device_id,
            "seq": self.seq, "at": at.as_ms(), "recorded_at": at.as_ms(), "zone": "UTC", "v": 1,
            "event_type": event_type, "event": event,
        })
    }

    /// A BULK_EVENT payload of the next `count` events.
    pub(crate) fn batch(&mut self, count: usize) -> Value {
        let events: Vec<Value> = (0..count).map(|_| self.next()).collect();
        json!({ "events": events })
    }
}

fn at(minutes: i64) -> Timestamp {
    Timestamp::saturating_from_ms(NINE_MS + minutes * MINUTE_MS)
}
