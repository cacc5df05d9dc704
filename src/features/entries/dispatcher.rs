//! Entries by hand: add, edit, delete, restore.

use wizitime_domain::{
    CreateTimeEntry, EntryId, Event, ProjectId, SortedSet, TimeEntryChanges, TimeEntryRef,
    Timestamp, UndoStep, UpdateTimeEntry,
};

use super::intent::EntryIntent;
use crate::effects::Outbox;
use crate::features::dispatcher::recorded;
use crate::features::event_recorder::EventRecorder;
use crate::store::slices::notices::Notice;
use crate::store::slices::notices::Refusal;
use crate::store::{Action, LocalAction, State, UndoKind};

/// The most deletions that can be undone one after the other.
const UNDO_MAX: usize = 100;

/// Turns an intent into actions and effects.
///
/// # Errors
/// A [`Refusal`] if the intent cannot be carried out; nothing was recorded then.
pub(in crate::features) fn dispatch(
    intent: EntryIntent,
    state: &State,
    recorder: &mut EventRecorder<'_>,
) -> Result<Outbox, Refusal> {
    match intent {
        EntryIntent::Add { started_at, stopped_at, description, project_id } => {
            add(state, recorder, started_at, stopped_at, description, project_id)
        }
        EntryIntent::Edit { entry_id, changes } => edit(state, recorder, entry_id, *changes),
        EntryIntent::Delete { entry_id } => delete(state, recorder, entry_id),
        EntryIntent::Restore { entry_id } => restore(state, recorder, entry_id),
        EntryIntent::Revert { step, kind } => revert(state, recorder, &step, kind),
    }
}

fn add(
    state: &State,
    recorder: &mut EventRecorder<'_>,
    started_at: Timestamp,
    stopped_at: Timestamp,
    description: String,
    project_id: Option<ProjectId>,
) -> Result<Outbox, Refusal> {
    let project = project_id.and_then(|id| state.ledger.shown().project(id));
    let event = CreateTimeEntry {
        time_entry_id: EntryId::from_bytes(recorder.new_id()),
        started_at,
        stopped_at,
        description,
        project_id,
        task_id: None,
        tag_ids: SortedSet::default(),
        billable: project.is_some_and(|project| project.billable),
    };
    recorder.record(state, Event::CreateTimeEntry(event))?;
    Ok(recorded(recorder))
}

fn edit(
    state: &State,
    recorder: &mut EventRecorder<'_>,
    entry_id: EntryId,
    changes: TimeEntryChanges,
) -> Result<Outbox, Refusal> {
    // Another device may have deleted it while the user typed.
    let shown = state.ledger.shown().entry(entry_id).filter(|entry| !entry.deleted);
    let entry = shown.ok_or(Refusal::Gone)?;
    let mut changes = changes;
    // A task belongs to its project.
    if changes.project_id.is_some_and(|id| id != entry.project_id)
        && changes.task_id.is_none()
        && entry.task_id.is_some()
    {
        changes.task_id = Some(None);
    }
    let event = UpdateTimeEntry { time_entry_id: entry_id, changes };
    recorder.record(state, Event::UpdateTimeEntry(event))?;
    Ok(recorded(recorder))
}

fn delete(
    state: &State,
    recorder: &mut EventRecorder<'_>,
    entry_id: EntryId,
) -> Result<Outbox, Refusal> {
    let shown = state.ledger.shown().entry(entry_id).filter(|entry| !entry.deleted);
    shown.ok_or(Refusal::Gone)?;
    recorder.record(state, Event::DeleteTimeEntry(TimeEntryRef { time_entry_id: entry_id }))?;
    let mut dispatched = recorded(recorder);
    let mut entry_ids = deleted_before(state, entry_id);
    let surplus = (entry_ids.len() + 1).saturating_sub(UNDO_MAX);
    entry_ids.drain(..surplus);
    entry_ids.push(entry_id);
    let notice = Notice::Deleted { entry_ids };
    dispatched.actions.push(Action::Local(LocalAction::Notified(notice)));
    Ok(dispatched)
}

/// The deletions that the current notice offers to undo, without that of `entry_id`.
fn deleted_before(state: &State, entry_id: EntryId) -> Vec<EntryId> {
    match &state.notices.current {
        Some(Notice::Deleted { entry_ids }) => {
            entry_ids.iter().copied().filter(|id| *id != entry_id).collect()
        }
        Some(Notice::Reverted { .. } | Notice::Refused(_) | Notice::SignOutRefused { .. })
        | None => Vec::new(),
    }
}

/// Undoes an act, or does it again. The notice goes on to offer the deletions before.
fn revert(
    state: &State,
    recorder: &mut EventRecorder<'_>,
    step: &UndoStep,
    kind: UndoKind,
) -> Result<Outbox, Refusal> {
    let new_id = EntryId::from_bytes(recorder.new_id());
    let plan = step.plan(state.ledger.shown(), new_id).map_err(Refusal::CannotUndo)?;
    for event in plan.events {
        recorder.record(state, event)?;
    }
    recorder.replaced = plan.replaced;
    let mut dispatched = recorded(recorder);
    let mut entry_ids = deleted_before(state, new_id);
    entry_ids.retain(|id| step.entry_ids().all(|changed| changed != *id));
    let notice = if entry_ids.is_empty() {
        Notice::Reverted { is_redo: kind == UndoKind::Redo }
    } else {
        Notice::Deleted { entry_ids }
    };
    dispatched.actions.push(Action::Local(LocalAction::Notified(notice)));
    Ok(dispatched)
}

fn restore(
    state: &State,
    recorder: &mut EventRecorder<'_>,
    entry_id: EntryId,
) -> Result<Outbox, Refusal> {
    recorder.record(state, Event::RestoreTimeEntry(TimeEntryRef { time_entry_id: entry_id }))?;
    let mut dispatched = recorded(recorder);
    let entry_ids = deleted_before(state, entry_id);
    dispatched.actions.push(Action::Local(if entry_ids.is_empty() {
        LocalAction::NoticeDismissed
    } else {
        LocalAction::Notified(Notice::Deleted { entry_ids })
    }));
    Ok(dispatched)
}
