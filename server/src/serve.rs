//! From the first connection to the last.

mod connections;
mod times;

use std::sync::Arc;
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::time::timeout;
use tracing::{info, warn};

use crate::app::App;
pub use times::RequestTimes;

/// How long requests and sockets may take to end when the server stops.
const DRAIN_MS: u64 = 10_000;

/// Serves those who watch the server, until it is dropped.
///
/// # Errors
/// If the listener fails.
pub async fn watch(listener: TcpListener, app: Arc<App>) -> std::io::Result<()> {
    axum::serve(listener, app.watch_router()).await
}

/// Serves until `stop` is done, then ends all sockets, lets running requests finish and closes the
/// database.
pub async fn serve(
    listener: TcpListener,
    app: Arc<App>,
    stop: impl Future<Output = ()> + Send + 'static,
) {
    let (stopping, stopped) = oneshot::channel();
    let registry = Arc::clone(&app.registry);
    let graceful = async move {
        stop.await;
        info!("stopping");
        registry.stop();
        // Nobody waits only if everything has ended already.
        let _ = stopping.send(());
    };
    let serving = async {
        connections::serve(listener, app.router(), app.request_times, graceful).await;
        app.registry.count_is(0).await;
    };
    let mut serving = std::pin::pin!(serving);
    let in_time = tokio::select! {
        () = &mut serving => true,
        Ok(()) = stopped => timeout(Duration::from_millis(DRAIN_MS), serving).await.is_ok(),
    };
    if !in_time {
        warn!("some connections did not end in time");
    }
    app.storage.close().await;
}
