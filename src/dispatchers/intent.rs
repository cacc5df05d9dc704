//! All that a person can want.

use wizitime_domain::{Color, EntryId, EventId, ProjectId, TimeEntryChanges, Timestamp};

/// How a person mends an event that was set aside. Only what is given changes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct QuarantineFix {
    /// The description of an entry, or the name of a project, client, task or tag.
    pub text: Option<String>,
    pub started_at: Option<Timestamp>,
    pub stopped_at: Option<Timestamp>,
}

/// A text that stays out of every log.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(pub String);

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Secret")
    }
}

/// One thing that a person wants.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Intent {
    /// Start the clock; at `started_at` if it began earlier, else now.
    StartClock {
        description: String,
        project_id: Option<ProjectId>,
        started_at: Option<Timestamp>,
    },
    /// Stop the clock that runs.
    StopClock,
    /// Start the clock with what an old entry was about.
    ContinueEntry {
        entry_id: EntryId,
    },
    /// Add an entry by hand.
    AddEntry {
        started_at: Timestamp,
        stopped_at: Timestamp,
        description: String,
        project_id: Option<ProjectId>,
    },
    /// Change fields of an entry.
    EditEntry {
        entry_id: EntryId,
        changes: Box<TimeEntryChanges>,
    },
    DeleteEntry {
        entry_id: EntryId,
    },
    /// Undo the deletion of an entry.
    RestoreEntry {
        entry_id: EntryId,
    },
    /// Create a project, and put an entry into it if one is named.
    CreateProject {
        name: String,
        color: Color,
        entry_id: Option<EntryId>,
    },
    /// Send an event again that was set aside, and what was held back with it.
    RetryQuarantined {
        event_id: EventId,
    },
    /// Give up an event that was set aside, and what was held back with it.
    DiscardQuarantined {
        event_id: EventId,
    },
    /// Record a mended event in place of one that was set aside, and send what was held back.
    FixQuarantined {
        event_id: EventId,
        fix: QuarantineFix,
    },
    /// Save everything that is not on the server as a file.
    ExportUnsynced,
    SignUp {
        email: String,
        password: Secret,
    },
    SignIn {
        email: String,
        password: Secret,
    },
    /// Sign out; refused while something is not synced, unless that is dropped on purpose.
    SignOut {
        drop_unsynced: bool,
    },
    /// Try to sync right now.
    SyncNow,
    DismissNotice,
    /// Start the new version of the app.
    ActivateUpdate,
}
