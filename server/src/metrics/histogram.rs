//! Histogram of durations.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// The upper bounds of the buckets, in milliseconds; one more bucket has no bound.
pub(super) const BUCKET_BOUNDS_MS: [u64; 9] = [1, 5, 10, 25, 50, 100, 250, 1_000, 5_000];

/// Counts durations by bucket.
#[derive(Debug, Default)]
pub(super) struct Histogram {
    counts: [AtomicU64; BUCKET_BOUNDS_MS.len() + 1],
    sum_us: AtomicU64,
}

/// The values of a histogram at one time.
pub(super) struct HistogramSnapshot {
    /// For each bound, the number of durations that do not exceed it.
    pub(super) cumulative: [u64; BUCKET_BOUNDS_MS.len()],
    pub(super) count: u64,
    pub(super) sum_us: u64,
}

impl Histogram {
    pub(super) fn observe(&self, duration: Duration) {
        let bounds = BUCKET_BOUNDS_MS.iter().map(|bound| Duration::from_millis(*bound));
        let bucket = bounds.take_while(|bound| duration > *bound).count();
        if let Some(count) = self.counts.get(bucket) {
            count.fetch_add(1, Ordering::Relaxed);
        }
        let us = u64::try_from(duration.as_micros()).unwrap_or(u64::MAX);
        self.sum_us.fetch_add(us, Ordering::Relaxed);
    }

    pub(super) fn snapshot(&self) -> HistogramSnapshot {
        let mut cumulative = [0; BUCKET_BOUNDS_MS.len()];
        let mut count = 0;
        for (bucket, bucket_count) in self.counts.iter().enumerate() {
            count += bucket_count.load(Ordering::Relaxed);
            if let Some(cumulative) = cumulative.get_mut(bucket) {
                *cumulative = count;
            }
        }
        HistogramSnapshot { cumulative, count, sum_us: self.sum_us.load(Ordering::Relaxed) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn buckets_are_cumulative() {
        let histogram = Histogram::default();
        for ms in [0, 1, 2, 5_000, 5_001] {
            histogram.observe(Duration::from_millis(ms));
        }
        let HistogramSnapshot { cumulative, count, sum_us } = histogram.snapshot();
        assert_eq!((cumulative[0], cumulative[1], cumulative[8]), (2, 3, 4));
        assert_eq!((count, sum_us), (5, 10_004_000));
    }
}
