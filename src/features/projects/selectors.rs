//! Selectors of projects.

use std::sync::Arc;

use wizitime_domain::{Project, SortedSet};

use crate::store::State;

/// The projects that can be chosen, by name.
pub fn select_projects(state: &State) -> Vec<Arc<Project>> {
    let shown = state.ledger.shown();
    let in_use = shown.projects().filter(|project| !project.archived);
    let by_name: SortedSet<_> =
        in_use.map(|project| (project.name.to_lowercase(), project.id)).collect();
    by_name.into_iter().filter_map(|(_, id)| shown.project(id).cloned()).collect()
}
