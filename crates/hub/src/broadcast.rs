//! NEED_TO_UPDATE_TIME_ENTRIES, encoded once for all connections of a user.

use std::sync::Arc;

use wizitime_domain::UserId;
use wizitime_domain::json::to_json;
use wizitime_protocol::messages::{NEED_TO_UPDATE_TIME_ENTRIES, NeedToUpdate, user_topic};
use wizitime_protocol::phoenix::Frame;

/// A broadcast to all of a user's connections.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Broadcast {
    cursor: u64,
    frame: Arc<str>,
}

impl Broadcast {
    /// Encodes the broadcast for this user's topic.
    pub fn new(user_id: UserId, message: &NeedToUpdate) -> Self {
        let payload = to_json(message);
        let (topic, event) = (user_topic(user_id), NEED_TO_UPDATE_TIME_ENTRIES);
        let frame = Frame::encode_broadcast(&topic, event, payload.as_raw());
        Self { cursor: message.cursor, frame: frame.into() }
    }

    /// The cursor of the log after the change.
    pub const fn cursor(&self) -> u64 {
        self.cursor
    }

    /// The text frame.
    pub fn frame(&self) -> &str {
        &self.frame
    }
}
