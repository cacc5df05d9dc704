//! Whether the database can serve requests: it answers reads, and accepts writes. Reads alone also
//! succeed on a full or read-only disk.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Mutex;
use tokio::time::Instant;

use super::StorageError;

/// The least time between two probes: everyone may request `/ready`, and a probe waits for the
/// disk.
const PROBE_INTERVAL_MS: u64 = 1_000;

/// Why the database cannot serve requests.
#[derive(Debug)]
pub(crate) enum NotReady {
    /// A file of the database was deleted or replaced.
    FileLost,
    /// It does not answer a read.
    Unreadable(StorageError),
    /// It refuses a write.
    Unwritable(Arc<StorageError>),
}

impl NotReady {
    pub(super) fn unreadable(error: StorageError) -> Self {
        if error.is_file_lost() { Self::FileLost } else { Self::Unreadable(error) }
    }

    pub(super) fn unwritable(error: Arc<StorageError>) -> Self {
        if error.is_file_lost() { Self::FileLost } else { Self::Unwritable(error) }
    }
}

/// Runs write probes one after the other. In between the result of the last one is used.
#[derive(Debug, Default)]
pub(super) struct WriteProbe(Mutex<Option<ProbeResult>>);

#[derive(Debug)]
struct ProbeResult {
    ended_at: Instant,
    result: Result<(), Arc<StorageError>>,
}

impl WriteProbe {
    /// The result of `write`, or of the last one if it ended less than [`PROBE_INTERVAL_MS`] ago.
    pub(super) async fn run(
        &self,
        write: impl Future<Output = Result<(), StorageError>>,
    ) -> Result<(), Arc<StorageError>> {
        let mut last = self.0.lock().await;
        let limit = Duration::from_millis(PROBE_INTERVAL_MS);
        if let Some(last) = last.as_ref().filter(|last| last.ended_at.elapsed() < limit) {
            return last.result.clone();
        }
        let result = write.await.map_err(Arc::new);
        *last = Some(ProbeResult { ended_at: Instant::now(), result: result.clone() });
        result
    }
}
