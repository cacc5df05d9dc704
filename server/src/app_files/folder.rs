//! The app in a folder.

use std::fs::Metadata;
use std::io;
use std::path::Path;
use std::time::UNIX_EPOCH;

use axum::http::HeaderValue;

use super::Found;

pub(super) async fn find(folder: &Path, name: &str) -> io::Result<Option<Found>> {
    let path = folder.join(name);
    match tokio::fs::metadata(&path).await {
        Ok(metadata) if metadata.is_file() => {
            Ok(Some(Found::OnDisk { tag: tag(&metadata, name), path }))
        }
        Ok(_) => Ok(None),
        Err(error) if is_missing(&error) => Ok(None),
        Err(error) => Err(error),
    }
}

/// When the file was changed and how long it is, and how it is packed: all that can be known
/// without reading it.
fn tag(metadata: &Metadata, name: &str) -> HeaderValue {
    let changed = metadata.modified().ok();
    let since_1970 = changed.and_then(|changed| changed.duration_since(UNIX_EPOCH).ok());
    let nanos = since_1970.unwrap_or_default().as_nanos();
    let ending = name.rsplit_once('.').map_or("", |(_, ending)| ending);
    HeaderValue::try_from(format!("\"{nanos:x}-{:x}{ending}\"", metadata.len()))
        .unwrap_or(HeaderValue::from_static("\"\""))
}

/// Whether there is no such file; a name that is too long to be one is none either.
fn is_missing(error: &io::Error) -> bool {
    use io::ErrorKind::{InvalidFilename, NotADirectory, NotFound};

    matches!(error.kind(), NotFound | NotADirectory | InvalidFilename)
}
