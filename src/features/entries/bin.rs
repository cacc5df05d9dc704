//! The bin: what was deleted and can be restored.

use std::sync::Arc;

use wizitime_domain::TimeEntry;

use crate::store::State;

/// The most entries that the bin shows.
pub const BIN_ENTRIES_MAX: usize = 100;

/// The deleted entries that were created last, the latest first. The ledger does not know when they
/// were deleted.
pub fn select_bin(state: &State) -> Vec<Arc<TimeEntry>> {
    let entries = state.ledger.shown().entries().rev();
    entries.filter(|entry| entry.deleted).take(BIN_ENTRIES_MAX).cloned().collect()
}
