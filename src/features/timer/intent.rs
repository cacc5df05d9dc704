//! Intents of the timer.

use wizitime_domain::{EntryId, ProjectId, Timestamp};

/// What a user wants of the clock.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TimerIntent {
    /// Start the clock; at `started_at` if it began earlier, else now.
    Start { description: String, project_id: Option<ProjectId>, started_at: Option<Timestamp> },
    /// Stop the running clock.
    Stop,
    /// Start the clock with the description, project and tags of an old entry.
    Continue { entry_id: EntryId },
}
