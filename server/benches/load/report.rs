//! Durations and the report.

use std::time::Duration;

/// The durations of repeated operations.
#[derive(Default)]
pub(crate) struct Durations(Vec<Duration>);

impl Durations {
    pub(crate) fn add(&mut self, time: Duration) {
        self.0.push(time);
    }

    pub(crate) fn extend(&mut self, times: Self) {
        self.0.extend(times.0);
    }

    pub(crate) fn count(&self) -> usize {
        self.0.len()
    }

    /// A percentile in milliseconds.
    pub(crate) fn percentile_ms(&mut self, percent: usize) -> f64 {
        self.0.sort_unstable();
        let last = self.0.len().checked_sub(1);
        let index = last.map_or(0, |last| (self.0.len() * percent / 100).min(last));
        self.0.get(index).map_or(f64::NAN, |time| time.as_secs_f64() * 1_000.0)
    }
}

/// Prints one line of the report.
pub(crate) fn print_row(label: &str, value: &str) {
    println!("{label:<66} {value}");
}
