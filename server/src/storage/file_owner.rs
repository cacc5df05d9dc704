//! The owner of the files of an SQLite database. Commands often run as root, and the server must
//! be able to open what they create.

use std::io;
use std::path::Path;

#[cfg(unix)]
use crate::access::folder;

/// The user and the group that own a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct FileOwner {
    #[cfg(unix)]
    uid: u32,
    #[cfg(unix)]
    gid: u32,
}

#[cfg(unix)]
impl FileOwner {
    /// The owner of a database file, or of its folder if there is no file.
    pub(super) fn of_database(path: &Path) -> io::Result<Self> {
        match Self::of(path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Self::of(folder(path)),
            found => found,
        }
    }

    pub(super) fn of(path: &Path) -> io::Result<Self> {
        use std::os::unix::fs::MetadataExt as _;

        let file = std::fs::metadata(path)?;
        Ok(Self { uid: file.uid(), gid: file.gid() })
    }

    /// Gives a file that this process has created to the owner, if this process runs as root.
    pub(super) fn give(self, path: &Path) -> io::Result<()> {
        const ROOT: u32 = 0;
        if Self::of(path)?.uid == ROOT { self.give_always(path) } else { Ok(()) }
    }

    /// Gives a file to the owner. This fails without the right to do so.
    pub(super) fn give_always(self, path: &Path) -> io::Result<()> {
        if Self::of(path)? == self {
            return Ok(());
        }
        std::os::unix::fs::chown(path, Some(self.uid), Some(self.gid))
    }

    pub(super) const fn uid(self) -> u32 {
        self.uid
    }
}

/// Other systems derive the access to a file from its folder.
#[cfg(not(unix))]
impl FileOwner {
    pub(super) fn of_database(_path: &Path) -> io::Result<Self> {
        Ok(Self {})
    }

    pub(super) fn give(self, _path: &Path) -> io::Result<()> {
        Ok(())
    }
}
