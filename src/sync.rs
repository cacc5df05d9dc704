//! The buffer on disk, and when it is sent.

mod archive;
pub(crate) mod catch_up;
mod dependents;
pub mod durable_copy;
pub mod event_buffer;
mod export;
mod join_params;
mod leader_election;
pub(crate) mod middleware;
mod recently_removed;
pub mod record;
mod refused_writes;
mod storage_keys;
mod sync_helper;

pub use archive::{ARCHIVE_MS, Archived};
pub use catch_up::{CatchUp, PAGE_TIMEOUT_MS};
pub use dependents::{DEPENDS_CODE, dependents_of, with_dependents};
pub use export::export_json;
pub use join_params::join_params;
pub use leader_election::{ElectionStep, LeaderElection};
pub use recently_removed::RecentlyRemoved;
pub use refused_writes::RefusedWrites;
pub use storage_keys::{PREFIX, StorageKey};
pub use sync_helper::{SYNC_DELAY_MS, SYNC_WAIT_MS_MAX, SyncHelper, SyncStep};
