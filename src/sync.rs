//! The buffer on disk, and when it is sent.

mod archive;
mod dependants;
pub mod event_buffer;
mod export;
mod fetch_helper;
mod join_params;
mod let_go;
pub(crate) mod middleware;
mod sender_lease;
mod storage_keys;
mod sync_helper;

pub use archive::{ARCHIVE_MS, Archived};
pub use dependants::{DEPENDS_CODE, dependants_of};
pub use export::export_json;
pub use fetch_helper::{FETCH_TIMEOUT_MS, FetchHelper};
pub use join_params::join_params;
pub use let_go::LetGo;
pub use sender_lease::{LeaseStep, SenderLease};
pub use storage_keys::{PREFIX, StorageKey};
pub use sync_helper::{SYNC_DELAY_MS, SYNC_WAIT_MS_MAX, SyncHelper, SyncStep};
