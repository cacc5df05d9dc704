//! The sync engine: the buffer in storage, sending, catching up, restoring.

mod archive;
mod archive_comparison;
mod catch_up;
mod dependents;
mod discard_marker;
pub(crate) mod durable_copy;
pub mod event_buffer;
mod export;
pub(crate) mod freeze_guard;
mod join_params;
mod leader_election;
pub(crate) mod middleware;
mod recently_removed;
pub(crate) mod restore;
pub(crate) mod session_storage;
pub(crate) mod snapshot_cache;
mod storage_keys;
pub(crate) mod stored_events;
mod sync_helper;
mod unanswered_writes;

pub use archive::{ARCHIVE_MS, Archived};
pub use catch_up::{CatchUp, PAGE_TIMEOUT_MS};
pub use dependents::{dependents_of, with_dependents};
pub use discard_marker::{DISCARD_MARKER_MS, DiscardMarker};
pub use durable_copy::DURABLE_READ_MS_MAX;
pub use export::export_json;
pub use join_params::join_params;
pub use leader_election::{ElectionStep, LeaderElection};
pub use snapshot_cache::CACHE_READ_MS_MAX;
pub(crate) use storage_keys::owner_name;
pub use storage_keys::{PREFIX, StorageKey};
pub use sync_helper::{PUSH_TIMEOUT_MS, SYNC_DELAY_MS, SyncHelper};
pub use unanswered_writes::{DURABLE_WRITE_MS_MAX, DURABLE_WRITE_REPETITIONS_MAX};
