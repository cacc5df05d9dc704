//! The one who writes. Writes that wait at the same time share a transaction, and with it the one
//! moment at which the disk has to be waited for.
//!
//! Inside it each write is all or nothing by itself (a savepoint), in the order in which they were
//! asked for. Nobody is answered before the whole is on disk: what one write has read of another
//! must not be told if it never comes to be.

use std::panic::AssertUnwindSafe;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use futures_util::FutureExt as _;
use sqlx::Executor as _;
use sqlx::sqlite::{SqliteConnection, SqlitePool};
use tokio::sync::{mpsc, oneshot};
use tokio::time::Instant;
use tracing::error;

use super::super::StorageError;
use super::super::lease::Lease;

/// Writes that wait; whoever comes then has to wait for a place.
const QUEUED_WRITES_MAX: usize = 256;
/// How long a write waits for a place.
const PLACE_MS: u64 = 500;
/// How long it then waits for its turn.
const TURN_MS: u64 = 1_000;
/// Writes in one transaction: what is written first waits for what is written last.
const GROUP_WRITES_MAX: usize = 64;
/// What they may hold together, counted in events. One write may hold more by itself.
const GROUP_EVENTS_MAX: usize = 1_000;

/// Something to write.
pub(super) trait Write: Send + 'static {
    /// What whoever asked for it is told.
    type Answer: Send + 'static;

    /// How much it is, in events.
    fn size(&self) -> usize;

    /// Writes. After an error nothing of it stays.
    fn run(
        self,
        connection: &mut SqliteConnection,
    ) -> impl Future<Output = Result<Self::Answer, StorageError>> + Send;
}

/// Where writes are asked for. Cloning shares the queue; with the last clone the writer ends.
#[derive(Clone, Debug)]
pub(super) struct Writer(mpsc::Sender<Queued>);

impl Writer {
    /// A writer on the pool's one connection.
    pub(super) fn on(pool: SqlitePool) -> Self {
        let (sender, queue) = mpsc::channel(QUEUED_WRITES_MAX);
        tokio::spawn(work(pool, queue));
        Self(sender)
    }

    /// Has something written, and answers when it is on disk.
    pub(super) async fn write<W: Write>(&self, write: W) -> Result<W::Answer, StorageError> {
        let (reply, answer) = oneshot::channel();
        let size = write.size();
        let asked = Box::new(Asked { write: Some(write), result: None, reply });
        let place = Duration::from_millis(PLACE_MS);
        let queued = Queued { asked, size, since: Instant::now() };
        self.0.send_timeout(queued, place).await.map_err(|error| match error {
            mpsc::error::SendTimeoutError::Timeout(_) => {
                StorageError::TimedOut { waited_ms: PLACE_MS }
            }
            mpsc::error::SendTimeoutError::Closed(_) => StorageError::Panicked,
        })?;
        answer.await.unwrap_or(Err(StorageError::Panicked))
    }
}

/// A write that waits for its turn.
#[derive(Debug)]
struct Queued {
    asked: Box<dyn Turn>,
    size: usize,
    since: Instant,
}

/// A [`Write`] of any kind.
trait Turn: Send + std::fmt::Debug {
    /// Writes, and says whether that may stay.
    fn run<'a>(
        &'a mut self,
        connection: &'a mut SqliteConnection,
    ) -> Pin<Box<dyn Future<Output = bool> + Send + 'a>>;

    /// Tells whoever asked for it what became of it.
    fn answer(self: Box<Self>, committed: Result<(), StorageError>);
}

struct Asked<W: Write> {
    write: Option<W>,
    result: Option<Result<W::Answer, StorageError>>,
    reply: oneshot::Sender<Result<W::Answer, StorageError>>,
}

impl<W: Write> std::fmt::Debug for Asked<W> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // It may hold the hash of a password.
        f.write_str("Asked")
    }
}

impl<W: Write> Turn for Asked<W> {
    fn run<'a>(
        &'a mut self,
        connection: &'a mut SqliteConnection,
    ) -> Pin<Box<dyn Future<Output = bool> + Send + 'a>> {
        Box::pin(async {
            let Some(write) = self.write.take() else { return false };
            let result = caught(write.run(connection)).await;
            let stays = result.is_ok();
            self.result = Some(result);
            stays
        })
    }

    fn answer(self: Box<Self>, committed: Result<(), StorageError>) {
        let result = match committed {
            Ok(()) => self.result.unwrap_or(Err(StorageError::Panicked)),
            Err(error) => Err(error),
        };
        // Whoever has gone meanwhile asks again.
        let _ = self.reply.send(result);
    }
}

async fn work(pool: SqlitePool, mut queue: mpsc::Receiver<Queued>) {
    while let Some(first) = queue.recv().await {
        let mut group = group(first, &mut queue);
        let committed = caught(commit(&pool, &mut group)).await.map_err(Arc::new);
        for asked in group {
            asked.answer(committed.clone().map_err(StorageError::NotCommitted));
        }
    }
}

/// The next writes to be committed together. What has waited for too long is not among them.
fn group(first: Queued, queue: &mut mpsc::Receiver<Queued>) -> Vec<Box<dyn Turn>> {
    let (mut group, mut size) = (Vec::new(), 0);
    let mut next = Some(first);
    while let Some(Queued { asked, size: more, since }) = next {
        if since.elapsed() > Duration::from_millis(TURN_MS) {
            asked.answer(Err(StorageError::TimedOut { waited_ms: TURN_MS }));
        } else {
            group.push(asked);
            size += more;
        }
        let is_full = group.len() >= GROUP_WRITES_MAX || size >= GROUP_EVENTS_MAX;
        next = if is_full { None } else { queue.try_recv().ok() };
    }
    group
}

async fn commit(pool: &SqlitePool, group: &mut [Box<dyn Turn>]) -> Result<(), StorageError> {
    if group.is_empty() {
        return Ok(());
    }
    let mut lease = Lease::new(pool.acquire().await?);
    // The lock is taken before the first read, so that what is read is still so at the write.
    lease.execute("BEGIN IMMEDIATE").await?;
    for turn in group {
        lease.execute("SAVEPOINT write").await?;
        if !turn.run(&mut lease).await {
            // This fails if SQLite has rolled back everything already, as it does on a full disk.
            lease.execute("ROLLBACK TO write").await?;
        }
        lease.execute("RELEASE write").await?;
    }
    lease.execute("COMMIT").await?;
    lease.give_back();
    Ok(())
}

/// A panic is the failure of what panicked, not of the writer.
async fn caught<T>(work: impl Future<Output = Result<T, StorageError>>) -> Result<T, StorageError> {
    AssertUnwindSafe(work).catch_unwind().await.unwrap_or_else(|_| {
        error!("a write panicked");
        Err(StorageError::Panicked)
    })
}

#[cfg(test)]
mod tests;
