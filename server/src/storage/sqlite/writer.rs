//! Single writer task with group commit.
//!
//! Writes that wait at the same time share a transaction and its fsync. Each write has a savepoint,
//! so it succeeds or fails alone, in queue order. Results are returned only after COMMIT, because a
//! write may have read what another write of the group wrote.

use std::panic::AssertUnwindSafe;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use futures_util::FutureExt as _;
use sqlx::Executor as _;
use sqlx::sqlite::{SqliteConnection, SqlitePool};
use tokio::sync::{mpsc, oneshot};
use tokio::time::{Instant, MissedTickBehavior, interval};
use tracing::{error, warn};

use super::super::StorageError;
use super::super::conn_guard::ConnGuard;
use super::foreign_writes::ForeignWrites;
use super::open_files::OpenFiles;

/// The capacity of the queue.
const QUEUED_WRITES_MAX: usize = 256;
/// Timeout for a place in a full queue.
const ENQUEUE_TIMEOUT_MS: u64 = 500;
/// How long a write may wait in the queue.
const QUEUE_TIMEOUT_MS: u64 = 1_000;
/// Writes of one transaction. The first write of a group waits for the last.
const GROUP_WRITES_MAX: usize = 64;
/// Events of one transaction. A single write may have more.
const GROUP_EVENTS_MAX: usize = 1_000;
/// How often the files, and the commits of other processes, are checked while there is no write.
const FILE_CHECK_INTERVAL_MS: u64 = 500;

/// A write operation.
pub(super) trait WriteJob: Send + 'static {
    /// The result for the caller.
    type Output: Send + 'static;

    /// The number of events, to bound the size of a group.
    fn event_count(&self) -> usize;

    /// Performs the write. On an error it is rolled back.
    fn run(
        self,
        connection: &mut SqliteConnection,
    ) -> impl Future<Output = Result<Self::Output, StorageError>> + Send;
}

/// The queue of the writer task. Clones share it; the task ends with the last clone.
#[derive(Clone, Debug)]
pub(super) struct Writer(mpsc::Sender<QueuedWrite>);

impl Writer {
    /// Starts the writer task on the pool's only connection.
    pub(super) fn spawn(pool: SqlitePool, files: OpenFiles, foreign: ForeignWrites) -> Self {
        let (sender, queue) = mpsc::channel(QUEUED_WRITES_MAX);
        tokio::spawn(run(pool, files, foreign, queue));
        Self(sender)
    }

    /// Performs a write, and returns its result when it is on disk.
    pub(super) async fn write<W: WriteJob>(&self, job: W) -> Result<W::Output, StorageError> {
        let (reply, result) = oneshot::channel();
        let event_count = job.event_count();
        let pending = Box::new(PendingJob { job: Some(job), result: None, reply });
        let queued = QueuedWrite { pending, event_count, queued_at: Instant::now() };
        let limit = Duration::from_millis(ENQUEUE_TIMEOUT_MS);
        self.0.send_timeout(queued, limit).await.map_err(|error| match error {
            mpsc::error::SendTimeoutError::Timeout(_) => {
                StorageError::TimedOut { waited_ms: ENQUEUE_TIMEOUT_MS }
            }
            mpsc::error::SendTimeoutError::Closed(_) => StorageError::Panicked,
        })?;
        result.await.unwrap_or(Err(StorageError::Panicked))
    }
}

/// A write in the queue.
#[derive(Debug)]
struct QueuedWrite {
    pending: Box<dyn PendingWrite>,
    event_count: usize,
    queued_at: Instant,
}

/// An object-safe [`WriteJob`] together with its caller.
trait PendingWrite: Send + std::fmt::Debug {
    /// Performs the write and keeps the result. Returns whether the write succeeded; otherwise its
    /// savepoint must be rolled back.
    fn run<'a>(
        &'a mut self,
        connection: &'a mut SqliteConnection,
    ) -> Pin<Box<dyn Future<Output = bool> + Send + 'a>>;

    /// Returns the result, or the error of the transaction, to the caller.
    fn reply(self: Box<Self>, committed: Result<(), StorageError>);
}

struct PendingJob<W: WriteJob> {
    job: Option<W>,
    result: Option<Result<W::Output, StorageError>>,
    reply: oneshot::Sender<Result<W::Output, StorageError>>,
}

impl<W: WriteJob> std::fmt::Debug for PendingJob<W> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // The job may contain a password hash.
        f.write_str("PendingJob")
    }
}

