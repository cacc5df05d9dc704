//! Sync status, quarantine and export.

mod dispatcher;
mod intent;
mod selectors;

#[cfg(target_arch = "wasm32")]
pub(crate) mod components;

pub(super) use dispatcher::dispatch;
pub use intent::{QuarantineFix, SyncIntent};
pub use selectors::{SyncBadge, SyncStatus, select_badge, select_status};
