//! A time entry: an interval with a description and what it belongs to.

use wizitime_json::{FromJson, Json, JsonError, ToJson, from_name, json_object};

use crate::ids::{EntryId, ProjectId, TagId, TaskId};
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

impl FromJson for StopBy {
    fn from_json(json: Json<'_>) -> Result<Self, JsonError> {
        from_name(json, &Self::ALL, Self::name, "a way to stop")
    }
}

impl ToJson for StopBy {
    fn write_json(&self, out: &mut String) {
        self.name().write_json(out);
    }
}

/// The end of an entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stop {
    pub at: Timestamp,
    pub by: StopBy,
}
json_object!(Stop { at, by });

/// A stretch of somebody's time. It runs while it has no stop.
#[derive(Clone, Debug, PartialEq, Eq)]
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
json_object!(TimeEntry {
    id,
    description,
    project_id,
    task_id,
    tag_ids,
    billable,
    started_at,
    stop,
    zone,
    deleted,
});

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
