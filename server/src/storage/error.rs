//! Database errors.

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;

use sqlx::error::ErrorKind;
use sqlx::postgres::PgDatabaseError;
use wizitime_hub::JobError;

use super::advice;
use super::sqlite::LostFile;
use crate::access;
use crate::metrics::DbErrorKind;

/// A failed database operation. Nothing was written, unless the connection was lost during COMMIT.
#[derive(Debug)]
pub enum StorageError {
    /// The file cannot be opened, created or checked.
    File { path: PathBuf, error: std::io::Error },
    /// The process may not read or write the file, or create files beside it.
    Access { path: PathBuf, error: sqlx::Error },
    /// Another server or command uses the file.
    InUse { database: PathBuf },
    /// A file of the database was deleted or replaced while it was open. A write that reached its
    /// COMMIT may be lost.
    FileLost(LostFile),
    /// The tables cannot be migrated.
    Migration(sqlx::migrate::MigrateError),
    /// The database is locked, full, shutting down or unreachable. A retry may succeed.
    Unavailable(sqlx::Error),
    /// The database did not answer in time. A retry may succeed.
    TimedOut { waited_ms: u64 },
    /// The transaction that the write shared with others was not committed. A retry may succeed.
    NotCommitted(Arc<StorageError>),
    /// The database rejected the data: a bug of the server.
    Refused(sqlx::Error),
    /// A row cannot be decoded.
    Corrupt { what: &'static str, detail: String },
    /// The writer panicked.
    Panicked,
}

impl StorageError {
    /// The error for the reply to the client.
    pub const fn job_error(&self) -> JobError {
        match self {
            Self::Unavailable(_)
            | Self::TimedOut { .. }
            | Self::NotCommitted(_)
            | Self::File { .. }
            | Self::Access { .. }
            | Self::InUse { .. }
            | Self::FileLost(_)
            | Self::Migration(_) => JobError::Unavailable,
            Self::Refused(_) | Self::Corrupt { .. } | Self::Panicked => JobError::Internal,
        }
    }

    /// The label in the metrics.
    pub(crate) fn kind(&self) -> DbErrorKind {
        match self {
            Self::Unavailable(_) | Self::FileLost(_) => DbErrorKind::Unavailable,
            Self::TimedOut { .. } => DbErrorKind::TimedOut,
            Self::NotCommitted(error) => error.kind(),
            Self::Refused(_) => DbErrorKind::Refused,
            Self::Corrupt { .. } => DbErrorKind::Corrupt,
            Self::File { .. }
            | Self::Access { .. }
            | Self::InUse { .. }
            | Self::Migration(_)
            | Self::Panicked => DbErrorKind::Failed,
        }
    }

    /// Whether a file of the database was deleted or replaced.
    pub(crate) fn is_file_lost(&self) -> bool {
        match self {
            Self::FileLost(_) => true,
            Self::NotCommitted(error) => error.is_file_lost(),
            Self::File { .. }
            | Self::Access { .. }
            | Self::InUse { .. }
            | Self::Migration(_)
            | Self::Unavailable(_)
            | Self::TimedOut { .. }
            | Self::Refused(_)
            | Self::Corrupt { .. }
            | Self::Panicked => false,
        }
    }

    pub(super) fn corrupt(what: &'static str, detail: impl fmt::Display) -> Self {
        Self::Corrupt { what, detail: detail.to_string() }
    }
}

impl fmt::Display for StorageError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File { path, error } => {
                let advice = advice::for_file(path, error.kind());
                write!(f, "the database file {} cannot be opened: {error}{advice}", path.display())
            }
            Self::Access { path, error } => {
                let advice = access::for_writing(path);
                write!(f, "the database file {} cannot be opened: {error}{advice}", path.display())
            }
            Self::InUse { database } => write!(
                f,
                "{} is in use by another wizitime-server: stop it, or set another --database",
                database.display()
            ),
            Self::FileLost(lost) => lost.fmt(f),
            Self::Migration(error) => {
                write!(f, "the database cannot be migrated: {error}")
            }
            Self::Unavailable(error) => {
                let advice = advice::for_database(error);
                write!(f, "the database is unavailable: {error}{advice}")
            }
            Self::TimedOut { waited_ms } => {
                write!(f, "the database did not answer within {waited_ms} ms")
            }
            Self::NotCommitted(error) => write!(f, "transaction not committed: {error}"),
            Self::Refused(error) => write!(f, "the database rejected the data: {error}"),
            Self::Corrupt { what, detail } => write!(f, "corrupt row: {what}: {detail}"),
            Self::Panicked => f.write_str("the writer panicked"),
        }
    }
}

impl std::error::Error for StorageError {}

impl From<sqlx::Error> for StorageError {
    fn from(error: sqlx::Error) -> Self {
        if is_data_error(&error) { Self::Refused(error) } else { Self::Unavailable(error) }
    }
}

/// Whether the database rejects the data, so that a retry is useless. Every other error, even a
/// missing table or permission, concerns the state of the database: a client that waits and retries
/// loses nothing, but one whose events are rejected moves them to quarantine.
fn is_data_error(error: &sqlx::Error) -> bool {
    let Some(error) = error.as_database_error() else { return false };
    if error.try_downcast_ref::<PgDatabaseError>().is_some() {
        // Data exceptions and integrity constraint violations (PostgreSQL, appendix A).
        return error.code().is_some_and(|code| code.starts_with("22") || code.starts_with("23"));
    }
    match error.kind() {
        ErrorKind::UniqueViolation
        | ErrorKind::ForeignKeyViolation
        | ErrorKind::NotNullViolation
        | ErrorKind::CheckViolation
        | ErrorKind::ExclusionViolation => true,
        ErrorKind::Other => false,
        // The enum is non-exhaustive.
        _ => false,
    }
}
