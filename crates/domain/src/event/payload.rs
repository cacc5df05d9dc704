//! The payloads of the events: the member `event` of an envelope.
//!
//! They are strict: an unknown field is an error, because dropping it silently would lose a part of
//! what the user did. A new field therefore raises [`crate::ENVELOPE_VERSION`].

use serde::{Deserialize, Serialize};

use crate::catalog::Color;
use crate::ids::{ClientId, EntryId, ProjectId, TagId, TaskId};
use crate::settings::WeekStart;
use crate::sorted_set::SortedSet;
use crate::time::Timestamp;

/// Declares the changes of an entity: a field that is missing stays as it is. `null` is a value,
/// and allowed where the field itself is an `Option`.
macro_rules! changes {
    ($(#[$doc:meta])* $name:ident { $($(#[$field_doc:meta])* $field:ident: $kind:ty,)* }) => {
        $(#[$doc])*
        #[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
        #[serde(deny_unknown_fields)]
        pub struct $name {
            $(
                $(#[$field_doc])*
                #[serde(
                    default,
                    skip_serializing_if = "Option::is_none",
                    deserialize_with = "crate::json::present"
                )]
                pub $field: Option<$kind>,
            )*
        }
    };
}

/// Starts the clock; the entry that runs ends here (an implied stop).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StartClock {
    pub time_entry_id: EntryId,
    pub started_at: Timestamp,
    pub description: String,
    pub project_id: Option<ProjectId>,
    pub task_id: Option<TaskId>,
    pub tag_ids: SortedSet<TagId>,
    pub billable: bool,
}

/// Stops the clock of this entry.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StopClock {
    pub time_entry_id: EntryId,
    pub stopped_at: Timestamp,
}

/// Adds an entry that has ended already.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CreateTimeEntry {
    pub time_entry_id: EntryId,
    pub started_at: Timestamp,
    pub stopped_at: Timestamp,
    pub description: String,
    pub project_id: Option<ProjectId>,
    pub task_id: Option<TaskId>,
    pub tag_ids: SortedSet<TagId>,
    pub billable: bool,
}

changes! {
    /// The fields of an entry that change; the others stay as they are.
    TimeEntryChanges {
        description: String,
        project_id: Option<ProjectId>,
        task_id: Option<TaskId>,
        tag_ids: SortedSet<TagId>,
        billable: bool,
        started_at: Timestamp,
        /// An explicit stop: ends a running entry, or moves its end.
        stopped_at: Timestamp,
    }
}

/// Changes fields of an entry.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct UpdateTimeEntry {
    pub time_entry_id: EntryId,
    pub changes: TimeEntryChanges,
}

/// Refers to an entry.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TimeEntryRef {
    pub time_entry_id: EntryId,
}

/// Splits an entry into two at an instant between its start and its end.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SplitTimeEntry {
    pub time_entry_id: EntryId,
    pub new_time_entry_id: EntryId,
    pub split_at: Timestamp,
}

/// Creates a project.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CreateProject {
    pub project_id: ProjectId,
    pub name: String,
    pub color: Color,
    pub client_id: Option<ClientId>,
    pub billable: bool,
}

changes! {
    /// The fields of a project that change.
    ProjectChanges {
        name: String,
        color: Color,
        client_id: Option<ClientId>,
        billable: bool,
    }
}

/// Changes fields of a project.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct UpdateProject {
    pub project_id: ProjectId,
    pub changes: ProjectChanges,
}

/// Refers to a project.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ProjectRef {
    pub project_id: ProjectId,
}

/// Creates a client.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CreateClient {
    pub client_id: ClientId,
    pub name: String,
}

changes! {
    /// The fields of a client, task or tag that change.
    NameChanges {
        name: String,
    }
}

/// Changes fields of a client.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct UpdateClient {
    pub client_id: ClientId,
    pub changes: NameChanges,
}

/// Refers to a client.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ClientRef {
    pub client_id: ClientId,
}

/// Creates a task of a project.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CreateTask {
    pub task_id: TaskId,
    pub project_id: ProjectId,
    pub name: String,
}

/// Changes fields of a task.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct UpdateTask {
    pub task_id: TaskId,
    pub changes: NameChanges,
}

/// Refers to a task.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TaskRef {
    pub task_id: TaskId,
}

/// Creates a tag.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CreateTag {
    pub tag_id: TagId,
    pub name: String,
}

/// Changes fields of a tag.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct UpdateTag {
    pub tag_id: TagId,
    pub changes: NameChanges,
}

/// Refers to a tag.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TagRef {
    pub tag_id: TagId,
}

changes! {
    /// The settings that change.
    SettingsChanges {
        week_start: WeekStart,
        clock_24h: Option<bool>,
    }
}

/// Changes settings.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct UpdateSettings {
    pub changes: SettingsChanges,
}
