//! The clock of an authenticator app.

use std::time::{SystemTime, UNIX_EPOCH};

use wizitime_domain::Timestamp;
use wizitime_server::auth;

/// The current time.
#[expect(clippy::disallowed_methods, reason = "codes depend on the wall clock")]
pub fn now() -> Timestamp {
    let since_1970 = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    Timestamp::from_ms(i64::try_from(since_1970.as_millis()).unwrap()).unwrap()
}

/// The time step now.
pub fn time_step() -> i64 {
    auth::time_step(now())
}
