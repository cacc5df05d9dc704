//! The account's page, at `/account`: devices, password, export and deletion. It belongs to the
//! server, whose endpoints it shows, and not to the app, which other servers serve as well.

use axum::Router;
use axum::http::header;
use axum::response::IntoResponse;
use axum::routing::get;

/// A file of the page: its path, its type and its text.
type File = (&'static str, &'static str, &'static str);

const FILES: [File; 4] = [
    ("/account", "text/html; charset=utf-8", include_str!("../page/account.html")),
    ("/account/account.js", "text/javascript", include_str!("../page/account.js")),
    ("/account/account.css", "text/css", include_str!("../page/account.css")),
    // The app's own colours.
    ("/account/tokens.css", "text/css", include_str!("../../style/tokens.css")),
];

/// The page's routes.
pub(crate) fn routes<S: Clone + Send + Sync + 'static>() -> Router<S> {
    FILES.into_iter().fold(Router::new(), |router, (path, kind, text)| {
        router.route(path, get(move || async move { answer(kind, text) }))
    })
}

fn answer(kind: &'static str, text: &'static str) -> impl IntoResponse {
    // It is never of another version than the server.
    ([(header::CONTENT_TYPE, kind), (header::CACHE_CONTROL, "no-cache")], text)
}
