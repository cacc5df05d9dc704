//! The topic of an account: `users:<user id>`.

use wizitime_domain::UserId;

const PREFIX: &str = "users:";

/// The topic that all devices of a user join.
pub fn user_topic(user_id: UserId) -> String {
    format!("{PREFIX}{user_id}")
}

/// The user whose topic this is; none if it is not a user topic.
pub fn parse_user_topic(topic: &str) -> Option<UserId> {
    topic.strip_prefix(PREFIX)?.parse().ok()
}
