//! File operations with errors that name the file.

use std::fs;
use std::path::{Path, PathBuf};

use crate::failure::Failure;

/// The bytes of a file.
pub(crate) fn read(path: &Path) -> Result<Vec<u8>, Failure> {
    fs::read(path).map_err(|error| Failure::file("read", path, error))
}

/// The text of a file.
pub(crate) fn read_text(path: &Path) -> Result<String, Failure> {
    fs::read_to_string(path).map_err(|error| Failure::file("read", path, error))
}

/// The length of a file in bytes.
pub(crate) fn size(path: &Path) -> Result<u64, Failure> {
    path.metadata().map(|file| file.len()).map_err(|error| Failure::file("read", path, error))
}

/// Replaces the contents of a file.
pub(crate) fn write(path: &Path, bytes: impl AsRef<[u8]>) -> Result<(), Failure> {
    fs::write(path, bytes).map_err(|error| Failure::file("write", path, error))
}

/// Copies a file with its permissions.
pub(crate) fn copy(from: &Path, to: &Path) -> Result<(), Failure> {
    fs::copy(from, to).map(drop).map_err(|error| Failure::file("copy", from, error))
}

/// Removes a file if it exists.
pub(crate) fn remove_if_there(path: &Path) -> Result<(), Failure> {
    match fs::remove_file(path) {
        Ok(()) => Ok(()),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(()),
        Err(error) => Err(Failure::file("remove", path, error)),
    }
}

/// Removes a folder with its contents if it exists.
pub(crate) fn remove_folder_if_there(folder: &Path) -> Result<(), Failure> {
    match fs::remove_dir_all(folder) {
        Ok(()) => Ok(()),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(()),
        Err(error) => Err(Failure::file("remove", folder, error)),
    }
}

/// Creates the folder of a file.
pub(crate) fn make_parent(path: &Path) -> Result<(), Failure> {
    path.parent().map_or(Ok(()), make_folder)
}

/// Renames a file.
pub(crate) fn rename(from: &Path, to: &Path) -> Result<(), Failure> {
    fs::rename(from, to).map_err(|error| Failure::file("rename", from, error))
}

/// Creates a folder and its parents.
pub(crate) fn make_folder(path: &Path) -> Result<(), Failure> {
    fs::create_dir_all(path).map_err(|error| Failure::file("create", path, error))
}

/// All files under `folder`, as sorted relative paths.
pub(crate) fn list(folder: &Path) -> Result<Vec<PathBuf>, Failure> {
    let mut found = Vec::new();
    let mut folders = vec![PathBuf::new()];
    while let Some(relative) = folders.pop() {
        let path = folder.join(&relative);
        let entries = fs::read_dir(&path).map_err(|error| Failure::file("list", &path, error))?;
        for entry in entries {
            let entry = entry.map_err(|error| Failure::file("list", &path, error))?;
            let name = relative.join(entry.file_name());
            match entry.path().is_dir() {
                true => folders.push(name),
                false => found.push(name),
            }
        }
    }
    found.sort();
    Ok(found)
}

/// A relative path in URL form, with forward slashes.
pub(crate) fn url_path(relative: &Path) -> String {
    let parts: Vec<_> = relative.iter().map(|part| part.to_string_lossy()).collect();
    parts.join("/")
}
