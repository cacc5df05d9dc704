//! The clock of an authenticator app.

use std::time::{SystemTime, UNIX_EPOCH};

use wizitime_domain::Timestamp;
use wizitime_server::auth;

/// The time step now.
#[expect(clippy::disallowed_methods, reason = "codes depend on the wall clock")]
pub fn time_step() -> i64 {
    let since_1970 = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    let now = i64::try_from(since_1970.as_millis()).unwrap();
    auth::time_step(Timestamp::from_ms(now).unwrap())
}
