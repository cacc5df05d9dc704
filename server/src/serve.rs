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
    let serving = connections::serve(listener, app.router(), app.request_times, graceful);
    let mut serving = std::pin::pin!(serving);
    tokio::select! {
        () = &mut serving => (),
        Ok(()) = stopped => {
            info!("stopping");
            let draining = async {
                serving.await;
                app.registry.count_is(0).await;
            };
            if timeout(Duration::from_millis(DRAIN_MS), draining).await.is_err() {
                warn!("some connections did not end in time");
            }
        }
    }
    app.storage.close().await;
    Ok(())
}
