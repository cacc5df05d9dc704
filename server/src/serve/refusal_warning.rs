//! The warning about refused connections, which a client must not be able to repeat at will.

use std::net::SocketAddr;
use std::time::Duration;

use tokio::time::Instant;
use tracing::warn;

use crate::metrics::ConnectionRefusal;

/// The shortest time between two warnings.
const INTERVAL_MS: u64 = 60_000;

/// Warns at most once per interval.
#[derive(Debug, Default)]
pub(super) struct RefusalWarning {
    last: Option<Instant>,
    /// Refused connections since the last warning.
    refused: u64,
}

impl RefusalWarning {
    /// A connection of this peer was refused.
    pub(super) fn refused(&mut self, peer: SocketAddr, limit: ConnectionRefusal) {
        if self.is_due(Instant::now()) {
            let (peer, refused) = (peer.ip(), self.refused);
            match limit {
                ConnectionRefusal::Address => {
                    warn!(%peer, refused, "connections refused: limit per client address");
                }
                ConnectionRefusal::Server => {
                    warn!(%peer, refused, "connections refused: server limit");
                }
            }
            self.refused = 0;
        }
    }

    /// Counts a refused connection. Whether a warning is due.
    fn is_due(&mut self, now: Instant) -> bool {
        self.refused += 1;
        let interval = Duration::from_millis(INTERVAL_MS);
        let is_due = self.last.is_none_or(|last| now.duration_since(last) >= interval);
        if is_due {
            self.last = Some(now);
        }
        is_due
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_warning_per_interval_counts_all_refusals() {
        let mut warning = RefusalWarning::default();
        let start = Instant::now();
        let later = start + Duration::from_millis(INTERVAL_MS - 1);
        let due = [start, start, later].map(|now| warning.is_due(now));
        assert_eq!(due, [true, false, false]);
        assert!(warning.is_due(start + Duration::from_millis(INTERVAL_MS)));
        assert_eq!(warning.refused, 4);
    }
}
