//! From the first connection to the last.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::serve::ListenerExt as _;
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::time::timeout;
use tracing::{info, warn};

use crate::app::App;

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
///
/// # Errors
/// If the listener fails.
pub async fn serve(
    listener: TcpListener,
    app: Arc<App>,
    stop: impl Future<Output = ()> + Send + 'static,
) -> std::io::Result<()> {
    let (stopping, stopped) = oneshot::channel();
    let registry = Arc::clone(&app.registry);
    let graceful = async move {
        stop.await;
        registry.stop();
        // Nobody waits only if serving has failed, and then there is nothing to drain.
        let _ = stopping.send(());
    };
    let router = app.router().into_make_service_with_connect_info::<SocketAddr>();
    // A broadcast and the reply after it are small: without this the second waits for the other
    // end's delayed acknowledgement of the first.
    let listener = listener.tap_io(|stream| {
        if let Err(error) = stream.set_nodelay(true) {
            warn!(%error, "a connection will be slow");
        }
    });
    let serving = axum::serve(listener, router).with_graceful_shutdown(graceful);
    let mut serving = std::pin::pin!(serving.into_future());
    let result = tokio::select! {
        // Where no request is under way both are true at once, and the sockets are still open.
        biased;
        Ok(()) = stopped => {
            info!("stopping");
            let draining = async {
                let result = serving.await;
                app.registry.count_is(0).await;
                result
            };
            timeout(Duration::from_millis(DRAIN_MS), draining).await.unwrap_or_else(|_| {
                warn!("some connections did not end in time");
                Ok(())
            })
        }
        result = &mut serving => result,
    };
    app.storage.close().await;
    result
}
