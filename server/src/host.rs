//! The `Host` header of a request.

use axum::extract::Request;
use axum::http::{StatusCode, Version, header};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};

/// Middleware: refuses a request whose `Host` is missing or ambiguous (RFC 9112 §3.2). Proxies may
/// choose another one of several headers than this server.
pub(crate) async fn require_one(request: Request, next: Next) -> Response {
    let count = request.headers().get_all(header::HOST).iter().count();
    let is_optional = request.version() < Version::HTTP_11;
    if count == 1 || (count == 0 && is_optional) {
        next.run(request).await
    } else {
        (StatusCode::BAD_REQUEST, "The request needs exactly one Host header.\n").into_response()
    }
}
