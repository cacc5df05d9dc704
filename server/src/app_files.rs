//! Serves the app's files, from the folder of a build or embedded in the program.

mod content_type;
mod embedded;
mod encoding;
mod folder;
mod known_tags;
mod shell;

use std::path::PathBuf;

use axum::body::Bytes;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use tracing::warn;
use wizitime_protocol::route::Route;

use content_type::content_type;
use encoding::Encoding;

pub use embedded::EmbeddedFile;
pub(crate) use embedded::is_embedded;

/// `Cache-Control` of files with a content hash in their name.
const IMMUTABLE: &str = "public, max-age=31536000, immutable";
/// `Cache-Control` of other files: cached, but revalidated for each request.
const REVALIDATE: &str = "no-cache";

/// The source of the files.
#[derive(Clone, Debug)]
pub(crate) enum AppFiles {
    Folder(PathBuf),
    Embedded(&'static [EmbeddedFile]),
}

/// An existing file before it is read.
enum AppFile {
    Disk { path: PathBuf, tag: HeaderValue },
    Embedded(EmbeddedFile),
}

impl AppFiles {
    pub(crate) const fn from_folder(folder: PathBuf) -> Self {
        Self::Folder(folder)
    }

    /// The embedded app, if the program has one.
    pub(crate) fn from_program() -> Option<Self> {
        is_embedded().then_some(Self::embedded(embedded::APP))
    }

    /// Files of a table sorted by path.
    pub(crate) const fn embedded(files: &'static [EmbeddedFile]) -> Self {
        Self::Embedded(files)
    }

    /// The file of this name; none if it does not exist.
    async fn find(&self, name: &str) -> std::io::Result<Option<AppFile>> {
        match self {
            Self::Folder(folder) => folder::find(folder, name).await,
            Self::Embedded(files) => Ok(embedded::find(files, name).map(AppFile::Embedded)),
        }
    }
}

impl AppFile {
    /// The `ETag` of the content.
    fn tag(&self) -> HeaderValue {
        match self {
            Self::Disk { tag, .. } => tag.clone(),
            Self::Embedded(file) => HeaderValue::from_static(file.tag),
        }
    }

    async fn read(self) -> std::io::Result<Bytes> {
        match self {
            Self::Disk { path, .. } => tokio::fs::read(path).await.map(Bytes::from),
            Self::Embedded(file) => Ok(Bytes::from_static(file.bytes)),
        }
    }
}

/// The app shell: the page that starts the app and shows the route of its URL.
const SHELL: &str = "index.html";

/// The name of the file that answers a URL's path: the app shell for the app's routes, else the
/// file of that name. None if the path is neither a route nor a plain file name.
fn name_of(path: &str) -> Option<&str> {
    let path = path.strip_prefix('/')?;
    if Route::from_path(path).is_some() {
        return Some(SHELL);
    }
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"._-".contains(&byte);
    let is_valid =
        |name: &str| !name.is_empty() && !name.starts_with('.') && name.bytes().all(is_plain);
    path.split('/').all(is_valid).then_some(path)
}

/// Handles a GET or HEAD request.
pub(crate) async fn serve(files: &AppFiles, path: &str, request: &HeaderMap) -> Response {
    if path != "/" && path.ends_with('/') && name_of(path) == Some(SHELL) {
        return shell::below(files, path, StatusCode::OK).await;
    }
    if let Some(name) = name_of(path)
        && let Some(response) = serve_file(files, name, request).await
    {
        return response;
    }
    not_found(files, path, request).await
}

/// The response with this file; none if it does not exist.
async fn serve_file(files: &AppFiles, name: &str, request: &HeaderMap) -> Option<Response> {
    for encoding in encoding::accepted(request) {
        let precompressed = encoding.precompressed(name);
        match files.find(&precompressed).await {
            Ok(Some(found)) => {
                let response = respond(name, encoding, found, request).await;
                return Some(response.unwrap_or_else(|error| read_failed(&precompressed, &error)));
            }
            Ok(None) => (),
            Err(error) => return Some(read_failed(&precompressed, &error)),
        }
    }
    None
}

/// A user who followed a wrong link gets the app, which says that there is no such page.
async fn not_found(files: &AppFiles, path: &str, request: &HeaderMap) -> Response {
    match is_page(path, request) {
        true => shell::below(files, path, StatusCode::NOT_FOUND).await,
        false => nothing(),
    }
}

fn nothing() -> Response {
    (StatusCode::NOT_FOUND, "There is nothing at this address.\n").into_response()
}

/// Whether a browser asks for something that looks like a page of the app.
fn is_page(path: &str, request: &HeaderMap) -> bool {
    let accepts = request.get(header::ACCEPT).and_then(|it| it.to_str().ok()).unwrap_or_default();
    accepts.contains("text/html") && !path.contains('.') && !path.starts_with("/socket/")
}

async fn respond(
    name: &str,
    encoding: Encoding,
    found: AppFile,
    request: &HeaderMap,
) -> std::io::Result<Response> {
    let tag = found.tag();
    let mut response = match known_tags::contain(request, &tag) {
        true => StatusCode::NOT_MODIFIED.into_response(),
        false => found.read().await?.into_response(),
    };
    let headers = response.headers_mut();
    let cache = if is_hashed(name) { IMMUTABLE } else { REVALIDATE };
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(cache));
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type(name)));
    headers.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
    headers.insert(header::ETAG, tag);
    if let Some(name) = encoding.name() {
        headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static(name));
    }
    Ok(response)
}

