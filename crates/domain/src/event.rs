//! What a person did, as facts: one intent is one event.
//!
//! The wire names are those of `docs/PROTOCOL.md`. Payloads are strict: a field that this version
//! does not know is an error, because dropping it silently would lose what the person meant. A new
//! field therefore raises [`crate::ENVELOPE_VERSION`].

use wizitime_json::{FromJson, Json, JsonError, JsonText, json_object, to_json};

use crate::catalog::Color;
use crate::ids::{ClientId, EntryId, ProjectId, TagId, TaskId};
use crate::ledger::EntityKey;
use crate::settings::WeekStart;
use crate::sorted_set::SortedSet;
use crate::time::Timestamp;

macro_rules! payload {
    ($(#[$doc:meta])* $name:ident { $($(#[$field_doc:meta])* $field:ident: $kind:ty,)* }) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq)]
        pub struct $name { $($(#[$field_doc])* pub $field: $kind,)* }
        json_object!(strict $name { $($field),* });
    };
}

macro_rules! changes {
    ($(#[$doc:meta])* $name:ident { $($(#[$field_doc:meta])* $field:ident: $kind:ty,)* }) => {
        $(#[$doc])*
        #[derive(Clone, Debug, Default, PartialEq, Eq)]
        pub struct $name { $($(#[$field_doc])* pub $field: Option<$kind>,)* }
        json_object!(strict $name { $($field = change),* });
    };
}

payload!(
    /// The clock starts; whatever ran before ends here (an implied stop).
    StartClock {
        time_entry_id: EntryId,
        started_at: Timestamp,
        description: String,
        project_id: Option<ProjectId>,
        task_id: Option<TaskId>,
        tag_ids: SortedSet<TagId>,
        billable: bool,
    }
);
payload!(
    /// The clock of this very entry stops.
    StopClock { time_entry_id: EntryId, stopped_at: Timestamp, }
);
payload!(
    /// An entry is added by hand, already ended.
    CreateTimeEntry {
        time_entry_id: EntryId,
        started_at: Timestamp,
        stopped_at: Timestamp,
        description: String,
        project_id: Option<ProjectId>,
        task_id: Option<TaskId>,
        tag_ids: SortedSet<TagId>,
        billable: bool,
    }
);
changes!(
    /// The fields of an entry that change; the others stay.
    TimeEntryChanges {
        description: String,
        project_id: Option<ProjectId>,
        task_id: Option<TaskId>,
        tag_ids: SortedSet<TagId>,
        billable: bool,
        started_at: Timestamp,
        /// Ends a running entry, or moves an end on purpose.
        stopped_at: Timestamp,
    }
);
payload!(
    /// Fields of an entry change.
    UpdateTimeEntry { time_entry_id: EntryId, changes: TimeEntryChanges, }
);
payload!(
    /// Names an entry.
    TimeEntryRef { time_entry_id: EntryId, }
);
payload!(
    /// An entry becomes two at an instant within it.
    SplitTimeEntry { time_entry_id: EntryId, new_time_entry_id: EntryId, split_at: Timestamp, }
);
payload!(
    /// A new project.
    CreateProject {
        project_id: ProjectId,
        name: String,
        color: Color,
        client_id: Option<ClientId>,
        billable: bool,
    }
);
changes!(
    /// The fields of a project that change.
    ProjectChanges {
        name: String,
        color: Color,
        client_id: Option<ClientId>,
        billable: bool,
    }
);
payload!(
    /// Fields of a project change.
    UpdateProject { project_id: ProjectId, changes: ProjectChanges, }
);
payload!(
    /// Names a project.
    ProjectRef { project_id: ProjectId, }
);
payload!(
    /// A new client.
    CreateClient { client_id: ClientId, name: String, }
);
changes!(
    /// The fields of a client, task or tag that change.
    NameChanges { name: String, }
);
payload!(
    /// Fields of a client change.
    UpdateClient { client_id: ClientId, changes: NameChanges, }
);
payload!(
    /// Names a client.
    ClientRef { client_id: ClientId, }
);
payload!(
    /// A new task of a project.
    CreateTask { task_id: TaskId, project_id: ProjectId, name: String, }
);
payload!(
    /// Fields of a task change.
    UpdateTask { task_id: TaskId, changes: NameChanges, }
);
payload!(
    /// Names a task.
    TaskRef { task_id: TaskId, }
);
payload!(
    /// A new tag.
    CreateTag { tag_id: TagId, name: String, }
);
payload!(
    /// Fields of a tag change.
    UpdateTag { tag_id: TagId, changes: NameChanges, }
);
payload!(
    /// Names a tag.
    TagRef { tag_id: TagId, }
);
changes!(
    /// The settings that change.
    SettingsChanges { week_start: WeekStart, clock_24h: Option<bool>, }
);
payload!(
    /// Settings change.
    UpdateSettings { changes: SettingsChanges, }
);

/// Declares the closed enum together with its wire names, so that neither can miss an event.
macro_rules! events {
    ($($name:ident($payload:ty) = $wire:literal,)*) => {
        /// Everything that can happen to a ledger.
        #[derive(Clone, Debug, PartialEq, Eq)]
        pub enum Event { $($name($payload),)* }

        impl Event {
            /// Every `event_type` there is.
            pub const TYPES: &[&str] = &[$($wire),*];

            /// The event's name on the wire and on disk.
            pub const fn event_type(&self) -> &'static str {
                match self { $(Self::$name(_) => $wire,)* }
            }

            /// The event of this name with this payload; none if the name is unknown.
            pub(crate) fn from_parts(
                event_type: &str,
                payload: Json<'_>,
            ) -> Option<Result<Self, JsonError>> {
                match event_type {
                    $($wire => Some(<$payload>::from_json(payload).map(Self::$name)),)*
                    _ => None,
                }
            }

            /// The payload as JSON.
            pub(crate) fn payload_json(&self) -> JsonText {
                match self { $(Self::$name(payload) => to_json(payload),)* }
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
    /// What the event acts on: the things it makes or changes by name.
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

    /// What must exist already for the event to be right, beside its subjects.
    pub fn references(&self) -> Vec<EntityKey> {
        match self {
            Self::StartClock(event) => {
                classified_by(event.project_id, event.task_id, Some(&event.tag_ids))
            }
            Self::CreateTimeEntry(event) => {
                classified_by(event.project_id, event.task_id, Some(&event.tag_ids))
            }
            Self::UpdateTimeEntry(UpdateTimeEntry { changes, .. }) => classified_by(
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

    /// The thing this event brings into being, if it does.
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

pub(crate) fn classified_by(
    project_id: Option<ProjectId>,
    task_id: Option<TaskId>,
    tag_ids: Option<&SortedSet<TagId>>,
) -> Vec<EntityKey> {
    let project = project_id.map(EntityKey::Project);
    let task = task_id.map(EntityKey::Task);
    let tags = tag_ids.into_iter().flatten().copied().map(EntityKey::Tag);
    project.into_iter().chain(task).chain(tags).collect()
}
