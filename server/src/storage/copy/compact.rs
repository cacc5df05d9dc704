//! Rewrites a database without its free space and without the traces of deleted rows.

use std::fmt;
use std::path::Path;

use sqlx::postgres::PgConnection;
use sqlx::sqlite::SqliteJournalMode;
use sqlx::{ConnectOptions as _, Connection as _, Executor as _};

use super::super::sqlite::FileLock;
use super::super::{Database, PostgresUrl, StorageError};
use super::CopyError;
use super::open;

/// The size of a database before and after.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct CompactSummary {
    before_bytes: u64,
    after_bytes: u64,
}

impl fmt::Display for CompactSummary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kib = |bytes: u64| bytes.div_ceil(1_024);
        write!(f, "{} KiB before, {} KiB after", kib(self.before_bytes), kib(self.after_bytes))
    }
}

/// Rewrites a database that no server uses.
///
/// # Errors
/// If the database is in use or unavailable, or there is no space for a second copy. Then it is
/// unchanged.
pub(crate) async fn compact(database: &Database) -> Result<CompactSummary, CopyError> {
    match database {
        Database::File(path) => compact_file(path).await,
        Database::Postgres(url) => compact_postgres(url).await,
    }
}

async fn compact_file(path: &Path) -> Result<CompactSummary, CopyError> {
    open::require_file(path)?;
    let _lock = FileLock::take(path)?;
    // Switching the journal mode takes all locks and merges the write-ahead log into the file.
    let options = open::options(path).journal_mode(SqliteJournalMode::Delete);
    let mut connection = options.connect().await.map_err(|error| open::in_use(path, error))?;
    let before_bytes = file_bytes(path)?;
    connection.execute("VACUUM").await.map_err(|error| open::in_use(path, error))?;
    connection.close().await?;
    Ok(CompactSummary { before_bytes, after_bytes: file_bytes(path)? })
}

fn file_bytes(path: &Path) -> Result<u64, CopyError> {
    let file = std::fs::metadata(path);
    file.map(|file| file.len()).map_err(|error| CopyError::File { path: path.to_owned(), error })
}

async fn compact_postgres(url: &PostgresUrl) -> Result<CompactSummary, CopyError> {
    let mut connection = url.options().disable_statement_logging().connect().await?;
    open::refuse_servers(&mut connection, url).await?;
    let before_bytes = postgres_bytes(&mut connection).await?;
    // A plain VACUUM, as of autovacuum, returns no space and leaves the old rows in it.
    let rewrite = "VACUUM (FULL, ANALYZE) meta, users, tokens, socket_tokens, invitations, \
                   password_links, two_step, recovery_codes, oidc_identities, oidc_codes, \
                   wrong_passwords, audit, events, time_entries, catalog";
    connection.execute(rewrite).await?;
    let after_bytes = postgres_bytes(&mut connection).await?;
    connection.close().await?;
    Ok(CompactSummary { before_bytes, after_bytes })
}

async fn postgres_bytes(connection: &mut PgConnection) -> Result<u64, StorageError> {
    let bytes: i64 = sqlx::query_scalar("SELECT pg_database_size(current_database())")
        .fetch_one(connection)
        .await?;
    Ok(bytes.unsigned_abs())
}
