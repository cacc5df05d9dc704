//! The one topic of an account.

use wizitime_domain::UserId;

const PREFIX: &str = "users:";

/// The topic that all of a person's devices join.
pub fn user_topic(user_id: UserId) -> String {
    format!("{PREFIX}{user_id}")
}

/// Whose topic this is; none if it is nobody's.
pub fn parse_user_topic(topic: &str) -> Option<UserId> {
    topic.strip_prefix(PREFIX)?.parse().ok()
}
