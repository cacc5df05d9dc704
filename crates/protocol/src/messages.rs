//! The application's messages and replies; the reference is `docs/PROTOCOL.md`.

mod bulk_event;
mod changes_page;
mod join;
mod ping;
mod topic;
mod update;

pub use bulk_event::{
    BULK_BYTES_MAX, BulkError, BulkReply, EVENTS_PER_BULK_MAX, Reason, SupersededEvent,
    bulk_event_json, read_bulk_event,
};
pub use changes_page::{ChangesPage, ChangesRequest, PAGE_ENTITIES_MAX};
pub use join::{JoinParams, JoinRefusal, JoinReply, Limits};
pub use ping::{Ping, Pong};
pub use topic::{parse_user_topic, user_topic};
pub use update::NeedToUpdate;

/// Events of the user, all or nothing.
pub const BULK_EVENT: &str = "BULK_EVENT";
/// Requests the changes since a cursor.
pub const GET_LATEST_TIME_ENTRIES: &str = "GET_LATEST_TIME_ENTRIES";
/// Requests the server's time; also shows that the channel works.
pub const PING: &str = "ping";
/// The broadcast that the log has grown.
pub const NEED_TO_UPDATE_TIME_ENTRIES: &str = "NEED_TO_UPDATE_TIME_ENTRIES";
