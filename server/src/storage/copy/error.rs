//! Errors of the maintenance commands.

use std::fmt;
use std::io::ErrorKind;
use std::path::PathBuf;

use super::super::StorageError;
use crate::access;

/// A backup, restore, migration or compaction failed.
#[derive(Debug)]
pub enum CopyError {
    /// A database is unavailable.
    Storage(StorageError),
    /// A file cannot be read.
    Unreadable { path: PathBuf, error: std::io::Error },
    /// A file cannot be written or renamed.
    File { path: PathBuf, error: std::io::Error },
    /// The file exists.
    Exists(PathBuf),
    /// The file does not exist.
    Missing(PathBuf),
    /// The restored file cannot be given to the owner of the file that it replaces.
    Owner { path: PathBuf, uid: u32, error: std::io::Error },
    /// The database is in use.
    InUse(String),
    /// The target has accounts.
    NotEmpty(String),
    /// The schema version of the database is not that of this program.
    SchemaMismatch,
    /// The file is not a complete backup.
    InvalidBackup { path: PathBuf, reason: String },
    /// The rows of this table in the target differ from the source.
    ChecksumMismatch(&'static str),
    /// The source of `migrate-to` is not an SQLite file.
    NotSqlite,
    /// The operating system's random number generator failed.
    Random(getrandom::Error),
}

impl fmt::Display for CopyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Storage(error) => error.fmt(f),
            Self::Unreadable { path, error } => {
                let advice = access::for_reading(path, error);
                write!(f, "{} cannot be read: {error}{advice}", path.display())
            }
            Self::File { path, error } if error.kind() == ErrorKind::PermissionDenied => {
                write!(f, "{}: {error}{}", path.display(), access::for_writing(path))
            }
            Self::File { path, error } => write!(f, "{}: {error}", path.display()),
            Self::Exists(path) => write!(
                f,
                "{} exists already and is not overwritten: use another file name, move this file \
                 away, or restore with --overwrite",
                path.display()
            ),
            Self::Missing(path) => write!(f, "file not found: {}", path.display()),
            Self::Owner { path, uid, error } => write!(
                f,
                "{} belongs to uid {uid}, and the restored file cannot be given to this user: \
                 {error}; run the command as root, or as this user (sudo -u '#{uid}')",
                path.display()
            ),
            Self::InUse(database) => {
                write!(f, "{database} is in use: stop all servers on it and try again")
            }
            Self::NotEmpty(database) => write!(
                f,
                "{database} has accounts already: create an empty database, or restore with \
                 --overwrite"
            ),
            Self::SchemaMismatch => f.write_str(
                "the database has the schema of another version: use the version of \
                 wizitime-server that runs on it",
            ),
            Self::InvalidBackup { path, reason } => {
                write!(f, "{} is not a complete backup: {reason}", path.display())
            }
            Self::ChecksumMismatch(table) => write!(
                f,
                "checksum mismatch in table {table}, the copy was rolled back: try again, and \
                 check the disks if it happens again"
            ),
            Self::Random(error) => write!(f, "no randomness: {error}"),
            Self::NotSqlite => {
                f.write_str("only an SQLite file can be migrated: set --database (see --help)")
            }
        }
    }
}

impl std::error::Error for CopyError {}

impl From<StorageError> for CopyError {
    fn from(error: StorageError) -> Self {
        if let StorageError::InUse { database } = &error {
            return Self::InUse(database.display().to_string());
        }
        Self::Storage(error)
    }
}

impl From<sqlx::Error> for CopyError {
    fn from(error: sqlx::Error) -> Self {
        Self::Storage(error.into())
    }
}
