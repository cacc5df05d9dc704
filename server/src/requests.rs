//! Every request has an id, a line in the log, and a place in the figures.

mod id;

use std::sync::Arc;

use axum::extract::{MatchedPath, Request, State};
use axum::http::HeaderValue;
use axum::middleware::Next;
use axum::response::Response;
use tokio::time::Instant;
use tracing::{Instrument as _, debug, info};

use crate::app::App;
use crate::metrics::{Route, StatusClass};
pub(crate) use id::RequestId;

/// Answers a request within a span that carries its id, and counts it.
pub(crate) async fn follow(
    State(app): State<Arc<App>>,
    mut request: Request,
    next: Next,
) -> Response {
    let id = RequestId::given(request.headers()).unwrap_or_else(|| RequestId::fresh(&app.ids));
    // A socket goes on with it.
    request.extensions_mut().insert(id.clone());
    let mut response = answer(app, request, next).instrument(id.span()).await;
    if let Ok(value) = HeaderValue::try_from(id.to_string()) {
        response.headers_mut().insert(id::HEADER, value);
    }
    response
}

async fn answer(app: Arc<App>, request: Request, next: Next) -> Response {
    let matched = request.extensions().get::<MatchedPath>().map(MatchedPath::as_str);
    let route = Route::of(matched, request.uri().path());
    let method = request.method().clone();
    let began = Instant::now();
    let response = next.run(request).await;
    let took = began.elapsed();
    let status = response.status();
    app.metrics.request(route, StatusClass::of(status), took);
    let (status, duration_ms) = (status.as_u16(), took.as_secs_f64() * 1e3);
    let route_name = route.template();
    if route.is_quiet() {
        debug!(%method, route = route_name, status, duration_ms, "answered");
    } else {
        info!(%method, route = route_name, status, duration_ms, "answered");
    }
    response
}
