//! From state to what is shown: small values, nothing stored but what is kept up to date by what
//! changed.

mod status;
mod suggestions;
mod timeline;

pub use status::{Attention, SyncStatus, select_status};
pub use suggestions::{SUGGESTIONS_MAX, Suggestion, select_suggestions};
pub use timeline::{DayView, Timeline, TimelineChanges, WeekTotal};

use std::sync::Arc;

use wizitime_domain::{Project, SortedSet, TimeEntry};

use crate::store::State;

/// The entry whose clock runs.
pub fn select_running(state: &State) -> Option<Arc<TimeEntry>> {
    state.ledger.shown().running().cloned()
}

/// The projects that can be chosen, by name.
pub fn select_projects(state: &State) -> Vec<Arc<Project>> {
    let shown = state.ledger.shown();
    let in_use = shown.projects().filter(|project| !project.archived);
    let by_name: SortedSet<_> =
        in_use.map(|project| (project.name.to_lowercase(), project.id)).collect();
    by_name.into_iter().filter_map(|(_, id)| shown.project(id).cloned()).collect()
}
