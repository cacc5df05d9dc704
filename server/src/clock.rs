//! The server's clock: the one place that reads it.

use std::time::{SystemTime, UNIX_EPOCH};

use wizitime_domain::Timestamp;

/// What time it is.
#[expect(clippy::disallowed_methods, reason = "the server is a shell; this is its clock")]
pub(crate) fn now() -> Timestamp {
    let since_1970 = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Timestamp::saturating_from_ms(i64::try_from(since_1970.as_millis()).unwrap_or(i64::MAX))
}
