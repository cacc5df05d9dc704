//! Projects, created in place.

use wizitime_domain::{CreateProject, EntryId, Event, TimeEntryChanges, UpdateTimeEntry};

use super::intent::ProjectIntent;
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
    intent: ProjectIntent,
    state: &State,
    recorder: &mut EventRecorder<'_>,
) -> Result<Outbox, Refusal> {
    match intent {
        ProjectIntent::Create { project_id, name, color, entry_id } => {
            let project =
                CreateProject { project_id, name, color, client_id: None, billable: false };
            create_project(state, recorder, project, entry_id)
        }
    }
}

/// Creates a project; if an entry is named, it goes into the project. These are two facts, but
/// they are recorded together or not at all.
fn create_project(
    state: &State,
    recorder: &mut EventRecorder<'_>,
    project: CreateProject,
    entry_id: Option<EntryId>,
) -> Result<Outbox, Refusal> {
    let project_id = project.project_id;
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
