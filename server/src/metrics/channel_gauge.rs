//! Gauge of joined channels.

use prometheus_client::metrics::gauge::Gauge;

/// The number of channels that one connection has joined, as its part of the server's total.
/// Dropping it subtracts the part.
#[derive(Debug)]
pub(crate) struct ChannelGauge {
    total: Gauge,
    count: i64,
}

impl ChannelGauge {
    pub(super) const fn new(total: Gauge) -> Self {
        Self { total, count: 0 }
    }

    /// Sets the number of channels that the connection has joined.
    pub(crate) fn set(&mut self, count: usize) {
        let count = i64::try_from(count).unwrap_or(i64::MAX);
        self.total.inc_by(count - self.count);
        self.count = count;
    }
}

impl Drop for ChannelGauge {
    fn drop(&mut self) {
        self.set(0);
    }
}
