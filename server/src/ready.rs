//! Whether requests can be sent here: `GET /ready`.

use std::sync::Arc;
use std::time::Duration;

use axum::extract::State;
use axum::http::StatusCode;
use tokio::time::timeout;
use tracing::warn;

use crate::app::App;

/// How long the database may take to answer the simplest question.
const READY_MS: u64 = 1_000;

/// 200, or 503 with the reason. The reason is for everybody; what the database says is in the log.
pub(crate) async fn show(State(app): State<Arc<App>>) -> (StatusCode, &'static str) {
    if app.registry.is_stopping() {
        return (StatusCode::SERVICE_UNAVAILABLE, "the server is stopping\n");
    }
    match timeout(Duration::from_millis(READY_MS), app.storage.ping()).await {
        Ok(Ok(())) => (StatusCode::OK, "ready\n"),
        Ok(Err(error)) => {
            warn!(%error, "not ready");
            (StatusCode::SERVICE_UNAVAILABLE, "the database does not answer\n")
        }
        Err(_) => {
            warn!(waited_ms = READY_MS, "not ready: the database is slow");
            (StatusCode::SERVICE_UNAVAILABLE, "the database did not answer within 1000 ms\n")
        }
    }
}
