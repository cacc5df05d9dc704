//! Everything from one database into an empty other one, in one transaction, and the proof that it
//! arrived: what the target gives back adds up to what was read.

mod end;
mod error;
mod open;
mod table;

use std::fmt;
use std::path::{Path, PathBuf};

use futures_util::TryStreamExt as _;
use wizitime_domain::EpochId;

use super::{Database, PostgresUrl, StorageError};
use end::End;
pub use error::CopyError;
use table::{Cell, Row, Sum, Table};

/// Rows that are written by one statement, and held in memory.
const CHUNK_ROWS: usize = 500;

/// What was copied: the rows of each table, and the SHA-256 of them in the order of their key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Copied {
    tables: Vec<(Table, u64, [u8; 32])>,
}

impl fmt::Display for Copied {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (table, rows, digest) in &self.tables {
            write!(f, "{:<13}{rows:>10} rows  ", table.name())?;
            digest[..8].iter().try_for_each(|byte| write!(f, "{byte:02x}"))?;
            f.write_str("…\n")?;
        }
        Ok(())
    }
}

/// Moves everything from an SQLite file that no server uses into an empty PostgreSQL database. The
/// epoch stays: to clients it is the same log. The file is left as it is.
///
/// # Errors
/// If the file is in use, the target is not empty, or either does not answer; then the target is as
/// it was.
pub(crate) async fn migrate(from: &Path, to: &PostgresUrl) -> Result<Copied, CopyError> {
    let source = open::file_alone(from).await?;
    let target = open::postgres_alone(to, false).await?;
    whole(source, target, None).await
}

/// Writes everything, as it is at one moment, into a new SQLite file. Servers may go on meanwhile.
///
/// # Errors
/// If the file exists or cannot be written, or the database does not answer or is of another
/// version. What was begun is removed.
pub(crate) async fn backup(database: &Database, to: &Path) -> Result<Copied, CopyError> {
    open::refuse_existing(to)?;
    let source = match database {
        Database::File(path) => open::file_to_read(path).await?,
        Database::Postgres(url) => open::postgres_to_read(url).await?,
    };
    let partial = beside(to, ".partial");
    let target = open::new_file(&partial).await?;
    let copied = whole(source, target, None).await;
    if copied.is_err() {
        open::remove(&partial)?;
    }
    let copied = copied?;
    open::rename(&partial, to)?;
    Ok(copied)
}

/// Makes the database from a backup, under a new epoch: clients then offer again what the backup
/// does not have. With `overwrite` a database that exists already makes way: a file is kept under
/// another name, PostgreSQL's tables are emptied.
///
/// # Errors
/// If that is no backup, the database is in use, or there is one already that was not to make way.
/// Then it is as it was.
pub(crate) async fn restore(
    from: &Path,
    database: &Database,
    overwrite: bool,
    new_epoch: EpochId,
) -> Result<Copied, CopyError> {
    match database {
        Database::File(path) => {
            if !overwrite {
                open::refuse_existing(path)?;
            }
            let restored = beside(path, ".restoring");
            let mut end = open::backup(from, &restored, Some(new_epoch)).await?;
            let copied = sums(&mut end).await?;
            end.close().await?;
            if path.exists()
                && let Err(error) = open::put_aside(path, &beside(path, ".before-restore")).await
            {
                open::remove(&restored)?;
                return Err(error);
            }
            open::rename(&restored, path)?;
            Ok(copied)
        }
        Database::Postgres(url) => {
            let unpacked = beside(from, ".restoring");
            let source = open::backup(from, &unpacked, None).await?;
            let copied = match open::postgres_alone(url, overwrite).await {
                Ok(target) => whole(source, target, Some(new_epoch)).await,
                Err(error) => Err(error),
            };
            open::remove(&unpacked)?;
            copied
        }
    }
}

/// Copies everything and closes both ends.
async fn whole(
    mut source: End,
    mut target: End,
    new_epoch: Option<EpochId>,
) -> Result<Copied, CopyError> {
    let copied = copy(&mut source, &mut target, new_epoch).await?;
    source.close().await?;
    target.close().await?;
    Ok(copied)
}

/// Both ends are in a transaction; the target's is committed if it has everything.
async fn copy(
    source: &mut End,
    target: &mut End,
    new_epoch: Option<EpochId>,
) -> Result<Copied, CopyError> {
    let mut tables = Vec::new();
    for table in Table::ALL {
        let mut sum = Sum::default();
        let mut chunk: Vec<Row> = Vec::new();
        let mut rows = source.rows(table);
        while let Some(mut row) = rows.try_next().await? {
            if let Some(epoch) = new_epoch.filter(|_| table.is_epoch(&row)) {
                row.truncate(1);
                row.push(Cell::Bytes(epoch.as_bytes().to_vec()));
            }
            sum.add(&row);
            chunk.push(row);
            if chunk.len() == CHUNK_ROWS {
                target.insert(table, &chunk).await?;
                chunk.clear();
            }
        }
        target.insert(table, &chunk).await?;
        tables.push((table, sum.rows, sum.digest()));
    }
    let copied = Copied { tables };
    if let Some(table) = difference(&copied, &sums(target).await?) {
        return Err(CopyError::Differs(table.name()));
    }
    target.execute("COMMIT").await?;
    Ok(copied)
}

fn difference(one: &Copied, other: &Copied) -> Option<Table> {
    let mut pairs = one.tables.iter().zip(&other.tables);
    pairs.find(|(one, other)| one != other).map(|((table, ..), _)| *table)
}

/// What a database holds.
async fn sums(end: &mut End) -> Result<Copied, StorageError> {
    let mut tables = Vec::new();
    for table in Table::ALL {
        let mut sum = Sum::default();
        let mut rows = end.rows(table);
        while let Some(row) = rows.try_next().await? {
            sum.add(&row);
        }
        tables.push((table, sum.rows, sum.digest()));
    }
    Ok(Copied { tables })
}

/// The same path with something after it.
fn beside(path: &Path, ending: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(ending);
    PathBuf::from(name)
}
