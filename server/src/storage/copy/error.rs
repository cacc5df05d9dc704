//! Why a database was not copied, and what to do next.

use std::fmt;
use std::path::PathBuf;

use super::super::StorageError;

/// A copy that was not made.
#[derive(Debug)]
pub enum CopyError {
    /// A database does not answer.
    Storage(StorageError),
    /// A file cannot be read, written or renamed.
    File { path: PathBuf, error: std::io::Error },
    /// A file is there already.
    Exists(PathBuf),
    /// There is no such file.
    Missing(PathBuf),
    /// Somebody else uses the database.
    InUse(String),
    /// The target has accounts already.
    NotEmpty(String),
    /// The tables are not those of this version.
    OtherVersion,
    /// A file is no backup, or a damaged one.
    NoBackup { path: PathBuf, reason: String },
    /// What arrived is not what was sent.
    Differs(&'static str),
    /// What is to be moved is in PostgreSQL already.
    NoFile,
    /// The operating system has no randomness to give.
    Random(getrandom::Error),
}

impl fmt::Display for CopyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Storage(error) => error.fmt(f),
            Self::File { path, error } => write!(f, "{}: {error}", path.display()),
            Self::Exists(path) => write!(
                f,
                "{} exists already, and nothing is overwritten: name another file, move this one \
                 away, or restore with --overwrite",
                path.display()
            ),
            Self::Missing(path) => write!(f, "there is no file {}", path.display()),
            Self::InUse(database) => {
                write!(f, "{database} is in use: stop all servers on it and try again")
            }
            Self::NotEmpty(database) => write!(
                f,
                "{database} has accounts already: make an empty database, or restore with \
                 --overwrite"
            ),
            Self::OtherVersion => f.write_str(
                "the database has the tables of another version: use the wizitime-server that runs \
                 on it",
            ),
            Self::NoBackup { path, reason } => {
                write!(f, "{} is no whole backup: {reason}", path.display())
            }
            Self::Differs(table) => write!(
                f,
                "what arrived in {table} is not what was sent, so nothing was kept: try again, and \
                 check the disks if it happens again"
            ),
            Self::Random(error) => write!(f, "no randomness: {error}"),
            Self::NoFile => {
                f.write_str("only an SQLite file can be moved: name it by --database (see --help)")
            }
        }
    }
}

impl std::error::Error for CopyError {}

impl From<StorageError> for CopyError {
    fn from(error: StorageError) -> Self {
        Self::Storage(error)
    }
}

impl From<sqlx::Error> for CopyError {
    fn from(error: sqlx::Error) -> Self {
        Self::Storage(error.into())
    }
}
