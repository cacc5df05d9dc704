//! The server's wall clock, read only here.

use std::time::{SystemTime, UNIX_EPOCH};

use wizitime_domain::Timestamp;

/// The current time.
#[expect(clippy::disallowed_methods, reason = "the only reader of the wall clock")]
pub(crate) fn now() -> Timestamp {
    let since_1970 = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Timestamp::saturating_from_ms(i64::try_from(since_1970.as_millis()).unwrap_or(i64::MAX))
}
