//! The clock: START_CLOCK, STOP_CLOCK and the rule that at most one entry runs.

use std::sync::Arc;

use super::{Applied, ApplyResult, Superseded, checks};
use crate::event::{StartClock, StopClock};
use crate::ledger::{Entity, EntityKey, Ledger};
use crate::rejection::Rejection;
use crate::time::Zone;
use crate::time_entry::{Stop, StopBy, TimeEntry};

pub(super) fn start(ledger: &mut Ledger, event: &StartClock, zone: &Zone) -> ApplyResult {
    checks::is_new(ledger, EntityKey::TimeEntry(event.time_entry_id))?;
    checks::references_exist(ledger, &references(event))?;
    checks::description_fits(&event.description)?;
    checks::tags_fit(&event.tag_ids)?;
    let entry = TimeEntry {
        id: event.time_entry_id,
        description: event.description.clone(),
        project_id: event.project_id,
        task_id: event.task_id,
        tag_ids: event.tag_ids.clone(),
        billable: event.billable,
        started_at: event.started_at,
        stop: None,
        zone: zone.clone(),
        deleted: false,
    };
    Ok(Applied::touched(insert_running(ledger, entry)))
}

fn references(event: &StartClock) -> Vec<EntityKey> {
    crate::event::entry_references(event.project_id, event.task_id, Some(&event.tag_ids))
}

/// Inserts an entry without a stop. If another entry is running, the one that started later keeps
/// running and the other one ends where it begins (docs/TESTING.md#P5).
pub(super) fn insert_running(ledger: &mut Ledger, mut entry: TimeEntry) -> Vec<EntityKey> {
    debug_assert!(entry.stop.is_none(), "the entry has no stop");
    let key = EntityKey::TimeEntry(entry.id);
    let mut touched = vec![key];
    let running = ledger.running().filter(|running| running.id != entry.id).cloned();
    if let Some(running) = running {
        if running.started_at <= entry.started_at {
            let stop = Stop { at: entry.started_at, by: StopBy::Implied };
            let ended = TimeEntry { stop: Some(stop), ..(*running).clone() };
            touched.push(EntityKey::TimeEntry(running.id));
            ledger.upsert(Entity::TimeEntry(Arc::new(ended)));
        } else {
            entry.stop = Some(Stop { at: running.started_at, by: StopBy::Implied });
        }
    }
    ledger.upsert(Entity::TimeEntry(Arc::new(entry)));
    touched
}

pub(super) fn stop(ledger: &mut Ledger, event: &StopClock) -> ApplyResult {
    let key = EntityKey::TimeEntry(event.time_entry_id);
    let Some(entry) = ledger.entry(event.time_entry_id).cloned() else {
        return Err(Rejection::UnknownEntity { key });
    };
    if entry.deleted {
        return Ok(Applied::superseded(Superseded::Deleted));
    }
    match entry.stop {
        Some(Stop { by: StopBy::Explicit, .. }) => {
            Ok(Applied::superseded(Superseded::AlreadyStopped))
        }
        None | Some(Stop { by: StopBy::Implied, .. }) => {
            if event.stopped_at < entry.started_at {
                return Err(Rejection::EndBeforeStart);
            }
            let stop = Stop { at: event.stopped_at, by: StopBy::Explicit };
            let ended = TimeEntry { stop: Some(stop), ..(*entry).clone() };
            ledger.upsert(Entity::TimeEntry(Arc::new(ended)));
            Ok(Applied::touched([key]))
        }
    }
}
