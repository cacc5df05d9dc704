//! Request middleware: request id, access log line and metrics.

mod id;

use std::net::SocketAddr;
use std::sync::Arc;

use axum::extract::{ConnectInfo, MatchedPath, Request, State};
use axum::http::HeaderValue;
use axum::middleware::Next;
use axum::response::Response;
use tokio::time::Instant;
use tracing::{Instrument as _, debug, info};

use crate::metrics::{Route, StatusClass};
use crate::state::App;
pub(crate) use id::RequestId;

/// Middleware: handles a request in a span that carries its id, and counts it.
pub(crate) async fn trace_request(
    State(app): State<Arc<App>>,
    mut request: Request,
    next: Next,
) -> Response {
    let given = is_from_trusted_proxy(&app, &request)
        .then(|| RequestId::from_header(request.headers()))
        .flatten();
    let id = given.unwrap_or_else(|| RequestId::generate(&app.ids));
    // A socket keeps logging under this id after the upgrade.
    request.extensions_mut().insert(id.clone());
    let mut response = run(app, request, next).instrument(id.span()).await;
    if let Ok(value) = HeaderValue::try_from(id.to_string()) {
        response.headers_mut().insert(id::HEADER, value);
    }
    response
}

/// Only a trusted proxy may choose ids: a client could give its requests the id of another one.
fn is_from_trusted_proxy(app: &App, request: &Request) -> bool {
    let peer = request.extensions().get::<ConnectInfo<SocketAddr>>();
    peer.is_some_and(|peer| app.trusted_proxies.contains(peer.0.ip()))
}

async fn run(app: Arc<App>, request: Request, next: Next) -> Response {
    let matched = request.extensions().get::<MatchedPath>().map(MatchedPath::as_str);
    let route = Route::of(matched, request.uri().path());
    let method = request.method().clone();
    let started = Instant::now();
    let response = next.run(request).await;
    let elapsed = started.elapsed();
    let status = response.status();
    app.metrics.record_request(route, StatusClass::of(status), elapsed);
    let (status, duration_ms) = (status.as_u16(), elapsed.as_secs_f64() * 1e3);
    let route_name = route.template();
    if route.is_quiet() {
        debug!(%method, route = route_name, status, duration_ms, "request handled");
    } else {
        info!(%method, route = route_name, status, duration_ms, "request handled");
    }
    response
}
