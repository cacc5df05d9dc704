//! The SQLite backend: one connection writes, a few read.

mod accounts;
mod append;
mod audit;
mod changes_page;
mod events;
mod foreign_writes;
mod load;
mod lock;
mod oidc;
mod open_files;
mod registration;
mod socket_tokens;
mod two_step;
mod write_probe;
mod writer;

use std::future::ready;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use sqlx::migrate::MigrateError;
use sqlx::pool::PoolConnection;
use sqlx::sqlite::{
    SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqlitePoolOptions, SqliteSynchronous,
};
use sqlx::{AssertSqlSafe, ConnectOptions, Executor as _};
use tokio::sync::{mpsc, watch};
use tracing::warn;
use wizitime_domain::{EpochId, UserId};

use super::conn_guard::ConnGuard;
use super::file_owner::FileOwner;
use super::node_event::NodeEvent;
use super::{StorageError, advice, migrations};
use foreign_writes::{ConnectionCount, ForeignWrites};
pub(super) use lock::FileLock;
pub use open_files::LostFile;
use open_files::{FileBeforeOpen, OpenFiles};
use socket_tokens::SocketTokens;
use writer::Writer;

/// Connections for reads.
const READERS_MAX: u32 = 4;
/// Timeout of a statement for the file lock, and of a caller for a connection. Both together with
/// the timeouts of `writer.rs` are below the five seconds after which a client gives up a push.
const BUSY_TIMEOUT_MS: u64 = 1_500;

/// A handle of the database. Clones share the connections.
#[derive(Clone, Debug)]
pub(super) struct Sqlite {
    writer: Writer,
    write_pool: SqlitePool,
    readers: SqlitePool,
    files: OpenFiles,
    /// None if a server holds it, and this process runs a command beside it.
    lock: Option<Arc<FileLock>>,
    foreign_writes: watch::Receiver<()>,
    socket_tokens: SocketTokens,
    epoch: EpochId,
}

impl Sqlite {
    pub(super) async fn open(path: &Path, new_epoch: EpochId) -> Result<Self, StorageError> {
        let lock = FileLock::take(path)?;
        let opened = Self::open_file(path, new_epoch, Some(lock)).await;
        opened.map_err(|error| name_file(path, error))
    }

    /// Also opens a file that a server of this version uses.
    pub(super) async fn open_beside(path: &Path, new_epoch: EpochId) -> Result<Self, StorageError> {
        let lock = FileLock::try_take(path)?;
        let opened = Self::open_file(path, new_epoch, lock).await;
        opened.map_err(|error| name_file(path, error))
    }

    async fn open_file(
        path: &Path,
        new_epoch: EpochId,
        lock: Option<FileLock>,
    ) -> Result<Self, StorageError> {
        let file_error = |error| StorageError::File { path: path.to_owned(), error };
        let owner = FileOwner::of_database(path).map_err(file_error)?;
        make_private(path)?;
        // A command that runs as root may create the database of a service.
        owner.give(path).map_err(file_error)?;
        let file = FileBeforeOpen::new(path)?;
        let busy_timeout = Duration::from_millis(BUSY_TIMEOUT_MS);
        let options = SqliteConnectOptions::new()
            .filename(path)
            .foreign_keys(true)
            .busy_timeout(busy_timeout)
            .disable_statement_logging();
        let pool = SqlitePoolOptions::new()
            .acquire_timeout(busy_timeout)
            .idle_timeout(None)
            .max_lifetime(None)
            .test_before_acquire(false);
        let write_options = options
            .clone()
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            // An acknowledged write survives a power failure.
            .synchronous(SqliteSynchronous::Full)
            // FAST would leave the texts of a deleted account in pages that become free.
            .pragma("secure_delete", "ON");
        let connections = ConnectionCount::default();
        let opened = connections.clone();
        let write_pool = pool.clone().max_connections(1).after_connect(move |_, _| {
            opened.add();
            Box::pin(ready(Ok(())))
        });
        let write_pool = write_pool.connect_with(write_options).await?;
        if lock.is_none() && !load::is_migrated(&write_pool).await? {
            return Err(StorageError::InUse { database: path.to_owned() });
        }
        migrations::SQLITE.run(&write_pool).await.map_err(StorageError::Migration)?;
        let epoch = load::epoch(&write_pool, new_epoch).await?;
        let reading = options.read_only(true);
        let readers = pool.max_connections(READERS_MAX).connect_with(reading).await?;
        // A connection that has read keeps the lock without which SQLite would delete the
        // write-ahead log whenever the writing connection is closed.
        load::cursor(&mut *readers.acquire().await?, UserId::from_bytes([0; 16])).await?;
        let files = file.opened()?;
        let (foreign, foreign_writes) = ForeignWrites::new(connections);
        let writer = Writer::spawn(write_pool.clone(), files.clone(), foreign);
        Ok(Self {
            writer,
            write_pool,
            readers,
            files,
            lock: lock.map(Arc::new),
            foreign_writes,
            socket_tokens: SocketTokens::default(),
            epoch,
        })
    }

