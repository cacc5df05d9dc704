// Events as written by a device; for Node and for pages.

let last = 0;

/** An event with this payload. */
export function event(event_type, payload) {
  last += 1;
  return {
    id: crypto.randomUUID(),
    device_id: crypto.randomUUID(),
    writer_id: crypto.randomUUID(),
    seq: last,
    at: 1_700_000_000_000 + last,
    recorded_at: 1_700_000_000_000 + last,
    zone: "Europe/Berlin",
    v: 1,
    event_type,
    event: payload,
  };
}

export function start(time_entry_id, started_at) {
  return event("START_CLOCK", {
    time_entry_id,
    started_at,
    description: "Büro 🕰",
    project_id: null,
    task_id: null,
    tag_ids: [],
    billable: false,
  });
}

export function stop(time_entry_id, stopped_at) {
  return event("STOP_CLOCK", { time_entry_id, stopped_at });
}
