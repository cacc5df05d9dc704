//! WiziTime's messages on the channel `users:<user id>`. The reference is `docs/PROTOCOL.md`.

mod bulk_event;
mod changes_page;
mod join;
mod need_to_update;
mod ping;
mod topic;

pub use bulk_event::{
    BULK_BYTES_MAX, BulkError, BulkReply, EVENTS_PER_BULK_MAX, Reason, SupersededEvent,
    bulk_event_json, read_bulk_event,
};
pub use changes_page::{ChangesPage, ChangesPageRequest, PAGE_ENTITIES_MAX};
pub use join::{JoinParams, JoinRefusal, JoinReply, Limits};
pub use need_to_update::NeedToUpdate;
pub use ping::{Ping, Pong};
pub use topic::{parse_user_topic, user_topic};

/// Push: appends a batch of events, as a whole or not at all.
pub const BULK_EVENT: &str = "BULK_EVENT";
/// Push: requests a page of the changes since a cursor.
pub const GET_LATEST_TIME_ENTRIES: &str = "GET_LATEST_TIME_ENTRIES";
/// Push: requests the server's time.
pub const PING: &str = "ping";
/// Broadcast: the log has grown.
pub const NEED_TO_UPDATE_TIME_ENTRIES: &str = "NEED_TO_UPDATE_TIME_ENTRIES";
