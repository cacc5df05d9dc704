//! NEED_TO_UPDATE_TIME_ENTRIES: a hint, never data.

use wizitime_json::json_object;

/// Something changed. Whoever loses this finds out at the next join or reply.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NeedToUpdate {
    /// The log's end after the change.
    pub cursor: u64,
    /// For the people who read wires.
    pub msg: String,
}
json_object!(NeedToUpdate { cursor, msg });
