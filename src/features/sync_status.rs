//! Sync status, quarantine and export.

mod dispatcher;
mod intent;
mod selectors;

pub(super) use dispatcher::dispatch;
pub use intent::{QuarantineFix, SyncIntent};
pub use selectors::{SyncBadge, SyncStatus, select_status};
