//! CORS for the origins that the configuration allows, and `Cache-Control`.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use super::error::ApiError;
use crate::origin::Origin;
use crate::state::App;

/// How long a browser may cache a preflight response.
const PREFLIGHT_MAX_AGE_S: HeaderValue = HeaderValue::from_static("600");

/// Middleware: answers preflight requests, and lets pages of allowed origins read responses.
pub(crate) async fn cors(State(app): State<Arc<App>>, request: Request, next: Next) -> Response {
    let allowed = allowed_origin(&app, request.headers());
    let preflight = request.method() == Method::OPTIONS
        && request.headers().contains_key(header::ACCESS_CONTROL_REQUEST_METHOD);
    let mut response =
        if preflight { StatusCode::NO_CONTENT.into_response() } else { next.run(request).await };
    let headers = response.headers_mut();
    headers.append(header::VARY, HeaderValue::from_static("origin"));
    if let Some(origin) = allowed {
        headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin);
        let exposed = HeaderValue::from_static("retry-after");
        headers.insert(header::ACCESS_CONTROL_EXPOSE_HEADERS, exposed);
        if preflight {
            let methods = HeaderValue::from_static("GET, POST");
            headers.insert(header::ACCESS_CONTROL_ALLOW_METHODS, methods);
            let names = HeaderValue::from_static("authorization, content-type");
            headers.insert(header::ACCESS_CONTROL_ALLOW_HEADERS, names);
            headers.insert(header::ACCESS_CONTROL_MAX_AGE, PREFLIGHT_MAX_AGE_S);
        }
    }
    response
}

/// Middleware: refuses pages of other addresses. A browser does not tell a page why its socket was
/// refused, but the page can read this response, if the browser takes it for one of its own origin.
pub(crate) async fn require_accepted_page(
    State(app): State<Arc<App>>,
    request: Request,
    next: Next,
) -> Response {
    match app.accepts_page(request.headers()) {
        true => next.run(request).await,
        false => ApiError::OriginRefused.into_response(),
    }
}

/// Middleware: forbids caching of responses, which hold account data.
pub(crate) async fn no_store(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

fn allowed_origin(app: &App, headers: &HeaderMap) -> Option<HeaderValue> {
    let value = headers.get(header::ORIGIN)?;
    let origin: Origin = value.to_str().ok()?.parse().ok()?;
    app.allows(&origin).then(|| value.clone())
}
