//! What is required of a new event, beside what makes it applicable.
//!
//! These rules are younger than the first logs. They hold for events that are recorded or accepted
//! now. [`EventProcessor::apply`](crate::EventProcessor::apply) does not know them, so that stored
//! events keep their effect (docs/TESTING.md#P12).

use crate::START_AHEAD_MAX;
use crate::envelope::Envelope;
use crate::event::Event;
use crate::ids::{EntryId, ProjectId, TaskId};
use crate::ledger::{Entity, EntityKey, Ledger};
use crate::rejection::Rejection;
use crate::time::Timestamp;

/// Checks an event that is new at `now`, on the ledger to which it was applied.
///
/// # Errors
/// If its zone is unknown, or as [`check_event`].
pub fn check(ledger: &Ledger, envelope: &Envelope, now: Timestamp) -> Result<(), Rejection> {
    if !envelope.zone.is_known() {
        return Err(Rejection::UnknownZone);
    }
    check_event(ledger, &envelope.event, now)
}

/// Checks the payload of an event that is new at `now`, on the ledger to which it was applied.
///
/// # Errors
/// If a name has no visible character, a task does not belong to the project of its entry, or a
/// clock would start more than [`START_AHEAD_MAX`] after `now`.
pub fn check_event(ledger: &Ledger, event: &Event, now: Timestamp) -> Result<(), Rejection> {
    if let Some((key, name)) = name(event)
        && name.chars().all(is_invisible)
    {
        return Err(Rejection::NameMissing { key });
    }
    if let Some(entry_id) = entry_with_new_task(event)
        && has_foreign_task(ledger, entry_id)
    {
        return Err(Rejection::TaskOfOtherProject);
    }
    if let Some(entry_id) = entry_with_new_start(event)
        && ledger.entry(entry_id).is_some_and(|entry| {
            entry.is_running() && entry.started_at > now.saturating_add(START_AHEAD_MAX)
        })
    {
        return Err(Rejection::StartInFuture);
    }
    Ok(())
}

/// The name that the event gives to an entity.
fn name(event: &Event) -> Option<(EntityKey, &str)> {
    match event {
        Event::CreateProject(it) => Some((EntityKey::Project(it.project_id), &it.name)),
        Event::CreateClient(it) => Some((EntityKey::Client(it.client_id), &it.name)),
        Event::CreateTask(it) => Some((EntityKey::Task(it.task_id), &it.name)),
        Event::CreateTag(it) => Some((EntityKey::Tag(it.tag_id), &it.name)),
        Event::UpdateProject(it) => {
            Some((EntityKey::Project(it.project_id), it.changes.name.as_ref()?))
        }
        Event::UpdateClient(it) => {
            Some((EntityKey::Client(it.client_id), it.changes.name.as_ref()?))
        }
        Event::UpdateTask(it) => Some((EntityKey::Task(it.task_id), it.changes.name.as_ref()?)),
        Event::UpdateTag(it) => Some((EntityKey::Tag(it.tag_id), it.changes.name.as_ref()?)),
        Event::StartClock(_)
        | Event::StopClock(_)
        | Event::CreateTimeEntry(_)
        | Event::UpdateTimeEntry(_)
        | Event::DeleteTimeEntry(_)
        | Event::RestoreTimeEntry(_)
        | Event::SplitTimeEntry(_)
        | Event::ArchiveProject(_)
        | Event::RestoreProject(_)
        | Event::ArchiveClient(_)
        | Event::RestoreClient(_)
        | Event::ArchiveTask(_)
        | Event::RestoreTask(_)
        | Event::ArchiveTag(_)
        | Event::RestoreTag(_)
        | Event::UpdateSettings(_) => None,
    }
}

