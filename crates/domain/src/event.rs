//! What the user did, as facts. An intent of the user is recorded as one event, as several (undoing
//! an act) or as none (if it is refused or changes nothing).
//!
//! The wire names are those of `docs/PROTOCOL.md`.

mod payload;

use serde::{Serialize, Serializer};
use serde_json::value::RawValue;

use crate::ids::{ProjectId, TagId, TaskId};
use crate::json::{self, JsonError};
use crate::ledger::EntityKey;
use crate::sorted_set::SortedSet;

pub use payload::{
    ClientRef, CreateClient, CreateProject, CreateTag, CreateTask, CreateTimeEntry, NameChanges,
    ProjectChanges, ProjectRef, SettingsChanges, SplitTimeEntry, StartClock, StopClock, TagRef,
    TaskRef, TimeEntryChanges, TimeEntryRef, UpdateClient, UpdateProject, UpdateSettings,
    UpdateTag, UpdateTask, UpdateTimeEntry,
};

/// Declares the enum together with the wire names, so that neither can miss an event.
macro_rules! events {
    ($($name:ident($payload:ty) = $wire:literal,)*) => {
        /// Everything that can change a ledger.
        #[derive(Clone, Debug, PartialEq, Eq)]
        pub enum Event { $($name($payload),)* }

        impl Event {
            /// Every `event_type`.
            pub const TYPES: &[&str] = &[$($wire),*];

            /// The `event_type` on the wire and in storage.
            pub const fn event_type(&self) -> &'static str {
                match self { $(Self::$name(_) => $wire,)* }
            }

            /// The event of this type with this payload; `None` if the type is unknown.
            pub(crate) fn from_parts(
                event_type: &str,
                payload: &RawValue,
            ) -> Option<Result<Self, JsonError>> {
                match event_type {
                    $($wire => Some(json::from_raw(payload).map(Self::$name)),)*
                    _ => None,
                }
            }

        }

        /// Serialises the payload.
        impl Serialize for Event {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                match self { $(Self::$name(payload) => payload.serialize(serializer),)* }
            }
        }
    };
}

events! {
    StartClock(StartClock) = "START_CLOCK",
    StopClock(StopClock) = "STOP_CLOCK",
    CreateTimeEntry(CreateTimeEntry) = "CREATE_TIME_ENTRY",
    UpdateTimeEntry(UpdateTimeEntry) = "UPDATE_TIME_ENTRY",
    DeleteTimeEntry(TimeEntryRef) = "DELETE_TIME_ENTRY",
    RestoreTimeEntry(TimeEntryRef) = "RESTORE_TIME_ENTRY",
    SplitTimeEntry(SplitTimeEntry) = "SPLIT_TIME_ENTRY",
    CreateProject(CreateProject) = "CREATE_PROJECT",
    UpdateProject(UpdateProject) = "UPDATE_PROJECT",
    ArchiveProject(ProjectRef) = "ARCHIVE_PROJECT",
    RestoreProject(ProjectRef) = "RESTORE_PROJECT",
    CreateClient(CreateClient) = "CREATE_CLIENT",
    UpdateClient(UpdateClient) = "UPDATE_CLIENT",
    ArchiveClient(ClientRef) = "ARCHIVE_CLIENT",
    RestoreClient(ClientRef) = "RESTORE_CLIENT",
    CreateTask(CreateTask) = "CREATE_TASK",
    UpdateTask(UpdateTask) = "UPDATE_TASK",
    ArchiveTask(TaskRef) = "ARCHIVE_TASK",
    RestoreTask(TaskRef) = "RESTORE_TASK",
    CreateTag(CreateTag) = "CREATE_TAG",
    UpdateTag(UpdateTag) = "UPDATE_TAG",
    ArchiveTag(TagRef) = "ARCHIVE_TAG",
    RestoreTag(TagRef) = "RESTORE_TAG",
    UpdateSettings(UpdateSettings) = "UPDATE_SETTINGS",
}

