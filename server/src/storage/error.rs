//! What can go wrong with the database, and what to do next.

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;

use sqlx::error::ErrorKind;
use sqlx::postgres::PgDatabaseError;
use wizitime_hub::JobError;

use crate::metrics::Trouble;

/// A question that the database did not answer. Whatever it wanted to write is not written, or, if
/// the connection broke while it was being committed, may be.
#[derive(Debug)]
pub enum StorageError {
    /// The file cannot be made.
    File { path: PathBuf, error: std::io::Error },
    /// The tables cannot be brought up to date.
    Migration(sqlx::migrate::MigrateError),
    /// The database is locked, full, stopping or gone. Trying again may help.
    Unavailable(sqlx::Error),
    /// The database did not answer in time. Trying again may help.
    TimedOut { waited_ms: u64 },
    /// The transaction that a write shared with others was not committed. Trying again may help.
    NotCommitted(Arc<StorageError>),
    /// The database refuses what the code above should never ask for.
    Refused(sqlx::Error),
    /// A row cannot be read.
    Corrupt { what: &'static str, detail: String },
    /// The code that was to write ended without a result.
    Panicked,
}

impl StorageError {
    /// What the client is told.
    pub const fn job_error(&self) -> JobError {
        match self {
            Self::Unavailable(_)
            | Self::TimedOut { .. }
            | Self::NotCommitted(_)
            | Self::File { .. }
            | Self::Migration(_) => JobError::Unavailable,
            Self::Refused(_) | Self::Corrupt { .. } | Self::Panicked => JobError::Internal,
        }
    }

    /// What it is counted as.
    pub(crate) fn trouble(&self) -> Trouble {
        match self {
            Self::Unavailable(_) => Trouble::Unavailable,
            Self::TimedOut { .. } => Trouble::TimedOut,
            Self::NotCommitted(error) => error.trouble(),
            Self::Refused(_) => Trouble::Refused,
            Self::Corrupt { .. } => Trouble::Corrupt,
            Self::File { .. } | Self::Migration(_) | Self::Panicked => Trouble::Failed,
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
                write!(f, "the database {} cannot be made: {error}", path.display())
            }
            Self::Migration(error) => {
                write!(f, "the database's tables cannot be brought up to date: {error}")
            }
            Self::Unavailable(error) => write!(f, "the database does not answer: {error}"),
            Self::TimedOut { waited_ms } => {
                write!(f, "the database did not answer within {waited_ms} ms")
            }
            Self::NotCommitted(error) => write!(f, "nothing was committed: {error}"),
            Self::Refused(error) => write!(f, "the database refuses a write: {error}"),
            Self::Corrupt { what, detail } => write!(f, "a {what} cannot be read: {detail}"),
            Self::Panicked => f.write_str("a write ended without a result"),
        }
    }
}

impl std::error::Error for StorageError {}

impl From<sqlx::Error> for StorageError {
    fn from(error: sqlx::Error) -> Self {
        if is_refusal(&error) { Self::Refused(error) } else { Self::Unavailable(error) }
    }
}

/// Whether the database objects to the data, as it will again. All else is about the state that it
/// is in, even a missing table or permission: a client that is told to wait loses nothing, but one
/// that is told that its events are wrong sets them aside.
fn is_refusal(error: &sqlx::Error) -> bool {
    let Some(error) = error.as_database_error() else { return false };
    if error.try_downcast_ref::<PgDatabaseError>().is_some() {
        // Data exceptions and broken constraints (PostgreSQL, appendix A).
        return error.code().is_some_and(|code| code.starts_with("22") || code.starts_with("23"));
    }
    match error.kind() {
        ErrorKind::UniqueViolation
        | ErrorKind::ForeignKeyViolation
        | ErrorKind::NotNullViolation
        | ErrorKind::CheckViolation
        | ErrorKind::ExclusionViolation => true,
        ErrorKind::Other => false,
        // The library may learn to tell more apart.
        _ => false,
    }
}
