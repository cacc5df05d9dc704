//! Serves the listeners, and drains connections on shutdown.

mod bind;
mod connection_slots;
mod connections;
mod refusal_warning;

use std::sync::Arc;
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::time::timeout;
use tracing::{info, warn};

use crate::router::{metrics_router, router};
use crate::state::App;
pub use bind::bind;
pub use connection_slots::ConnectionLimits;
pub(crate) use connection_slots::ConnectionSlots;

/// How long requests, sockets and the mail that is being sent may take to end on shutdown.
const DRAIN_MS: u64 = 10_000;

/// Serves `/metrics`, `/health` and `/ready` until the future is dropped.
///
/// # Errors
/// If the listener fails.
pub async fn serve_metrics(listener: TcpListener, app: Arc<App>) -> std::io::Result<()> {
    axum::serve(listener, metrics_router(&app)).await
}

/// Serves until `stop` completes. Then closes all sockets, lets running requests and requested
/// mails finish, and closes the database.
pub async fn serve(
    listener: TcpListener,
    app: Arc<App>,
    stop: impl Future<Output = ()> + Send + 'static,
) {
    let (stopping, stopped) = oneshot::channel();
    let registry = Arc::clone(&app.registry);
    let graceful = async move {
        stop.await;
        info!("shutting down");
        registry.stop();
        // The receiver is dropped only after everything has ended.
        let _ = stopping.send(());
    };
    let serving = async {
        connections::serve(listener, router(&app), &app, graceful).await;
        app.registry.wait_for_count(0).await;
        app.finish_mails().await;
    };
    let mut serving = std::pin::pin!(serving);
    let in_time = tokio::select! {
        () = &mut serving => true,
        Ok(()) = stopped => timeout(Duration::from_millis(DRAIN_MS), serving).await.is_ok(),
    };
    if !in_time {
        warn!(
            timeout_ms = DRAIN_MS,
            "shutdown: connections or mails still open after the drain timeout"
        );
    }
    app.storage.close().await;
}
