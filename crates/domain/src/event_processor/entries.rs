//! Events on entries other than the clock.

use std::sync::Arc;

use super::{Applied, ApplyResult, Superseded, checks, clock};
use crate::event::{
    CreateTimeEntry, SplitTimeEntry, TimeEntryChanges, UpdateTimeEntry, entry_references,
};
use crate::ids::EntryId;
use crate::ledger::{Entity, EntityKey, Ledger};
use crate::rejection::Rejection;
use crate::time::Zone;
use crate::time_entry::{Stop, StopBy, TimeEntry};

pub(super) fn create(ledger: &mut Ledger, event: &CreateTimeEntry, zone: &Zone) -> ApplyResult {
    let key = EntityKey::TimeEntry(event.time_entry_id);
    checks::is_new(ledger, key)?;
    checks::references_exist(
        ledger,
        &entry_references(event.project_id, event.task_id, Some(&event.tag_ids)),
    )?;
    checks::description_fits(&event.description)?;
    checks::tags_fit(&event.tag_ids)?;
    if event.stopped_at < event.started_at {
        return Err(Rejection::EndBeforeStart);
    }
    ledger.upsert(Entity::TimeEntry(Arc::new(TimeEntry {
        id: event.time_entry_id,
        description: event.description.clone(),
        project_id: event.project_id,
        task_id: event.task_id,
        tag_ids: event.tag_ids.clone(),
        billable: event.billable,
        started_at: event.started_at,
        stop: Some(Stop { at: event.stopped_at, by: StopBy::Explicit }),
        zone: zone.clone(),
        deleted: false,
    })));
    Ok(Applied::touched([key]))
}

pub(super) fn update(ledger: &mut Ledger, event: &UpdateTimeEntry) -> ApplyResult {
    let entry = known(ledger, event.time_entry_id)?;
    let changes = &event.changes;
    checks::references_exist(
        ledger,
        &entry_references(
            changes.project_id.flatten(),
            changes.task_id.flatten(),
            changes.tag_ids.as_ref(),
        ),
    )?;
    if let Some(description) = &changes.description {
        checks::description_fits(description)?;
    }
    if let Some(tag_ids) = &changes.tag_ids {
        checks::tags_fit(tag_ids)?;
    }
    if entry.deleted {
        return Ok(Applied::superseded(Superseded::Deleted));
    }
    let changed = with_changes(&entry, changes);
    if changed.stop.is_some_and(|stop| stop.at < changed.started_at) {
        return Err(Rejection::EndBeforeStart);
    }
    ledger.upsert(Entity::TimeEntry(Arc::new(changed)));
    Ok(Applied::touched([EntityKey::TimeEntry(entry.id)]))
}

fn with_changes(entry: &TimeEntry, changes: &TimeEntryChanges) -> TimeEntry {
    let changes = changes.clone();
    TimeEntry {
        id: entry.id,
        description: changes.description.unwrap_or_else(|| entry.description.clone()),
        project_id: changes.project_id.unwrap_or(entry.project_id),
        task_id: changes.task_id.unwrap_or(entry.task_id),
        tag_ids: changes.tag_ids.unwrap_or_else(|| entry.tag_ids.clone()),
        billable: changes.billable.unwrap_or(entry.billable),
        started_at: changes.started_at.unwrap_or(entry.started_at),
        stop: changes.stopped_at.map(|at| Stop { at, by: StopBy::Explicit }).or(entry.stop),
        zone: entry.zone.clone(),
        deleted: entry.deleted,
    }
}

pub(super) fn delete(ledger: &mut Ledger, id: EntryId) -> ApplyResult {
    let entry = known(ledger, id)?;
    if entry.deleted {
        return Ok(Applied::superseded(Superseded::Deleted));
    }
    ledger.upsert(Entity::TimeEntry(Arc::new(TimeEntry { deleted: true, ..(*entry).clone() })));
    Ok(Applied::touched([EntityKey::TimeEntry(id)]))
}

pub(super) fn restore(ledger: &mut Ledger, id: EntryId) -> ApplyResult {
    let entry = known(ledger, id)?;
    if !entry.deleted {
        return Ok(Applied::superseded(Superseded::NotDeleted));
    }
    let restored = TimeEntry { deleted: false, ..(*entry).clone() };
    if restored.is_running() {
        return Ok(Applied::touched(clock::insert_running(ledger, restored)));
    }
    ledger.upsert(Entity::TimeEntry(Arc::new(restored)));
    Ok(Applied::touched([EntityKey::TimeEntry(id)]))
}

pub(super) fn split(ledger: &mut Ledger, event: &SplitTimeEntry) -> ApplyResult {
    let entry = known(ledger, event.time_entry_id)?;
    let new_key = EntityKey::TimeEntry(event.new_time_entry_id);
    checks::is_new(ledger, new_key)?;
    if entry.deleted {
        return Ok(Applied::superseded(Superseded::Deleted));
    }
    let after_start = entry.started_at < event.split_at;
    let before_end = entry.stop.is_none_or(|stop| event.split_at < stop.at);
    if !(after_start && before_end) {
        return Err(Rejection::SplitOutside);
    }
    let stop = Stop { at: event.split_at, by: StopBy::Explicit };
    let first = TimeEntry { stop: Some(stop), ..(*entry).clone() };
    let second =
        TimeEntry { id: event.new_time_entry_id, started_at: event.split_at, ..(*entry).clone() };
    ledger.upsert(Entity::TimeEntry(Arc::new(first)));
    ledger.upsert(Entity::TimeEntry(Arc::new(second)));
    Ok(Applied::touched([EntityKey::TimeEntry(entry.id), new_key]))
}

fn known(ledger: &Ledger, id: EntryId) -> Result<Arc<TimeEntry>, Rejection> {
    ledger.entry(id).cloned().ok_or(Rejection::UnknownEntity { key: EntityKey::TimeEntry(id) })
}
