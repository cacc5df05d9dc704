//! The routes of the public listener and of the metrics listener.

use std::sync::Arc;

use axum::Router;
use axum::extract::{Request, State};
use axum::http::{Method, StatusCode};
use axum::middleware::{from_fn, from_fn_with_state};
use axum::response::{IntoResponse as _, Response};
use axum::routing::{any, get};

use crate::api;
use crate::app_files;
use crate::headers;
use crate::host;
use crate::monitoring;
use crate::requests;
use crate::socket;
use crate::state::App;

/// The routes of the public listener.
pub(crate) fn router(app: &Arc<App>) -> Router {
    Router::new()
        .route("/health", get(|| async { StatusCode::OK }))
        .route("/ready", get(monitoring::readiness))
        .route("/socket/websocket", any(socket::upgrade))
        .route("/socket/websocket/", any(socket::upgrade))
        .nest("/api", api::routes(app))
        .fallback(files)
        .layer(from_fn(host::require_one))
        .layer(from_fn(headers::secure))
        .layer(from_fn_with_state(Arc::clone(app), requests::trace_request))
        .with_state(Arc::clone(app))
}

/// The routes of the metrics listener, which has an address of its own.
pub(crate) fn metrics_router(app: &Arc<App>) -> Router {
    Router::new()
        .route("/metrics", get(monitoring::metrics))
        .route("/health", get(|| async { StatusCode::OK }))
        .route("/ready", get(monitoring::readiness))
        .with_state(Arc::clone(app))
}

async fn files(State(app): State<Arc<App>>, request: Request) -> Response {
    match (&app.files, request.method()) {
        (Some(files), &Method::GET | &Method::HEAD) => {
            app_files::serve(files, request.uri().path(), request.headers()).await
        }
        // Phoenix has no route for a transport that is not enabled, such as long polling.
        (Some(_), _) if request.uri().path().starts_with("/socket/") => {
            StatusCode::NOT_FOUND.into_response()
        }
        (Some(_), _) => StatusCode::METHOD_NOT_ALLOWED.into_response(),
        (None, _) => StatusCode::NOT_FOUND.into_response(),
    }
}
