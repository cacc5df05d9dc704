//! The app shell for paths that are deeper than the pages of the app.

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Response};

use super::{AppFiles, REVALIDATE, SHELL, content_type, nothing, read_failed};

/// How the shell names the folder of the app. It is relative, so that the server need not know the
/// path under which a reverse proxy serves it.
const BASE: &str = "<base href=\"./\"";

/// The app shell for this path. All URLs in it are relative to its base, the folder of the app.
pub(super) async fn below(files: &AppFiles, path: &str, status: StatusCode) -> Response {
    let read = async {
        match files.find(SHELL).await? {
            Some(found) => found.read().await.map(Some),
            None => Ok(None),
        }
    };
    let html = match read.await {
        Ok(Some(bytes)) => with_base(&String::from_utf8_lossy(&bytes), path),
        Ok(None) => return nothing(),
        Err(error) => return read_failed(SHELL, &error),
    };
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static(content_type(SHELL))),
        (header::CACHE_CONTROL, HeaderValue::from_static(REVALIDATE)),
    ];
    (status, headers, html).into_response()
}

fn with_base(html: &str, path: &str) -> String {
    match path.matches('/').count().saturating_sub(1) {
        0 => html.to_owned(),
        depth => html.replacen(BASE, &format!("<base href=\"{}\"", "../".repeat(depth)), 1),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base_is_the_folder_of_the_app() {
        let html = "<head><base href=\"./\" /><link href=\"./a.css\" />";
        for (path, base) in [
            ("/", "./"),
            ("/reports", "./"),
            ("/account/", "../"),
            ("/a/b", "../"),
            ("/a//b", "../../"),
        ] {
            let expected = format!("<head><base href=\"{base}\" /><link href=\"./a.css\" />");
            assert_eq!(with_base(html, path), expected, "{path}");
        }
        let absolute = "<base href=\"/time/\" />";
        assert_eq!(with_base(absolute, "/a/b"), absolute);
    }
}
