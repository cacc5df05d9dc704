//! How many channels one connection has joined, as a part of all.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use super::Metrics;

/// The share of one connection; dropping it takes it back.
#[derive(Debug)]
pub(crate) struct Joined {
    metrics: Arc<Metrics>,
    count: u64,
}

impl Joined {
    pub(crate) fn none(metrics: &Arc<Metrics>) -> Self {
        Self { metrics: Arc::clone(metrics), count: 0 }
    }

    /// So many are joined now.
    pub(crate) fn are(&mut self, count: usize) {
        let count = u64::try_from(count).unwrap_or(u64::MAX);
        // Wrapping around takes away what is added too much.
        self.metrics.joined.fetch_add(count.wrapping_sub(self.count), Ordering::Relaxed);
        self.count = count;
    }
}

impl Drop for Joined {
    fn drop(&mut self) {
        self.are(0);
    }
}
