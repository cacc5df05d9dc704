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
    match event {
        Event::CreateProject(it) => check_name(EntityKey::Project(it.project_id), &it.name),
        Event::CreateClient(it) => check_name(EntityKey::Client(it.client_id), &it.name),
        Event::CreateTask(it) => check_name(EntityKey::Task(it.task_id), &it.name),
        Event::CreateTag(it) => check_name(EntityKey::Tag(it.tag_id), &it.name),
        Event::UpdateProject(it) => {
            check_new_name(EntityKey::Project(it.project_id), it.changes.name.as_deref())
        }
        Event::UpdateClient(it) => {
            check_new_name(EntityKey::Client(it.client_id), it.changes.name.as_deref())
        }
        Event::UpdateTask(it) => {
            check_new_name(EntityKey::Task(it.task_id), it.changes.name.as_deref())
        }
        Event::UpdateTag(it) => {
            check_new_name(EntityKey::Tag(it.tag_id), it.changes.name.as_deref())
        }
        Event::StartClock(it) => {
            check_new_task(ledger, it.time_entry_id, it.task_id)?;
            check_start(ledger, it.time_entry_id, now)
        }
        Event::CreateTimeEntry(it) => check_new_task(ledger, it.time_entry_id, it.task_id),
        Event::UpdateTimeEntry(it) => {
            check_new_task(ledger, it.time_entry_id, it.changes.task_id.flatten())?;
            match it.changes.started_at {
                Some(_) => check_start(ledger, it.time_entry_id, now),
                None => Ok(()),
            }
        }
        Event::RestoreTimeEntry(it) => check_start(ledger, it.time_entry_id, now),
        Event::SplitTimeEntry(it) => check_start(ledger, it.new_time_entry_id, now),
        Event::StopClock(_)
        | Event::DeleteTimeEntry(_)
        | Event::ArchiveProject(_)
        | Event::RestoreProject(_)
        | Event::ArchiveClient(_)
        | Event::RestoreClient(_)
        | Event::ArchiveTask(_)
        | Event::RestoreTask(_)
        | Event::ArchiveTag(_)
        | Event::RestoreTag(_)
        | Event::UpdateSettings(_) => Ok(()),
    }
}

/// A name has a visible character.
fn check_name(key: EntityKey, name: &str) -> Result<(), Rejection> {
    if name.chars().all(is_invisible) { Err(Rejection::NameMissing { key }) } else { Ok(()) }
}

fn check_new_name(key: EntityKey, name: Option<&str>) -> Result<(), Rejection> {
    name.map_or(Ok(()), |name| check_name(key, name))
}

/// The entry belongs to the project of the task that the event gives it. An event that changes only
/// the project is admitted whatever the task: a device can send it without having seen the task.
fn check_new_task(
    ledger: &Ledger,
    entry_id: EntryId,
    new_task: Option<TaskId>,
) -> Result<(), Rejection> {
    let is_foreign = new_task.is_some()
        && ledger.entry(entry_id).is_some_and(|entry| {
            // An edit of a deleted entry has no effect.
            !entry.deleted
                && entry
                    .task_id
                    .is_some_and(|id| is_task_of_other_project(ledger, id, entry.project_id))
        });
    if is_foreign { Err(Rejection::TaskOfOtherProject) } else { Ok(()) }
}

/// The clock of an entry that gets a start does not run from far in the future. Every later start
/// would end there (docs/TESTING.md#P5), and so last for years.
fn check_start(ledger: &Ledger, entry_id: EntryId, now: Timestamp) -> Result<(), Rejection> {
    let latest = now.saturating_add(START_AHEAD_MAX);
    match ledger.entry(entry_id) {
        Some(entry) if entry.is_running() && entry.started_at > latest => {
            Err(Rejection::StartInFuture)
        }
        Some(_) | None => Ok(()),
    }
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