impl<W: WriteJob> PendingWrite for PendingJob<W> {
    fn run<'a>(
        &'a mut self,
        connection: &'a mut SqliteConnection,
    ) -> Pin<Box<dyn Future<Output = bool> + Send + 'a>> {
        Box::pin(async {
            let Some(job) = self.job.take() else { return false };
            let result = catch_panic(job.run(connection)).await;
            let succeeded = result.is_ok();
            self.result = Some(result);
            succeeded
        })
    }

    fn reply(self: Box<Self>, committed: Result<(), StorageError>) {
        let result = match committed {
            Ok(()) => self.result.unwrap_or(Err(StorageError::Panicked)),
            Err(error) => Err(error),
        };
        // The caller may have been cancelled.
        let _ = self.reply.send(result);
    }
}

async fn run(
    pool: SqlitePool,
    files: OpenFiles,
    mut foreign: ForeignWrites,
    mut queue: mpsc::Receiver<QueuedWrite>,
) {
    let mut file_checks = interval(Duration::from_millis(FILE_CHECK_INTERVAL_MS));
    file_checks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut has_saved_commits = false;
    loop {
        let first = tokio::select! {
            first = queue.recv() => first,
            _ = file_checks.tick() => {
                // Without its files, a new connection would create the database afresh.
                if check_files(&files, &pool, &mut has_saved_commits).await {
                    foreign.check(&pool).await;
                }
                continue;
            }
        };
        let Some(first) = first else { return };
        let mut group = next_group(first, &mut queue);
        let committed = catch_panic(commit(&pool, &files, &mut group)).await.map_err(Arc::new);
        for write in group {
            write.reply(committed.clone().map_err(StorageError::NotCommitted));
        }
    }
}

/// Checks the files, and saves commits once if the database can still be made complete. Returns
/// whether all files are there.
async fn check_files(files: &OpenFiles, pool: &SqlitePool, has_saved_commits: &mut bool) -> bool {
    let are_there = match files.check() {
        Ok(()) => true,
        // It was logged when it was found.
        Err(StorageError::FileLost(_)) => false,
        Err(error) => {
            warn!(%error, "the files of the database cannot be checked");
            false
        }
    };
    if files.has_lost_companion() && !*has_saved_commits {
        *has_saved_commits = files.save_commits(pool).await;
    }
    are_there
}

/// Takes the next group from the queue. A write that waited longer than [`QUEUE_TIMEOUT_MS`] gets
/// an error instead.
fn next_group(
    first: QueuedWrite,
    queue: &mut mpsc::Receiver<QueuedWrite>,
) -> Vec<Box<dyn PendingWrite>> {
    let (mut group, mut events) = (Vec::new(), 0);
    let mut next = Some(first);
    while let Some(QueuedWrite { pending, event_count, queued_at }) = next {
        if queued_at.elapsed() > Duration::from_millis(QUEUE_TIMEOUT_MS) {
            pending.reply(Err(StorageError::TimedOut { waited_ms: QUEUE_TIMEOUT_MS }));
        } else {
            group.push(pending);
            events += event_count;
        }
        let is_full = group.len() >= GROUP_WRITES_MAX || events >= GROUP_EVENTS_MAX;
        next = if is_full { None } else { queue.try_recv().ok() };
    }
    group
}

async fn commit(
    pool: &SqlitePool,
    files: &OpenFiles,
    group: &mut [Box<dyn PendingWrite>],
) -> Result<(), StorageError> {
    if group.is_empty() {
        return Ok(());
    }
    // A new connection would open whatever file has the path now.
    files.check()?;
    let mut conn = ConnGuard::new(pool.acquire().await?);
    // IMMEDIATE takes the write lock before the first read, so that reads stay valid until the
    // write.
    conn.execute("BEGIN IMMEDIATE").await?;
    for write in group {
        conn.execute("SAVEPOINT write").await?;
        if !write.run(&mut conn).await {
            // Fails if SQLite has rolled back the whole transaction, as on a full disk.
            conn.execute("ROLLBACK TO write").await?;
        }
        conn.execute("RELEASE write").await?;
    }
    conn.execute("COMMIT").await?;
    conn.release();
    // The commit is acknowledged only if a restart finds it.
    files.check()
}

/// Turns a panic into an error, so that the writer task survives it.
async fn catch_panic<T>(
    work: impl Future<Output = Result<T, StorageError>>,
) -> Result<T, StorageError> {
    AssertUnwindSafe(work).catch_unwind().await.unwrap_or_else(|_| {
        error!("write panicked");
        Err(StorageError::Panicked)
    })
}

#[cfg(test)]
mod tests;
