//! Whether the paths of the database still name the files that SQLite has open.
//!
//! Unix lets anyone with access to the folder delete or replace an open file. SQLite keeps writing
//! to the deleted file, which is gone when the server ends.

use std::fmt;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};

use sqlx::sqlite::SqlitePool;
use tracing::{error, warn};

use super::super::StorageError;
use super::super::conn_guard::ConnGuard;
use super::lock::lock_path;

/// How SQLite names the files that it keeps beside an open database: the write-ahead log, which
/// has the latest commits, and its index.
const COMPANIONS: [&str; 2] = ["-wal", "-shm"];

/// A file that was deleted or replaced while the server had it open.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LostFile {
    path: PathBuf,
    change: FileChange,
    part: FilePart,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum FileChange {
    Deleted,
    Replaced,
}

/// Which file of a database it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum FilePart {
    /// The database itself.
    Main,
    /// A file beside it, or the lock file. The database is complete without it after a checkpoint.
    Companion,
}

/// Identifies a file independently of its path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct FileIdentity {
    device: u64,
    inode: u64,
}

#[derive(Clone, Debug)]
struct OpenFile {
    path: PathBuf,
    identity: FileIdentity,
    part: FilePart,
}

/// The files of an open database. The first difference that [`OpenFiles::check`] finds is final,
/// because nothing is known about what other programs did in between. Clones share the state.
#[derive(Clone, Debug, Default)]
pub(super) struct OpenFiles(Arc<State>);

#[derive(Debug, Default)]
struct State {
    files: Vec<OpenFile>,
    lost: OnceLock<LostFile>,
    is_closing: AtomicBool,
}

/// The identity of the database file before SQLite opens it.
#[derive(Debug)]
pub(super) struct FileBeforeOpen(OpenFile);

impl FileBeforeOpen {
    pub(super) fn new(path: &Path) -> Result<Self, StorageError> {
        OpenFile::read(path.to_owned(), FilePart::Main).map(Self)
    }

    /// The files after a connection has written: SQLite has opened all of them. One is the
    /// lock file, without which a second server could start.
    pub(super) fn opened(self) -> Result<OpenFiles, StorageError> {
        let Self(main) = self;
        let lock = lock_path(&main.path).map_err(|error| file_error(&main.path, error))?;
        // SQLite places the other files beside the file that a symbolic link names.
        let real = main.path.canonicalize().map_err(|error| file_error(&main.path, error))?;
        let companions = COMPANIONS.map(|suffix| {
            let mut path = real.clone().into_os_string();
            path.push(suffix);
            OpenFile::read(PathBuf::from(path), FilePart::Companion)
        });
        let lock = OpenFile::read(lock, FilePart::Companion);
        let files = [Ok(main), lock].into_iter().chain(companions).collect::<Result<_, _>>()?;
        let files = OpenFiles(Arc::new(State { files, ..State::default() }));
        files.check()?;
        Ok(files)
    }
}

impl OpenFiles {
    /// Fails if a file was deleted or replaced, and logs it the first time.
    pub(super) fn check(&self) -> Result<(), StorageError> {
        let Self(state) = self;
        if let Some(lost) = state.lost.get() {
            return Err(StorageError::FileLost(lost.clone()));
        }
        let is_closing = state.is_closing.load(Ordering::Acquire);
        for file in state.files.iter().filter(|file| !is_closing || file.part == FilePart::Main) {
            let Some(found) = file.lost()? else { continue };
            let lost = state.lost.get_or_init(|| {
                error!("{found}");
                found
            });
            return Err(StorageError::FileLost(lost.clone()));
        }
        Ok(())
    }

    /// Ends the checks of companions, because SQLite deletes them with the last connection.
    pub(super) fn begin_close(&self) {
        self.0.is_closing.store(true, Ordering::Release);
    }

    /// Whether a file was lost without which the database can still be made complete.
    pub(super) fn has_lost_companion(&self) -> bool {
        self.0.lost.get().is_some_and(|lost| lost.part == FilePart::Companion)
    }

    /// Moves all commits from the open write-ahead log into the database file, so that they are
    /// found after a restart. Returns whether it is finished; otherwise it has to be repeated. Only
    /// an open connection can do it, because a new one would open a new write-ahead log.
    pub(super) async fn save_commits(&self, pool: &SqlitePool) -> bool {
        let Some(connection) = pool.try_acquire() else { return false };
        let mut conn = ConnGuard::new(connection);
        let saved: Result<(i64, i64, i64), _> =
            sqlx::query_as("PRAGMA wal_checkpoint(FULL)").fetch_one(&mut *conn).await;
        conn.release();
        let paths = self.0.lost.get().map(|lost| lost.path.display());
        let path = paths.as_ref().map(tracing::field::display);
        match saved {
            Ok((0, ..)) => warn!(path, "acknowledged writes were saved: restart the server"),
            // A reader still needs the write-ahead log.
            Ok(_) => return false,
            Err(error) => error!(path, %error, "acknowledged writes were not saved"),
        }
        true
    }
}

impl OpenFile {
    fn read(path: PathBuf, part: FilePart) -> Result<Self, StorageError> {
        match FileIdentity::read(&path) {
            Ok(identity) => Ok(Self { path, identity, part }),
            Err(error) => Err(file_error(&path, error)),
        }
    }

    /// What happened to the file, if the path no longer names it.
    fn lost(&self) -> Result<Option<LostFile>, StorageError> {
        let change = match FileIdentity::read(&self.path) {
            Ok(found) if found == self.identity => return Ok(None),
            Ok(_) => FileChange::Replaced,
            Err(error) if error.kind() == ErrorKind::NotFound => FileChange::Deleted,
            Err(error) => return Err(file_error(&self.path, error)),
        };
        Ok(Some(LostFile { path: self.path.clone(), change, part: self.part }))
    }
}

impl FileIdentity {
    #[cfg(unix)]
    fn read(path: &Path) -> std::io::Result<Self> {
        use std::os::unix::fs::MetadataExt as _;

        let file = std::fs::metadata(path)?;
        Ok(Self { device: file.dev(), inode: file.ino() })
    }

    /// Other systems do not let an open file be deleted.
    #[cfg(not(unix))]
    fn read(path: &Path) -> std::io::Result<Self> {
        std::fs::metadata(path)?;
        Ok(Self { device: 0, inode: 0 })
    }
}

fn file_error(path: &Path, error: std::io::Error) -> StorageError {
    StorageError::File { path: path.to_owned(), error }
}

impl fmt::Display for LostFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let change = match self.change {
            FileChange::Deleted => "deleted",
            FileChange::Replaced => "replaced",
        };
        write!(f, "{} was {change} while the server runs; ", self.path.display())?;
        f.write_str("no write is acknowledged until a restart. ")?;
        f.write_str(match self.part {
            FilePart::Main => {
                "The acknowledged data is only in files that end with this process: copy them \
                 before you stop it, see \"Deleted database\" in docs/OPERATIONS.md"
            }
            FilePart::Companion => {
                "Wait for the message that acknowledged writes were saved, then restart the server"
            }
        })
    }
}
