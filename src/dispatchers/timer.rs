//! The clock: start, stop, continue.

use wizitime_domain::{EntryId, Event, ProjectId, SortedSet, StartClock, StopClock, Timestamp};

use super::record::{Recorder, Refusal};
use super::{Dispatched, recorded};
use crate::store::State;

pub(super) fn start(
    state: &State,
    recorder: &mut Recorder<'_>,
    description: String,
    project_id: Option<ProjectId>,
    started_at: Option<Timestamp>,
) -> Result<Dispatched, Refusal> {
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

pub(super) fn stop(state: &State, recorder: &mut Recorder<'_>) -> Result<Dispatched, Refusal> {
    let running = state.ledger.shown().running().ok_or(Refusal::NothingRuns)?;
    let event = StopClock {
        time_entry_id: running.id,
        // A clock that was set back must not make an entry that cannot be stopped.
        stopped_at: recorder.now.max(running.started_at),
    };
    recorder.record(state, Event::StopClock(event))?;
    Ok(recorded(recorder))
}

pub(super) fn continue_entry(
    state: &State,
    recorder: &mut Recorder<'_>,
    entry_id: EntryId,
) -> Result<Dispatched, Refusal> {
    let entry = state.ledger.shown().entry(entry_id).ok_or(Refusal::Gone)?;
    let event = StartClock {
        time_entry_id: EntryId::from_bytes(recorder.new_id()),
        started_at: recorder.now,
        description: entry.description.clone(),
        project_id: entry.project_id,
        task_id: entry.task_id,
        tag_ids: entry.tag_ids.clone(),
        billable: entry.billable,
    };
    recorder.record(state, Event::StartClock(event))?;
    Ok(recorded(recorder))
}
