//! Gauge of joined channels.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// The number of channels that one connection has joined, as its part of the server's total.
/// Dropping it subtracts the part.
#[derive(Debug)]
pub(crate) struct ChannelGauge {
    total: Arc<AtomicU64>,
    count: u64,
}

impl ChannelGauge {
    pub(super) const fn new(total: Arc<AtomicU64>) -> Self {
        Self { total, count: 0 }
    }

    /// Sets the number of channels that the connection has joined.
    pub(crate) fn set(&mut self, count: usize) {
        let count = u64::try_from(count).unwrap_or(u64::MAX);
        // A decrease is added as a wrapped negative difference.
        self.total.fetch_add(count.wrapping_sub(self.count), Ordering::Relaxed);
        self.count = count;
    }
}

impl Drop for ChannelGauge {
    fn drop(&mut self) {
        self.set(0);
    }
}