    pub(super) const fn epoch(&self) -> EpochId {
        self.epoch
    }

    pub(super) async fn close(&self) {
        self.files.begin_close();
        self.readers.close().await;
        self.write_pool.close().await;
        if let Some(Err(error)) = self.lock.as_ref().map(|lock| lock.release()) {
            warn!(%error, "the lock of the database was not released");
        }
    }

    /// The events of commands from now on.
    pub(super) fn node_events(&self) -> mpsc::Receiver<NodeEvent> {
        foreign_writes::node_events(self.foreign_writes.clone())
    }

    /// The cursor of an account's log.
    pub(super) async fn cursor(&self, user_id: UserId) -> Result<u64, StorageError> {
        let mut connection = self.reader().await?;
        load::cursor(&mut connection, user_id).await
    }

    /// The bytes of the events in an account's log.
    pub(super) async fn log_bytes(&self, user_id: UserId) -> Result<u64, StorageError> {
        let mut connection = self.reader().await?;
        load::log_bytes(&mut connection, user_id).await
    }

    /// Empties the write-ahead log, which still has the texts of deleted rows. If a reader needs it
    /// now, this happens after the next deletion or when the server stops.
    async fn erase_log(&self) -> Result<(), StorageError> {
        self.files.check()?;
        let mut conn = ConnGuard::new(self.write_pool.acquire().await?);
        // Other writes wait for the connection, so it must not wait for readers.
        conn.execute("PRAGMA busy_timeout = 0; PRAGMA wal_checkpoint(TRUNCATE)").await?;
        let busy_timeout = AssertSqlSafe(format!("PRAGMA busy_timeout = {BUSY_TIMEOUT_MS}"));
        conn.execute(busy_timeout).await?;
        conn.release();
        Ok(())
    }

    /// A connection for reads.
    async fn reader(&self) -> Result<PoolConnection<sqlx::Sqlite>, StorageError> {
        // A new connection would read whatever file has the path now.
        self.files.check()?;
        Ok(self.readers.acquire().await?)
    }
}

/// Names the file in the error if SQLite may not open or write it.
fn name_file(path: &Path, error: StorageError) -> StorageError {
    match error {
        StorageError::Unavailable(error)
        | StorageError::Migration(MigrateError::Execute(error))
            if advice::is_access_error(&error) =>
        {
            StorageError::Access { path: path.to_owned(), error }
        }
        error @ (StorageError::File { .. }
        | StorageError::Access { .. }
        | StorageError::InUse { .. }
        | StorageError::FileLost(_)
        | StorageError::Migration(_)
        | StorageError::Unavailable(_)
        | StorageError::TimedOut { .. }
        | StorageError::NotCommitted(_)
        | StorageError::Refused(_)
        | StorageError::Corrupt { .. }
        | StorageError::Panicked) => error,
    }
}

/// Creates a missing file with access for its owner only, because it holds password hashes. SQLite
/// creates the `-wal` and `-shm` files with the same permissions.
#[cfg(unix)]
pub(super) fn make_private(path: &Path) -> Result<(), StorageError> {
    use std::os::unix::fs::OpenOptionsExt;

    let opened = std::fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(path);
    match opened {
        Ok(_) => Ok(()),
        Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => Ok(()),
        Err(error) => Err(StorageError::File { path: PathBuf::from(path), error }),
    }
}

#[cfg(not(unix))]
pub(super) fn make_private(_path: &Path) -> Result<(), StorageError> {
    Ok(())
}
