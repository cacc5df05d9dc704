//! Copies a database into an empty one in one transaction, and verifies it: the checksums of the
//! rows in the target equal those of the source.

mod compact;
mod connection;
mod error;
mod open;
mod table;

use std::fmt;
use std::path::{Path, PathBuf};

use futures_util::TryStreamExt as _;
use wizitime_domain::EpochId;

use super::sqlite::FileLock;
use super::{Database, PostgresUrl, StorageError};
pub(crate) use compact::compact;
use connection::CopyConnection;
pub use error::CopyError;
use table::{Cell, Row, Table, TableChecksum};

/// Rows per insert statement, and in memory.
const CHUNK_ROWS: usize = 500;

/// The result of a copy: the number of rows of each table, and their SHA-256 in key order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct CopySummary {
    tables: Vec<(Table, u64, [u8; 32])>,
}

impl fmt::Display for CopySummary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (table, rows, digest) in &self.tables {
            write!(f, "{:<15}{rows:>8} rows  ", table.name())?;
            digest[..8].iter().try_for_each(|byte| write!(f, "{byte:02x}"))?;
            f.write_str("…\n")?;
        }
        Ok(())
    }
}

/// Copies an SQLite file that no server uses into an empty PostgreSQL database. The epoch stays the
/// same, so clients continue with the same log. The file is not changed.
///
/// # Errors
/// If the file is in use, the target is not empty, or either is unavailable. Then the target is
/// unchanged.
pub(crate) async fn migrate(from: &Path, to: &PostgresUrl) -> Result<CopySummary, CopyError> {
    open::require_file(from)?;
    let _lock = FileLock::take(from)?;
    let source = open::exclusive_sqlite_source(from).await?;
    let target = open::postgres_target(to, false).await?;
    copy_and_close(source, target, None).await
}

/// Writes a snapshot of the database into a new SQLite file. Servers may be running.
///
/// # Errors
/// If the file exists or cannot be written, or the database is unavailable or has another schema
/// version. A partial file is removed.
pub(crate) async fn backup(database: &Database, to: &Path) -> Result<CopySummary, CopyError> {
    open::refuse_existing(to)?;
    let source = match database {
        Database::File(path) => open::sqlite_source(path).await?,
        Database::Postgres(url) => open::postgres_source(url).await?,
    };
    let partial = with_suffix(to, ".partial");
    let target = open::sqlite_target(&partial).await?;
    let copied = copy_and_close(source, target, None).await;
    if copied.is_err() {
        open::remove(&partial)?;
    }
    let copied = copied?;
    open::rename(&partial, to)?;
    Ok(copied)
}

/// Creates the database from a backup, under a new epoch: clients then resend archived events that
/// the backup lacks. All sessions, invitations and set-password links end, because the backup has
/// some that were revoked or used since. With `overwrite` an existing database is replaced: an
/// SQLite file is renamed, PostgreSQL tables are truncated.
///
/// # Errors
/// If the backup is invalid, the database is in use, or it exists and `overwrite` is not set. Then
/// the database is unchanged.
pub(crate) async fn restore(
    from: &Path,
    database: &Database,
    overwrite: bool,
    new_epoch: EpochId,
) -> Result<CopySummary, CopyError> {
    match database {
        Database::File(path) => {
            if !overwrite {
                open::refuse_existing(path)?;
            }
            let _lock = FileLock::take(path)?;
            let restored = with_suffix(path, ".restoring");
            let mut target = open::backup_copy(from, &restored, Some(new_epoch)).await?;
            let copied = checksums(&mut target).await?;
            target.close().await?;
            if let Err(error) = replace(path, &restored).await {
                open::remove(&restored)?;
                return Err(error);
            }
            open::rename(&restored, path)?;
            Ok(copied)
        }
        Database::Postgres(url) => {
            let unpacked = with_suffix(from, ".restoring");
            let source = open::backup_copy(from, &unpacked, None).await?;
            let copied = match open::postgres_target(url, overwrite).await {
                Ok(target) => copy_and_close(source, target, Some(new_epoch)).await,
                Err(error) => Err(error),
            };
            open::remove(&unpacked)?;
            copied
        }
    }
}

/// Gives the restored file the access rights of the database that it replaces, and moves that out
/// of the way.
async fn replace(path: &Path, restored: &Path) -> Result<(), CopyError> {
    open::keep_access(path, restored)?;
    if path.exists() {
        open::move_aside(path, &with_suffix(path, ".before-restore")).await?;
    }
    Ok(())
}

/// Copies all tables and closes both connections.
async fn copy_and_close(
    mut source: CopyConnection,
    mut target: CopyConnection,
    new_epoch: Option<EpochId>,
) -> Result<CopySummary, CopyError> {
    let copied = copy_tables(&mut source, &mut target, new_epoch).await?;
    source.close().await?;
    target.close().await?;
    Ok(copied)
}

/// Copies all tables; no sessions, links and enrolments under a new epoch. Both connections are in
/// a transaction; the target's is committed if the checksums match.
async fn copy_tables(
    source: &mut CopyConnection,
    target: &mut CopyConnection,
    new_epoch: Option<EpochId>,
) -> Result<CopySummary, CopyError> {
    let mut tables = Vec::new();
    for table in Table::ALL {
        let mut checksum = TableChecksum::default();
        let mut chunk: Vec<Row> = Vec::new();
        if new_epoch.is_some() && table.gives_access() {
            tables.push((table, checksum.rows, checksum.digest()));
            continue;
        }
        let mut rows = source.rows(table);
        while let Some(mut row) = rows.try_next().await? {
            if new_epoch.is_some() && table.is_enrolment(&row) {
                continue;
            }
            if let Some(epoch) = new_epoch.filter(|_| table.is_epoch(&row)) {
                row.truncate(1);
                row.push(Cell::Bytes(epoch.as_bytes().to_vec()));
            }
            checksum.add(&row);
            chunk.push(row);
            if chunk.len() == CHUNK_ROWS {
                target.insert(table, &chunk).await?;
                chunk.clear();
            }
        }
        target.insert(table, &chunk).await?;
        tables.push((table, checksum.rows, checksum.digest()));
    }
    let copied = CopySummary { tables };
    if let Some(table) = first_difference(&copied, &checksums(target).await?) {
        return Err(CopyError::ChecksumMismatch(table.name()));
    }
    target.execute("COMMIT").await?;
    Ok(copied)
}

/// The first table whose rows differ.
fn first_difference(one: &CopySummary, other: &CopySummary) -> Option<Table> {
    let mut pairs = one.tables.iter().zip(&other.tables);
    pairs.find(|(one, other)| one != other).map(|((table, ..), _)| *table)
}

/// The checksums of all tables.
async fn checksums(connection: &mut CopyConnection) -> Result<CopySummary, StorageError> {
    let mut tables = Vec::new();
    for table in Table::ALL {
        let mut checksum = TableChecksum::default();
        let mut rows = connection.rows(table);
        while let Some(row) = rows.try_next().await? {
            checksum.add(&row);
        }
        tables.push((table, checksum.rows, checksum.digest()));
    }
    Ok(CopySummary { tables })
}

/// The path with a suffix appended to its file name.
fn with_suffix(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    PathBuf::from(name)
}
