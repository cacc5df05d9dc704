//! The clock: start, stop, continue.

use wizitime_domain::{
    EntryId, Event, ProjectId, SortedSet, StartClock, StopClock, TaskId, Timestamp, admission,
};

use super::intent::TimerIntent;
use crate::effects::Outbox;
use crate::features::dispatcher::recorded;
use crate::features::event_recorder::EventRecorder;
use crate::store::State;
use crate::store::slices::notices::Refusal;

/// Turns an intent into actions and effects.
///
/// # Errors
/// A [`Refusal`] if the intent cannot be carried out; nothing was recorded then.
pub(in crate::features) fn dispatch(
    intent: TimerIntent,
    state: &State,
    recorder: &mut EventRecorder<'_>,
) -> Result<Outbox, Refusal> {
    match intent {
        TimerIntent::Start { description, project_id, started_at } => {
            start(state, recorder, description, project_id, started_at)
        }
        TimerIntent::Stop => stop(state, recorder),
        TimerIntent::Continue { entry_id } => continue_entry(state, recorder, entry_id),
    }
}

fn start(
    state: &State,
    recorder: &mut EventRecorder<'_>,
    description: String,
    project_id: Option<ProjectId>,
    started_at: Option<Timestamp>,
) -> Result<Outbox, Refusal> {
    let project = project_id.and_then(|id| state.ledger.shown().project(id));
    let event = StartClock {
        time_entry_id: EntryId::from_bytes(recorder.new_id()),
        started_at: started_at.unwrap_or(recorder.now),
        description,
        project_id,
        task_id: None,
        tag_ids: SortedSet::default(),
        billable: project.is_some_and(|project| project.billable),
    };
    recorder.record(state, Event::StartClock(event))?;
    Ok(recorded(recorder))
}

fn stop(state: &State, recorder: &mut EventRecorder<'_>) -> Result<Outbox, Refusal> {
    let running = state.ledger.shown().running().ok_or(Refusal::NothingRuns)?;
    let event = StopClock {
        time_entry_id: running.id,
        // A clock that was set back must not make an entry that cannot be stopped.
        stopped_at: recorder.now.max(running.started_at),
    };
    recorder.record(state, Event::StopClock(event))?;
    Ok(recorded(recorder))
}

fn continue_entry(
    state: &State,
    recorder: &mut EventRecorder<'_>,
    entry_id: EntryId,
) -> Result<Outbox, Refusal> {
    let shown = state.ledger.shown();
    let entry = shown.entry(entry_id).ok_or(Refusal::Gone)?;
    // Two devices that change task and project at once can leave a task of another project.
    let is_own_task =
        |id: &TaskId| !admission::is_task_of_other_project(shown, *id, entry.project_id);
    let event = StartClock {
        time_entry_id: EntryId::from_bytes(recorder.new_id()),
        started_at: recorder.now,
        description: entry.description.clone(),
        project_id: entry.project_id,
        task_id: entry.task_id.filter(is_own_task),
        tag_ids: entry.tag_ids.clone(),
        billable: entry.billable,
    };
    recorder.record(state, Event::StartClock(event))?;
    Ok(recorded(recorder))
}
