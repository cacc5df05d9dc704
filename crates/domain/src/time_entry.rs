//! A time entry: an interval with a description, and the entities it refers to.

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::ids::{EntryId, ProjectId, TagId, TaskId};
use crate::json::parse_str;
use crate::sorted_set::SortedSet;
use crate::time::{DurationMs, Timestamp, Zone};

/// How an entry was stopped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StopBy {
    /// By the user. It stands against any later STOP_CLOCK.
    Explicit,
    /// By the start of another clock. An explicit stop replaces it.
    Implied,
}

impl StopBy {
    const ALL: [Self; 2] = [Self::Explicit, Self::Implied];

    const fn name(self) -> &'static str {
        match self {
            Self::Explicit => "explicit",
            Self::Implied => "implied",
        }
    }
}

impl<'de> Deserialize<'de> for StopBy {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        parse_str(deserializer, "a way to stop", |text| {
            Self::ALL.into_iter().find(|it| it.name() == text)
        })
    }
}

impl Serialize for StopBy {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}

/// The end of an entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stop {
    pub at: Timestamp,
    pub by: StopBy,
}

/// A time entry. It runs while it has no stop.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TimeEntry {
    pub id: EntryId,
    pub description: String,
    pub project_id: Option<ProjectId>,
    pub task_id: Option<TaskId>,
    pub tag_ids: SortedSet<TagId>,
    pub billable: bool,
    pub started_at: Timestamp,
    pub stop: Option<Stop>,
    /// The zone it was recorded in.
    pub zone: Zone,
    /// Deleted: not shown and in no total, but it can be restored.
    pub deleted: bool,
}

impl TimeEntry {
    /// Whether the clock of this entry is running.
    pub const fn is_running(&self) -> bool {
        self.stop.is_none() && !self.deleted
    }

    /// The duration, up to `now` while it runs; never negative.
    pub fn duration(&self, now: Timestamp) -> DurationMs {
        let end = self.stop.map_or(now, |stop| stop.at);
        end.since(self.started_at).max(DurationMs::ZERO)
    }
}
