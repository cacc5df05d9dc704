//! How long things take, in ranges.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// The upper ends of the ranges, in milliseconds; longer ones are in a range without an end.
pub(super) const ENDS_MS: [u64; 9] = [1, 5, 10, 25, 50, 100, 250, 1_000, 5_000];

/// Counts durations.
#[derive(Debug, Default)]
pub(super) struct Histogram {
    counts: [AtomicU64; ENDS_MS.len() + 1],
    sum_us: AtomicU64,
}

/// A histogram at one moment.
pub(super) struct Reading {
    /// For each end, how many took no longer.
    pub(super) within: [u64; ENDS_MS.len()],
    pub(super) count: u64,
    pub(super) sum_us: u64,
}

impl Histogram {
    pub(super) fn add(&self, took: Duration) {
        let ends = ENDS_MS.iter().map(|end| Duration::from_millis(*end));
        let place = ends.take_while(|end| took > *end).count();
        if let Some(count) = self.counts.get(place) {
            count.fetch_add(1, Ordering::Relaxed);
        }
        let us = u64::try_from(took.as_micros()).unwrap_or(u64::MAX);
        self.sum_us.fetch_add(us, Ordering::Relaxed);
    }

    pub(super) fn read(&self) -> Reading {
        let mut within = [0; ENDS_MS.len()];
        let mut count = 0;
        for (place, range) in self.counts.iter().enumerate() {
            count += range.load(Ordering::Relaxed);
            if let Some(within) = within.get_mut(place) {
                *within = count;
            }
        }
        Reading { within, count, sum_us: self.sum_us.load(Ordering::Relaxed) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_end_counts_what_took_no_longer() {
        let histogram = Histogram::default();
        for ms in [0, 1, 2, 5_000, 5_001] {
            histogram.add(Duration::from_millis(ms));
        }
        let Reading { within, count, sum_us } = histogram.read();
        assert_eq!((within[0], within[1], within[8]), (2, 3, 4));
        assert_eq!((count, sum_us), (5, 10_004_000));
    }
}
