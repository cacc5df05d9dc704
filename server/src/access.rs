//! What an operator can do when this process may not read or write a file: the end of an error
//! message.

use std::io;
use std::path::Path;

/// The advice about a file that cannot be read because a right is missing; empty for other errors.
pub(crate) fn for_reading(path: &Path, error: &io::Error) -> String {
    if error.kind() != io::ErrorKind::PermissionDenied {
        return String::new();
    }
    let Some(uid) = own_uid() else { return String::new() };
    match closed_folder(path) {
        Some(folder) => format!(
            "; this process runs as uid {uid} and may not enter {folder}: sudo chmod o+x {folder}",
            folder = folder.display()
        ),
        None => format!(
            "; this process runs as uid {uid} and may not read it: sudo chown {uid} {path}",
            path = path.display()
        ),
    }
}

/// The advice about a missing right to write a file or its folder.
pub(crate) fn for_writing(path: &Path) -> String {
    let mut advice = "; this process needs to read and write the file and its folder".to_owned();
    if let Some(uid) = own_uid() {
        // The files beside it have its name as a prefix. Nothing else in the folder is touched.
        let files = if path.exists() { format!(" {}*", path.display()) } else { String::new() };
        let folder = folder(path).display();
        advice += &format!(", and runs as uid {uid}: sudo chown {uid} {folder}{files}");
    }
    advice
}

/// The folder on the path that this process may not enter.
fn closed_folder(path: &Path) -> Option<&Path> {
    let is_closed = |path: &&Path| {
        path.metadata().is_err_and(|error| error.kind() == io::ErrorKind::PermissionDenied)
    };
    path.ancestors().take_while(is_closed).last().map(folder)
}

/// The folder of a file.
pub(crate) fn folder(path: &Path) -> &Path {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    folder.unwrap_or(Path::new("."))
}

/// The user of this process. Without `/proc` it is unknown.
#[cfg(unix)]
fn own_uid() -> Option<u32> {
    use std::os::unix::fs::MetadataExt as _;

    Path::new("/proc/self").metadata().ok().map(|process| process.uid())
}

#[cfg(not(unix))]
fn own_uid() -> Option<u32> {
    None
}
