//! Handlers for operators: `GET /ready` and `GET /metrics`.

use std::sync::Arc;
use std::time::Duration;

use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::IntoResponse;
use tokio::time::timeout;
use tracing::warn;

use crate::metrics::{CONTENT_TYPE, Gauges};
use crate::state::App;

/// How long the database may take to answer the ping.
const PING_TIMEOUT_MS: u64 = 1_000;

/// `GET /ready`: 200, or 503 with the reason. The body is public; the database's error is only
/// logged.
pub(crate) async fn readiness(State(app): State<Arc<App>>) -> (StatusCode, &'static str) {
    if app.registry.is_stopping() {
        return (StatusCode::SERVICE_UNAVAILABLE, "the server is stopping\n");
    }
    match timeout(Duration::from_millis(PING_TIMEOUT_MS), app.storage.ping()).await {
        Ok(Ok(())) => (StatusCode::OK, "ready\n"),
        // The details were logged when it was found.
        Ok(Err(error)) if error.is_file_lost() => {
            warn!("not ready: a file of the database was deleted or replaced");
            let reason = "a file of the database was deleted or replaced\n";
            (StatusCode::SERVICE_UNAVAILABLE, reason)
        }
        Ok(Err(error)) => {
            warn!(%error, "not ready: database ping failed");
            (StatusCode::SERVICE_UNAVAILABLE, "the database does not answer\n")
        }
        Err(_) => {
            warn!(timeout_ms = PING_TIMEOUT_MS, "not ready: database ping timed out");
            (StatusCode::SERVICE_UNAVAILABLE, "the database did not answer within 1000 ms\n")
        }
    }
}

/// `GET /metrics`, in Prometheus' text format.
pub(crate) async fn metrics(State(app): State<Arc<App>>) -> impl IntoResponse {
    let (hashes_running, hashes_waiting) = app.passwords.load();
    let gauges = Gauges {
        connections_open: app.connection_slots.open_count(),
        sockets_open: app.registry.open_count(),
        hashes_running,
        hashes_waiting,
    };
    let page = app.metrics.render(&gauges, app.storage.errors());
    ([(header::CONTENT_TYPE, CONTENT_TYPE)], page)
}
