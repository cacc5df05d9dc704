//! NEED_TO_UPDATE_TIME_ENTRIES: a hint, never data.

use serde::{Deserialize, Serialize};

/// Something changed. Whoever loses this finds out at the next join or reply.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NeedToUpdate {
    /// The log's end after the change.
    pub cursor: u64,
    /// For the people who read wires.
    pub msg: String,
}
