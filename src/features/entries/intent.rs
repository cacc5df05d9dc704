//! Intents about time entries.

use wizitime_domain::{EntryId, ProjectId, TimeEntryChanges, Timestamp, UndoStep};

use crate::store::UndoKind;

/// What a user wants of an entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EntryIntent {
    /// Add an entry by hand.
    Add {
        started_at: Timestamp,
        stopped_at: Timestamp,
        description: String,
        project_id: Option<ProjectId>,
    },
    /// Change fields of an entry.
    Edit { entry_id: EntryId, changes: Box<TimeEntryChanges> },
    /// Delete an entry.
    Delete { entry_id: EntryId },
    /// Undo the deletion of an entry.
    Restore { entry_id: EntryId },
    /// Undo an act, or do it again. `kind` says which of both.
    Revert { step: Box<UndoStep>, kind: UndoKind },
}
