//! Files of an app folder.

use std::fs::Metadata;
use std::io;
use std::path::Path;
use std::time::UNIX_EPOCH;

use axum::http::HeaderValue;

use super::AppFile;

pub(super) async fn find(folder: &Path, name: &str) -> io::Result<Option<AppFile>> {
    let path = folder.join(name);
    match tokio::fs::metadata(&path).await {
        Ok(metadata) if metadata.is_file() => {
            Ok(Some(AppFile::Disk { tag: tag(&metadata, name), path }))
        }
        Ok(_) => Ok(None),
        Err(error) if is_missing(&error) => Ok(None),
        Err(error) => Err(error),
    }
}

/// An `ETag` from modification time, length and extension, without reading the file.
fn tag(metadata: &Metadata, name: &str) -> HeaderValue {
    let modified = metadata.modified().ok();
    let since_1970 = modified.and_then(|modified| modified.duration_since(UNIX_EPOCH).ok());
    let nanos = since_1970.unwrap_or_default().as_nanos();
    let extension = name.rsplit_once('.').map_or("", |(_, extension)| extension);
    HeaderValue::try_from(format!("\"{nanos:x}-{:x}{extension}\"", metadata.len()))
        .unwrap_or(HeaderValue::from_static("\"\""))
}

/// Whether the error means that the file does not exist, including invalid names.
fn is_missing(error: &io::Error) -> bool {
    use io::ErrorKind::{InvalidFilename, NotADirectory, NotFound};

    matches!(error.kind(), NotFound | NotADirectory | InvalidFilename)
}
