//! A time entry: an interval with a description and what it belongs to.

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::ids::{EntryId, ProjectId, TagId, TaskId};
use crate::json::parse_str;
use crate::sorted_set::SortedSet;
use crate::time::{DurationMs, Timestamp, Zone};

/// Who ended an entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StopBy {
    /// A person: it stands against any later stop.
    Explicit,
    /// The start of another clock: a person's stop beats it.
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

/// A stretch of somebody's time. It runs while it has no stop.
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
