//! What can go wrong with the database, and what to do next.

use std::fmt;
use std::path::PathBuf;

use wizitime_hub::JobError;

/// A question that the database did not answer. Whatever it wanted to write is not written.
#[derive(Debug)]
pub enum StorageError {
    /// The file cannot be made.
    File { path: PathBuf, error: std::io::Error },
    /// The tables cannot be brought up to date.
    Migration(sqlx::migrate::MigrateError),
    /// The database is locked, full or gone. Trying again may help.
    Unavailable(sqlx::Error),
    /// The database refuses what the code above should never ask for.
    Refused(sqlx::Error),
    /// A row cannot be read.
    Corrupt { what: &'static str, detail: String },
}

impl StorageError {
    /// What the client is told.
    pub const fn job_error(&self) -> JobError {
        match self {
            Self::Unavailable(_) | Self::File { .. } | Self::Migration(_) => JobError::Unavailable,
            Self::Refused(_) | Self::Corrupt { .. } => JobError::Internal,
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
            Self::Refused(error) => write!(f, "the database refuses a write: {error}"),
            Self::Corrupt { what, detail } => write!(f, "a {what} cannot be read: {detail}"),
        }
    }
}

impl std::error::Error for StorageError {}

impl From<sqlx::Error> for StorageError {
    fn from(error: sqlx::Error) -> Self {
        let kind = error.as_database_error().map(|error| error.kind());
        match kind {
            Some(
                sqlx::error::ErrorKind::UniqueViolation
                | sqlx::error::ErrorKind::ForeignKeyViolation
                | sqlx::error::ErrorKind::NotNullViolation
                | sqlx::error::ErrorKind::CheckViolation,
            ) => Self::Refused(error),
            Some(_) | None => Self::Unavailable(error),
        }
    }
}
