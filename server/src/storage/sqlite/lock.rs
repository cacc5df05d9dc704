//! The lock that a process holds while it uses an SQLite file.
//!
//! It is on a file of its own, because a process that closes any handle of the database file loses
//! SQLite's locks on it. The operating system releases the lock when the process ends, also when it
//! is killed; the empty lock file stays.

use std::fs::{File, OpenOptions, TryLockError};
use std::io;
use std::path::{Path, PathBuf};

use super::super::StorageError;
use super::super::file_owner::FileOwner;

/// Held by a server, or by a command that needs the database for itself.
#[derive(Debug)]
pub(in crate::storage) struct FileLock {
    file: File,
    path: PathBuf,
}

impl FileLock {
    /// Locks a database that may not exist yet.
    pub(in crate::storage) fn take(database: &Path) -> Result<Self, StorageError> {
        let in_use = || StorageError::InUse { database: database.to_owned() };
        Self::try_take(database)?.ok_or_else(in_use)
    }

    /// Like [`FileLock::take`]; none if another process holds the lock.
    pub(super) fn try_take(database: &Path) -> Result<Option<Self>, StorageError> {
        let file_error = |path: &Path, error| StorageError::File { path: path.to_owned(), error };
        let path = lock_path(database).map_err(|error| file_error(database, error))?;
        let file = open(&path, database).map_err(|error| file_error(&path, error))?;
        match file.try_lock() {
            Ok(()) => Ok(Some(Self { file, path })),
            Err(TryLockError::WouldBlock) => Ok(None),
            Err(TryLockError::Error(error)) => Err(file_error(&path, error)),
        }
    }

    /// Releases the lock before it is dropped.
    pub(super) fn release(&self) -> Result<(), StorageError> {
        let released = self.file.unlock();
        released.map_err(|error| StorageError::File { path: self.path.clone(), error })
    }
}

/// The database's real path with a suffix, so that all symbolic links to it share a lock.
pub(super) fn lock_path(database: &Path) -> io::Result<PathBuf> {
    let real = match database.canonicalize() {
        Err(error) if error.kind() == io::ErrorKind::NotFound => database.to_owned(),
        found => found?,
    };
    let mut path = real.into_os_string();
    path.push(".lock");
    Ok(PathBuf::from(path))
}

fn open(path: &Path, database: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.read(true).write(true);
    match options.open(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => (),
        found => return found,
    }
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let file = options.create(true).open(path)?;
    // A command that runs as root must not lock out the server.
    FileOwner::of_database(database)?.give(path)?;
    Ok(file)
}
