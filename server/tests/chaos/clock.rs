//! The machine's clock.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use tokio::time::Instant;
use wizitime_domain::Timestamp;

/// Counts milliseconds from the beginning of the run.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Clock {
    began: Instant,
    /// The time of day at the beginning.
    pub(crate) began_at: Timestamp,
}

impl Clock {
    #[expect(clippy::disallowed_methods, reason = "the test runs on real time")]
    pub(crate) fn start() -> Self {
        let since_1970 = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
        let began_at = Timestamp::saturating_from_ms(since_1970.as_millis().try_into().unwrap());
        Self { began: Instant::now(), began_at }
    }

    pub(crate) fn elapsed_ms(&self) -> u64 {
        self.began.elapsed().as_millis().try_into().unwrap()
    }

    /// When so many milliseconds will have passed since the beginning.
    pub(crate) fn instant(&self, at_ms: u64) -> Instant {
        self.began + Duration::from_millis(at_ms)
    }
}