impl Event {
    /// The entities that the event creates or changes.
    pub fn subjects(&self) -> Vec<EntityKey> {
        match self {
            Self::StartClock(event) => vec![EntityKey::TimeEntry(event.time_entry_id)],
            Self::StopClock(event) => vec![EntityKey::TimeEntry(event.time_entry_id)],
            Self::CreateTimeEntry(event) => vec![EntityKey::TimeEntry(event.time_entry_id)],
            Self::UpdateTimeEntry(event) => vec![EntityKey::TimeEntry(event.time_entry_id)],
            Self::DeleteTimeEntry(event) | Self::RestoreTimeEntry(event) => {
                vec![EntityKey::TimeEntry(event.time_entry_id)]
            }
            Self::SplitTimeEntry(event) => vec![
                EntityKey::TimeEntry(event.time_entry_id),
                EntityKey::TimeEntry(event.new_time_entry_id),
            ],
            Self::CreateProject(event) => vec![EntityKey::Project(event.project_id)],
            Self::UpdateProject(event) => vec![EntityKey::Project(event.project_id)],
            Self::ArchiveProject(event) | Self::RestoreProject(event) => {
                vec![EntityKey::Project(event.project_id)]
            }
            Self::CreateClient(event) => vec![EntityKey::Client(event.client_id)],
            Self::UpdateClient(event) => vec![EntityKey::Client(event.client_id)],
            Self::ArchiveClient(event) | Self::RestoreClient(event) => {
                vec![EntityKey::Client(event.client_id)]
            }
            Self::CreateTask(event) => vec![EntityKey::Task(event.task_id)],
            Self::UpdateTask(event) => vec![EntityKey::Task(event.task_id)],
            Self::ArchiveTask(event) | Self::RestoreTask(event) => {
                vec![EntityKey::Task(event.task_id)]
            }
            Self::CreateTag(event) => vec![EntityKey::Tag(event.tag_id)],
            Self::UpdateTag(event) => vec![EntityKey::Tag(event.tag_id)],
            Self::ArchiveTag(event) | Self::RestoreTag(event) => {
                vec![EntityKey::Tag(event.tag_id)]
            }
            Self::UpdateSettings(_) => vec![EntityKey::Settings],
        }
    }

    /// The entities that the event refers to, beside its subjects: they must exist already.
    pub fn references(&self) -> Vec<EntityKey> {
        match self {
            Self::StartClock(event) => {
                entry_references(event.project_id, event.task_id, Some(&event.tag_ids))
            }
            Self::CreateTimeEntry(event) => {
                entry_references(event.project_id, event.task_id, Some(&event.tag_ids))
            }
            Self::UpdateTimeEntry(UpdateTimeEntry { changes, .. }) => entry_references(
                changes.project_id.flatten(),
                changes.task_id.flatten(),
                changes.tag_ids.as_ref(),
            ),
            Self::CreateProject(event) => {
                event.client_id.map(EntityKey::Client).into_iter().collect()
            }
            Self::UpdateProject(event) => {
                event.changes.client_id.flatten().map(EntityKey::Client).into_iter().collect()
            }
            Self::CreateTask(event) => vec![EntityKey::Project(event.project_id)],
            Self::StopClock(_)
            | Self::DeleteTimeEntry(_)
            | Self::RestoreTimeEntry(_)
            | Self::SplitTimeEntry(_)
            | Self::ArchiveProject(_)
            | Self::RestoreProject(_)
            | Self::CreateClient(_)
            | Self::UpdateClient(_)
            | Self::ArchiveClient(_)
            | Self::RestoreClient(_)
            | Self::UpdateTask(_)
            | Self::ArchiveTask(_)
            | Self::RestoreTask(_)
            | Self::CreateTag(_)
            | Self::UpdateTag(_)
            | Self::ArchiveTag(_)
            | Self::RestoreTag(_)
            | Self::UpdateSettings(_) => Vec::new(),
        }
    }

    /// The entity that the event creates.
    pub fn creates(&self) -> Option<EntityKey> {
        match self {
            Self::StartClock(event) => Some(EntityKey::TimeEntry(event.time_entry_id)),
            Self::CreateTimeEntry(event) => Some(EntityKey::TimeEntry(event.time_entry_id)),
            Self::SplitTimeEntry(event) => Some(EntityKey::TimeEntry(event.new_time_entry_id)),
            Self::CreateProject(event) => Some(EntityKey::Project(event.project_id)),
            Self::CreateClient(event) => Some(EntityKey::Client(event.client_id)),
            Self::CreateTask(event) => Some(EntityKey::Task(event.task_id)),
            Self::CreateTag(event) => Some(EntityKey::Tag(event.tag_id)),
            Self::StopClock(_)
            | Self::UpdateTimeEntry(_)
            | Self::DeleteTimeEntry(_)
            | Self::RestoreTimeEntry(_)
            | Self::UpdateProject(_)
            | Self::ArchiveProject(_)
            | Self::RestoreProject(_)
            | Self::UpdateClient(_)
            | Self::ArchiveClient(_)
            | Self::RestoreClient(_)
            | Self::UpdateTask(_)
            | Self::ArchiveTask(_)
            | Self::RestoreTask(_)
            | Self::UpdateTag(_)
            | Self::ArchiveTag(_)
            | Self::RestoreTag(_)
            | Self::UpdateSettings(_) => None,
        }
    }
}

/// The entities that an entry with these fields refers to.
pub(crate) fn entry_references(
    project_id: Option<ProjectId>,
    task_id: Option<TaskId>,
    tag_ids: Option<&SortedSet<TagId>>,
) -> Vec<EntityKey> {
    let project = project_id.map(EntityKey::Project);
    let task = task_id.map(EntityKey::Task);
    let tags = tag_ids.into_iter().flatten().copied().map(EntityKey::Tag);
    project.into_iter().chain(task).chain(tags).collect()
}
