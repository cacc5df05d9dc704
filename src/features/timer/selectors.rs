//! Selectors of the timer.

use std::sync::Arc;

use wizitime_domain::TimeEntry;

use crate::store::State;

/// The running entry.
pub fn select_running(state: &State) -> Option<Arc<TimeEntry>> {
    state.ledger.shown().running().cloned()
}
