//! Intents about syncing and quarantined events.

use wizitime_domain::{EventId, Timestamp};

/// The corrected fields of a quarantined event. Only what is given changes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct QuarantineFix {
    /// The description of an entry, or the name of a project, client, task or tag.
    pub text: Option<String>,
    pub started_at: Option<Timestamp>,
    pub stopped_at: Option<Timestamp>,
}

/// What a user wants of syncing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SyncIntent {
    /// Send a quarantined event and its dependents again.
    RetryQuarantined { event_id: EventId },
    /// Discard a quarantined event and its dependents.
    DiscardQuarantined { event_id: EventId },
    /// BufferedEvent a corrected event in place of a quarantined one, and send its dependents.
    FixQuarantined { event_id: EventId, fix: QuarantineFix },
    /// Save everything that is not on the server as a file.
    ExportUnsynced,
    /// Sync at once.
    SyncNow,
}
