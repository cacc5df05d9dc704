//! What everybody who is connected as a user is told.

use std::sync::Arc;

use wizitime_domain::UserId;
use wizitime_domain::json::to_json;
use wizitime_protocol::messages::{NEED_TO_UPDATE_TIME_ENTRIES, NeedToUpdate, user_topic};
use wizitime_protocol::phoenix::Frame;

/// A broadcast to all of a user's connections: encoded once, however many they are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct News {
    cursor: u64,
    frame: Arc<str>,
}

impl News {
    /// What this user's connections are to hear.
    pub fn new(user_id: UserId, news: &NeedToUpdate) -> Self {
        let payload = to_json(news);
        let (topic, event) = (user_topic(user_id), NEED_TO_UPDATE_TIME_ENTRIES);
        let frame = Frame::encode_broadcast(&topic, event, payload.as_raw());
        Self { cursor: news.cursor, frame: frame.into() }
    }

    /// How far the log goes by now.
    pub const fn cursor(&self) -> u64 {
        self.cursor
    }

    /// The text frame.
    pub fn frame(&self) -> &str {
        &self.frame
    }
}