/// The entry to which the event gives a task. An event that changes only the project is admitted
/// whatever the task: a device can send it without having seen the task.
fn entry_with_new_task(event: &Event) -> Option<EntryId> {
    match event {
        Event::StartClock(it) => it.task_id.map(|_| it.time_entry_id),
        Event::CreateTimeEntry(it) => it.task_id.map(|_| it.time_entry_id),
        Event::UpdateTimeEntry(it) => it.changes.task_id.flatten().map(|_| it.time_entry_id),
        Event::StopClock(_)
        | Event::DeleteTimeEntry(_)
        | Event::RestoreTimeEntry(_)
        | Event::SplitTimeEntry(_)
        | Event::CreateProject(_)
        | Event::UpdateProject(_)
        | Event::ArchiveProject(_)
        | Event::RestoreProject(_)
        | Event::CreateClient(_)
        | Event::UpdateClient(_)
        | Event::ArchiveClient(_)
        | Event::RestoreClient(_)
        | Event::CreateTask(_)
        | Event::UpdateTask(_)
        | Event::ArchiveTask(_)
        | Event::RestoreTask(_)
        | Event::CreateTag(_)
        | Event::UpdateTag(_)
        | Event::ArchiveTag(_)
        | Event::RestoreTag(_)
        | Event::UpdateSettings(_) => None,
    }
}

/// The entry to which the event gives a start. If its clock ran from far in the future, every later
/// start would end there (docs/TESTING.md#P5), and so last for years.
fn entry_with_new_start(event: &Event) -> Option<EntryId> {
    match event {
        Event::StartClock(it) => Some(it.time_entry_id),
        Event::UpdateTimeEntry(it) => it.changes.started_at.map(|_| it.time_entry_id),
        Event::RestoreTimeEntry(it) => Some(it.time_entry_id),
        Event::SplitTimeEntry(it) => Some(it.new_time_entry_id),
        Event::StopClock(_)
        | Event::CreateTimeEntry(_)
        | Event::DeleteTimeEntry(_)
        | Event::CreateProject(_)
        | Event::UpdateProject(_)
        | Event::ArchiveProject(_)
        | Event::RestoreProject(_)
        | Event::CreateClient(_)
        | Event::UpdateClient(_)
        | Event::ArchiveClient(_)
        | Event::RestoreClient(_)
        | Event::CreateTask(_)
        | Event::UpdateTask(_)
        | Event::ArchiveTask(_)
        | Event::RestoreTask(_)
        | Event::CreateTag(_)
        | Event::UpdateTag(_)
        | Event::ArchiveTag(_)
        | Event::RestoreTag(_)
        | Event::UpdateSettings(_) => None,
    }
}

fn has_foreign_task(ledger: &Ledger, entry_id: EntryId) -> bool {
    // An edit of a deleted entry has no effect.
    let Some(entry) = ledger.entry(entry_id).filter(|entry| !entry.deleted) else { return false };
    entry.task_id.is_some_and(|task_id| is_task_of_other_project(ledger, task_id, entry.project_id))
}

/// Whether the task exists and does not belong to the project.
pub fn is_task_of_other_project(
    ledger: &Ledger,
    task_id: TaskId,
    project_id: Option<ProjectId>,
) -> bool {
    ledger
        .get(EntityKey::Task(task_id))
        .is_some_and(|task| matches!(task, Entity::Task(it) if Some(it.project_id) != project_id))
}

/// Whether a character shows nothing: white space, controls, and the characters that are ignored
/// by default (property `Default_Ignorable_Code_Point` of the Unicode Character Database), with
/// the blanks and anchors that are none of these.
fn is_invisible(char: char) -> bool {
    char.is_whitespace()
        || char.is_control()
        || matches!(
            char,
            '\u{ad}'
                | '\u{34f}'
                | '\u{61c}'
                | '\u{115f}'..='\u{1160}'
                | '\u{17b4}'..='\u{17b5}'
                | '\u{180b}'..='\u{180f}'
                | '\u{200b}'..='\u{200f}'
                | '\u{202a}'..='\u{202e}'
                | '\u{2060}'..='\u{206f}'
                | '\u{2800}'
                | '\u{3164}'
                | '\u{fe00}'..='\u{fe0f}'
                | '\u{feff}'
                | '\u{ffa0}'
                | '\u{fff0}'..='\u{fffb}'
                | '\u{1bca0}'..='\u{1bca3}'
                | '\u{1d173}'..='\u{1d17a}'
                | '\u{e0000}'..='\u{e0fff}'
        )
}

#[cfg(test)]
mod tests;
