//! A time entry: an interval with a description and what it belongs to.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::ids::{EntryId, ProjectId, TagId, TaskId};
use crate::time::{DurationMs, Timestamp, Zone};

/// Who ended an entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StopBy {
    /// A person: it stands against any later stop.
    Explicit,
    /// The start of another clock: a person's stop beats it.
    Implied,
}

/// The end of an entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stop {
    pub at: Timestamp,
    pub by: StopBy,
}

/// A stretch of somebody's time. It runs while it has no stop.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TimeEntry {
    pub id: EntryId,
    pub description: String,
    pub project_id: Option<ProjectId>,
    pub task_id: Option<TaskId>,
    pub tag_ids: BTreeSet<TagId>,
    pub billable: bool,
    pub started_at: Timestamp,
    pub stop: Option<Stop>,
    /// Where it was recorded.
    pub zone: Zone,
    /// In the bin: out of sight and of every total, but it can be restored.
    pub deleted: bool,
}

impl TimeEntry {
    /// Whether the clock of this entry runs.
    pub const fn is_running(&self) -> bool {
        self.stop.is_none() && !self.deleted
    }

    /// Its length; up to `now` while it runs, and never negative.
    pub fn duration(&self, now: Timestamp) -> DurationMs {
        let end = self.stop.map_or(now, |stop| stop.at);
        end.since(self.started_at).max(DurationMs::ZERO)
    }
}