/// Whether the name contains a hash of the content, as in `app-0123456789abcdef.js`: such a file
/// never changes.
fn is_hashed(name: &str) -> bool {
    let name = name.rsplit_once('/').map_or(name, |(_, name)| name);
    name.split(['-', '_', '.']).any(|part| {
        part.len() >= 16 && part.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
    })
}

fn read_failed(name: &str, error: &std::io::Error) -> Response {
    warn!(file = name, %error, "app file cannot be read");
    StatusCode::INTERNAL_SERVER_ERROR.into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_plain_names_are_served() {
        assert_eq!(name_of("/icons/192.png"), Some("icons/192.png"));
        for bad in ["", "index.html", "/../x", "/a/../x", "//etc", "/.env", "/a/", "/%2e%2e/x"] {
            assert_eq!(name_of(bad), None, "{bad}");
        }
    }

    #[test]
    fn every_route_is_served_by_the_app_shell() {
        for route in Route::ALL {
            assert_eq!(name_of(&format!("/{}", route.path())), Some(SHELL), "{route:?}");
        }
        assert_eq!(name_of("/account/"), Some(SHELL));
        assert_eq!(name_of("/account/x"), Some("account/x"), "a file, which is not there");
    }

    #[test]
    fn only_a_browser_that_asks_for_a_page_is_shown_one() {
        let html = HeaderMap::from_iter([(
            header::ACCEPT,
            HeaderValue::from_static("text/html,application/xhtml+xml,*/*;q=0.8"),
        )]);
        assert!(is_page("/nonsense", &html) && is_page("/help/x", &html));
        assert!(!is_page("/nonsense", &HeaderMap::new()));
        for file in ["/old.js", "/.env", "/a/b.html", "/socket/longpoll"] {
            assert!(!is_page(file, &html), "{file}");
        }
    }

    #[test]
    fn hashed_names_are_detected() {
        assert!(is_hashed("wizitime-0123456789abcdef.js"));
        assert!(is_hashed("wizitime-0123456789abcdef_bg.wasm"));
        for name in ["index.html", "sw.js", "manifest.webmanifest", "deadbeef.js", "icon-192.png"] {
            assert!(!is_hashed(name), "{name}");
        }
    }
}
