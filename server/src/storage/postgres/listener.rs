//! Receives the events of other servers (LISTEN).

use std::time::Duration;

use sqlx::Executor as _;
use sqlx::postgres::{PgListener, PgPool};
use tokio::sync::mpsc;
use tokio::time::{sleep, timeout};
use tracing::{info, warn};
use wizitime_protocol::Backoff;

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
/// Nominal delays before a reconnect.
const RETRY_DELAYS_MS: [u64; 6] = [150, 300, 600, 1_200, 2_400, 3_750];

/// Starts a task that listens until the pool is closed or the receiver is dropped.
pub(super) fn listen(pool: PgPool, own: NodeId) -> mpsc::Receiver<NodeEvent> {
    let (sender, events) = mpsc::channel(QUEUE_MAX);
    tokio::spawn(run(pool, own, sender));
    events
}

async fn run(pool: PgPool, own: NodeId, events: mpsc::Sender<NodeEvent>) {
    let mut backoff = Backoff::new(&RETRY_DELAYS_MS);
    while !pool.is_closed() && !events.is_closed() {
        let result = match connect(&pool).await {
            Ok(listener) => {
                backoff.reset();
                forward(listener, own, &events).await
            }
            Err(error) => Err(error),
        };
        if pool.is_closed() {
            return;
        }
        // Without randomness the servers only retry at the same time.
        let entropy = random::bytes().map_or(0, u64::from_le_bytes);
        let retry_ms = backoff.next_delay_ms(entropy);
        if let Err(error) = result {
            warn!(%error, retry_ms, "LISTEN connection lost");
        }
        sleep(Duration::from_millis(retry_ms)).await;
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
