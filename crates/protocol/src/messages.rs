//! What WiziTime says over a channel; the reference is `docs/PROTOCOL.md`.

mod bulk_event;
mod join;
mod latest;
mod ping;
mod topic;
mod update;

pub use bulk_event::{
    BULK_BYTES_MAX, BulkError, BulkReply, EVENTS_PER_BULK_MAX, Reason, SupersededEvent,
    bulk_event_json, read_bulk_event,
};
pub use join::{JoinParams, JoinRefusal, JoinReply, Limits};
pub use latest::{Latest, LatestRequest, PAGE_ENTITIES_MAX};
pub use ping::{Ping, Pong};
pub use topic::{parse_user_topic, user_topic};
pub use update::NeedToUpdate;

/// Events made by a person, all or nothing.
pub const BULK_EVENT: &str = "BULK_EVENT";
/// What changed since a cursor.
pub const GET_LATEST_TIME_ENTRIES: &str = "GET_LATEST_TIME_ENTRIES";
/// The time on the server, and proof that the channel lives.
pub const PING: &str = "ping";
/// A hint from the server that something changed.
pub const NEED_TO_UPDATE_TIME_ENTRIES: &str = "NEED_TO_UPDATE_TIME_ENTRIES";
