//! The machine's clock, and the clocks of devices, which are wrong.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use tokio::time::Instant;
use wizitime::app::Moment;
use wizitime_domain::{DurationMs, Timestamp};
use wizitime_protocol::phoenix::MonoTime;

/// Counts milliseconds from the beginning of the run.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Clock {
    began: Instant,
    began_at: Timestamp,
}

impl Clock {
    #[expect(clippy::disallowed_methods, reason = "this runs on real time; here it is read")]
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

    /// Both clocks of a device that is this far off.
    pub(crate) fn now(&self, skew_ms: i64) -> Moment {
        let elapsed_ms = self.elapsed_ms();
        let off_ms = i64::try_from(elapsed_ms).unwrap() + skew_ms;
        Moment {
            entropy: 0,
            wall: self.began_at.saturating_add(DurationMs::from_ms(off_ms)),
            mono: MonoTime::from_ms(elapsed_ms),
        }
    }
}
