//! NEED_TO_UPDATE_TIME_ENTRIES: a hint without data.

use serde::{Deserialize, Serialize};

/// The log has grown. A client that misses this broadcast learns it from the next join or reply.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NeedToUpdate {
    /// The end of the log after the change.
    pub cursor: u64,
    /// For developers who read frames.
    pub msg: String,
}
