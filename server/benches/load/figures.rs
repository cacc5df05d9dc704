//! Times, and what is told of them.

use std::time::Duration;

/// Many times of the same thing.
#[derive(Default)]
pub(crate) struct Times(Vec<Duration>);

impl Times {
    pub(crate) fn add(&mut self, time: Duration) {
        self.0.push(time);
    }

    pub(crate) fn extend(&mut self, times: Self) {
        self.0.extend(times.0);
    }

    pub(crate) fn count(&self) -> usize {
        self.0.len()
    }

    /// The time that so many percent do not exceed, in milliseconds.
    pub(crate) fn percentile_ms(&mut self, percent: usize) -> f64 {
        self.0.sort_unstable();
        let last = self.0.len().checked_sub(1);
        let place = last.map_or(0, |last| (self.0.len() * percent / 100).min(last));
        self.0.get(place).map_or(f64::NAN, |time| time.as_secs_f64() * 1_000.0)
    }
}

/// One line of the report.
pub(crate) fn tell(what: &str, figure: &str) {
    println!("{what:<66} {figure}");
}
