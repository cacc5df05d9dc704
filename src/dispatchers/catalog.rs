//! Projects, created in place.

use wizitime_domain::{
    Color, CreateProject, EntryId, Event, ProjectId, TimeEntryChanges, UpdateTimeEntry,
};

use super::record::{Recorder, Refusal};
use super::{Dispatched, recorded};
use crate::store::State;

/// Creates a project; if an entry is named, it goes into the project. These are two facts, but
/// they are recorded together or not at all.
pub(super) fn create_project(
    state: &State,
    recorder: &mut Recorder<'_>,
    name: String,
    color: Color,
    entry_id: Option<EntryId>,
) -> Result<Dispatched, Refusal> {
    let project_id = ProjectId::from_bytes(recorder.new_id());
    let project = CreateProject { project_id, name, color, client_id: None, billable: false };
    recorder.record(state, Event::CreateProject(project))?;
    if let Some(time_entry_id) = entry_id {
        let changes = TimeEntryChanges {
            project_id: Some(Some(project_id)),
            task_id: Some(None),
            ..TimeEntryChanges::default()
        };
        recorder
            .record(state, Event::UpdateTimeEntry(UpdateTimeEntry { time_entry_id, changes }))?;
    }
    Ok(recorded(recorder))
}
