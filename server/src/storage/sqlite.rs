//! The accounts in one SQLite file: one connection writes, a few read.

mod accounts;
mod append;
mod events;
mod latest;
mod load;
mod socket_tokens;
mod writer;

use std::path::{Path, PathBuf};
use std::time::Duration;

use sqlx::ConnectOptions;
use sqlx::migrate::Migrator;
use sqlx::sqlite::{
    SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqlitePoolOptions, SqliteSynchronous,
};
use wizitime_domain::{EpochId, UserId};

use super::StorageError;
use socket_tokens::SocketTokens;
use writer::Writer;

/// Connections that read at the same time.
const READERS_MAX: u32 = 4;
/// How long a statement waits for a lock, and a caller for a connection. Both together, and the
/// waits of `writer.rs`, are less than the five seconds that a client waits for its reply.
const BUSY_TIMEOUT_MS: u64 = 1_500;

pub(super) static MIGRATIONS: Migrator = sqlx::migrate!("./migrations/sqlite");

/// All accounts, in one SQLite file. Cloning shares it.
#[derive(Clone, Debug)]
pub(super) struct Sqlite {
    writer: Writer,
    writing: SqlitePool,
    readers: SqlitePool,
    socket_tokens: SocketTokens,
    epoch: EpochId,
}

impl Sqlite {
    pub(super) async fn open(path: &Path, new_epoch: EpochId) -> Result<Self, StorageError> {
        make_private(path)?;
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
        let writing = options
            .clone()
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            // What is acknowledged survives a loss of power.
            .synchronous(SqliteSynchronous::Full);
        let writing = pool.clone().max_connections(1).connect_with(writing).await?;
        MIGRATIONS.run(&writing).await.map_err(StorageError::Migration)?;
        let epoch = load::epoch(&writing, new_epoch).await?;
        let reading = options.read_only(true);
        let readers = pool.max_connections(READERS_MAX).connect_with(reading).await?;
        let (writer, socket_tokens) = (Writer::on(writing.clone()), SocketTokens::default());
        Ok(Self { writer, writing, readers, socket_tokens, epoch })
    }

    pub(super) const fn epoch(&self) -> EpochId {
        self.epoch
    }

    pub(super) async fn close(&self) {
        self.readers.close().await;
        self.writing.close().await;
    }

    /// Where an account's log ends.
    pub(super) async fn cursor(&self, user_id: UserId) -> Result<u64, StorageError> {
        let mut connection = self.readers.acquire().await?;
        load::cursor(&mut connection, user_id).await
    }
}

/// A new database can be read by its owner alone: it holds password hashes. SQLite gives the files
/// beside it the same permissions.
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
