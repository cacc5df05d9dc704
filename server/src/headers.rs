//! Security headers of every response.

use axum::extract::Request;
use axum::http::{HeaderMap, HeaderName, HeaderValue, header};
use axum::middleware::Next;
use axum::response::Response;

const POLICY_BEFORE_CONNECT: &str = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; \
    style-src 'self'; img-src 'self' data:; font-src 'self'; connect-src 'self'";
const POLICY_AFTER_CONNECT: &str = "; manifest-src 'self'; worker-src 'self'; base-uri 'self'; \
    form-action 'self'; frame-ancestors 'none'";
const PERMISSIONS: &str = "camera=(), display-capture=(), geolocation=(), microphone=(), \
    payment=(), usb=()";

/// Middleware: adds the security headers to the response.
pub(crate) async fn secure(request: Request, next: Next) -> Response {
    let policy = content_security_policy(request.headers());
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_SECURITY_POLICY, policy);
    for (name, value) in [
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "no-referrer"),
        (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
        (HeaderName::from_static("permissions-policy"), PERMISSIONS),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    response
}

/// The policy names the host's WebSocket origins, because not every browser matches them by 'self'.
fn content_security_policy(request: &HeaderMap) -> HeaderValue {
    let host = request.get(header::HOST).and_then(|host| host.to_str().ok());
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b".-:[]".contains(&byte);
    let host = host.filter(|host| host.bytes().all(is_plain) && !host.is_empty());
    let sockets = host.map_or(String::new(), |host| format!(" ws://{host} wss://{host}"));
    HeaderValue::try_from(format!("{POLICY_BEFORE_CONNECT}{sockets}{POLICY_AFTER_CONNECT}"))
        .unwrap_or(HeaderValue::from_static("default-src 'none'"))
}
