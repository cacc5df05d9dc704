//! The topic of an account.

use wizitime_domain::UserId;

const PREFIX: &str = "users:";

/// The topic that all devices of an account join.
pub fn user_topic(user_id: UserId) -> String {
    format!("{PREFIX}{user_id}")
}

/// The account of a topic; `None` if it is not an account's topic.
pub fn parse_user_topic(topic: &str) -> Option<UserId> {
    topic.strip_prefix(PREFIX)?.parse().ok()
}
