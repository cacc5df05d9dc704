//! The app itself: the files that its build left in one folder.

mod content_type;
mod encoding;

use std::fs::Metadata;
use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;

use axum::body::Body;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use tracing::warn;

use content_type::content_type;
use encoding::Encoding;

const A_YEAR: &str = "public, max-age=31536000, immutable";
/// Kept, but asked for again each time; the answer is short while nothing changed.
const ASK_FIRST: &str = "no-cache";

/// The folder of the app.
#[derive(Clone, Debug)]
pub(crate) struct AppFiles {
    folder: PathBuf,
}

impl AppFiles {
    pub(crate) const fn new(folder: PathBuf) -> Self {
        Self { folder }
    }

    /// The file that a URL's path names; none if it is not the plain name of a file within the
    /// folder.
    fn file(&self, path: &str) -> Option<PathBuf> {
        let path = path.strip_prefix('/')?;
        let path = if path.is_empty() { "index.html" } else { path };
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"._-".contains(&byte);
        let sound =
            |name: &str| !name.is_empty() && !name.starts_with('.') && name.bytes().all(plain);
        path.split('/').all(sound).then(|| self.folder.join(path))
    }
}

/// Answers a GET for a file of the app.
pub(crate) async fn serve(files: &AppFiles, path: &str, request: &HeaderMap) -> Response {
    let Some(file) = files.file(path) else { return StatusCode::NOT_FOUND.into_response() };
    for encoding in encoding::accepted(request) {
        let twin = encoding.twin(&file);
        match tokio::fs::metadata(&twin).await {
            Ok(metadata) if metadata.is_file() => {
                return answer(&file, &twin, encoding, &metadata, request).await;
            }
            Ok(_) => (),
            Err(error) if is_missing(&error) => (),
            Err(error) => return unreadable(&twin, &error),
        }
    }
    StatusCode::NOT_FOUND.into_response()
}

async fn answer(
    file: &Path,
    twin: &Path,
    encoding: Encoding,
    metadata: &Metadata,
    request: &HeaderMap,
) -> Response {
    let tag = tag(metadata, encoding);
    let unchanged = request.get(header::IF_NONE_MATCH).is_some_and(|known| *known == tag);
    let mut response = if unchanged {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        match tokio::fs::read(twin).await {
            Ok(bytes) => Body::from(bytes).into_response(),
            Err(error) => return unreadable(twin, &error),
        }
    };
    let name = file.file_name().and_then(|name| name.to_str()).unwrap_or_default();
    let headers = response.headers_mut();
    let cache = if is_hashed(name) { A_YEAR } else { ASK_FIRST };
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(cache));
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type(name)));
    headers.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
    headers.insert(header::ETAG, tag);
    if let Some(name) = encoding.name() {
        headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static(name));
    }
    response
}

/// Whether the name carries a hash of the content, as `app-0123456789abcdef.js` does: such a file
/// never changes.
fn is_hashed(name: &str) -> bool {
    name.split(['-', '_', '.']).any(|part| {
        part.len() >= 16 && part.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
    })
}

fn tag(metadata: &Metadata, encoding: Encoding) -> HeaderValue {
    let changed = metadata.modified().ok();
    let since_1970 = changed.and_then(|changed| changed.duration_since(UNIX_EPOCH).ok());
    let nanos = since_1970.unwrap_or_default().as_nanos();
    let encoding = encoding.name().unwrap_or_default();
    HeaderValue::try_from(format!("\"{nanos:x}-{:x}{encoding}\"", metadata.len()))
        .unwrap_or(HeaderValue::from_static("\"\""))
}

/// Whether there is no such file; a name that is too long to be one is none either.
fn is_missing(error: &std::io::Error) -> bool {
    use std::io::ErrorKind::{InvalidFilename, NotADirectory, NotFound};

    matches!(error.kind(), NotFound | NotADirectory | InvalidFilename)
}

fn unreadable(file: &Path, error: &std::io::Error) -> Response {
    warn!(file = %file.display(), %error, "a file of the app cannot be read");
    StatusCode::INTERNAL_SERVER_ERROR.into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_plain_names_within_the_folder_are_files() {
        let files = AppFiles::new(PathBuf::from("app"));
        assert_eq!(files.file("/").unwrap(), Path::new("app/index.html"));
        assert_eq!(files.file("/icons/192.png").unwrap(), Path::new("app/icons/192.png"));
        for bad in ["", "index.html", "/../x", "/a/../x", "//etc", "/.env", "/a/", "/%2e%2e/x"] {
            assert_eq!(files.file(bad), None, "{bad}");
        }
    }

    #[test]
    fn hashes_are_told_from_words() {
        assert!(is_hashed("wizitime-0123456789abcdef.js"));
        assert!(is_hashed("wizitime-0123456789abcdef_bg.wasm"));
        for name in ["index.html", "sw.js", "manifest.webmanifest", "deadbeef.js", "icon-192.png"] {
            assert!(!is_hashed(name), "{name}");
        }
    }
}
