//! Handlers for operators: `GET /ready` and `GET /metrics`.

use std::sync::Arc;
use std::time::Duration;

use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use tokio::time::timeout;
use tracing::{error, warn};

use crate::metrics::{CONTENT_TYPE, Gauges};
use crate::state::App;
use crate::storage::NotReady;

/// How long a read and a write may take together.
const READY_TIMEOUT_MS: u64 = 1_000;

/// `GET /ready`: 200, or 503 with the reason. The body is public; the database's error is only
/// logged.
pub(crate) async fn readiness(State(app): State<Arc<App>>) -> (StatusCode, &'static str) {
    if app.registry.is_stopping() {
        return (StatusCode::SERVICE_UNAVAILABLE, "the server is stopping\n");
    }
    let limit = Duration::from_millis(READY_TIMEOUT_MS);
    let reason = match timeout(limit, app.storage.check_readiness()).await {
        Ok(Ok(())) => return (StatusCode::OK, "ready\n"),
        // The details were logged when it was found.
        Ok(Err(NotReady::FileLost)) => {
            warn!("not ready: a file of the database was deleted or replaced");
            "a file of the database was deleted or replaced\n"
        }
        Ok(Err(NotReady::Unreadable(error))) => {
            warn!(%error, "not ready: database read failed");
            "the database does not answer\n"
        }
        Ok(Err(NotReady::Unwritable(error))) => {
            warn!(%error, "not ready: database write failed");
            "the database cannot be written\n"
        }
        Err(_) => {
            warn!(timeout_ms = READY_TIMEOUT_MS, "not ready: the database did not answer in time");
            "the database did not answer within 1000 ms\n"
        }
    };
    (StatusCode::SERVICE_UNAVAILABLE, reason)
}

/// `GET /metrics`, in Prometheus' text format.
pub(crate) async fn metrics(State(app): State<Arc<App>>) -> Response {
    let (hashes_running, hashes_waiting) = app.passwords.load();
    let gauges = Gauges {
        connections_open: app.connection_slots.open_count(),
        sockets_open: app.registry.open_count(),
        hashes_running,
        hashes_waiting,
    };
    match app.metrics.render(&gauges) {
        Ok(page) => ([(header::CONTENT_TYPE, CONTENT_TYPE)], page).into_response(),
        Err(error) => {
            error!(%error, "metrics cannot be written");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}
