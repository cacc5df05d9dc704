//! `NEED_TO_UPDATE_TIME_ENTRIES`: broadcast after a change. A hint that carries no data.

use serde::{Deserialize, Serialize};

/// The payload of the broadcast. A client that misses it learns of the change at its next join,
/// reply or periodic request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NeedToUpdate {
    /// The cursor of the log after the change.
    pub cursor: u64,
    /// A description for humans who debug the connection.
    pub msg: String,
}
