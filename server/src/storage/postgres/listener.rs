//! Receives the events of other servers (LISTEN).

use std::time::Duration;

use sqlx::Executor as _;
use sqlx::postgres::{PgListener, PgPool};
use tokio::sync::mpsc;
use tokio::time::{sleep, timeout};
use tracing::{info, warn};

use super::super::StorageError;
use super::super::node_event::{NodeEvent, NodeId};
use super::CHANNEL;
use crate::random;

/// The capacity of the channel of received events; more wait in PostgreSQL.
const QUEUE_MAX: usize = 1_024;
/// After this time without a notification the connection is probed.
const PROBE_AFTER_MS: u64 = 10_000;
/// The timeout of a probe.
const PROBE_TIMEOUT_MS: u64 = 2_000;
/// The first and the longest wait before a reconnect.
const RETRY_MIN_MS: u64 = 200;
const RETRY_MAX_MS: u64 = 5_000;

/// Starts a task that listens until the pool is closed or the receiver is dropped.
pub(super) fn listen(pool: PgPool, own: NodeId) -> mpsc::Receiver<NodeEvent> {
    let (sender, events) = mpsc::channel(QUEUE_MAX);
    tokio::spawn(run(pool, own, sender));
    events
}

async fn run(pool: PgPool, own: NodeId, events: mpsc::Sender<NodeEvent>) {
    let mut retry_ms = RETRY_MIN_MS;
    while !pool.is_closed() && !events.is_closed() {
        let result = match connect(&pool).await {
            Ok(listener) => {
                retry_ms = RETRY_MIN_MS;
                forward(listener, own, &events).await
            }
            Err(error) => Err(error),
        };
        if pool.is_closed() {
            return;
        }
        if let Err(error) = result {
            warn!(%error, retry_ms, "LISTEN connection lost");
        }
        sleep(Duration::from_millis(jittered(retry_ms))).await;
        retry_ms = (retry_ms * 2).min(RETRY_MAX_MS);
    }
}

async fn connect(pool: &PgPool) -> Result<PgListener, StorageError> {
    let mut listener = PgListener::connect_with(pool).await?;
    // A silent reconnect would hide that notifications were missed.
    listener.eager_reconnect(false);
    listener.listen(CHANNEL).await?;
    Ok(listener)
}

/// Forwards events until the connection is lost or the receiver is dropped.
async fn forward(
    mut listener: PgListener,
    own: NodeId,
    events: &mpsc::Sender<NodeEvent>,
) -> Result<(), StorageError> {
    info!("LISTEN connection established; resyncing sockets");
    let mut next = Some(NodeEvent::Reconnected);
    loop {
        if let Some(event) = next
            && events.send(event).await.is_err()
        {
            return Ok(());
        }
        let probe_after = Duration::from_millis(PROBE_AFTER_MS);
        next = match timeout(probe_after, listener.try_recv()).await {
            Ok(Ok(Some(notification))) => NodeEvent::decode(notification.payload(), own),
            Ok(Ok(None)) => {
                return Err(sqlx::Error::Io(std::io::ErrorKind::ConnectionAborted.into()).into());
            }
            Ok(Err(error)) => return Err(error.into()),
            Err(_) => {
                let limit = Duration::from_millis(PROBE_TIMEOUT_MS);
                let probe = timeout(limit, listener.execute("SELECT 1")).await;
                probe.map_err(|_| StorageError::TimedOut { waited_ms: PROBE_TIMEOUT_MS })??;
                None
            }
        };
    }
}

/// Between half of `wait_ms` and all of it, so that servers do not reconnect at the same time.
fn jittered(wait_ms: u64) -> u64 {
    let part = random::bytes::<1>().map_or(u64::from(u8::MAX), |[byte]| byte.into());
    wait_ms / 2 + wait_ms / 2 * part / u64::from(u8::MAX)
}
