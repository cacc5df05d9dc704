//! Hears what the other servers say.

use std::time::Duration;

use sqlx::Executor as _;
use sqlx::postgres::{PgListener, PgPool};
use tokio::sync::mpsc;
use tokio::time::{sleep, timeout};
use tracing::{info, warn};
use wizitime_protocol::Backoff;

use super::super::StorageError;
use super::super::signal::{NodeId, Signal};
use super::CHANNEL;
use crate::random;

/// Signals that wait to be acted upon; then PostgreSQL keeps what follows.
const WAITING_MAX: usize = 1_024;
/// After so long without a word it is asked whether the connection is still there.
const SILENCE_MS: u64 = 10_000;
/// How long that answer may take.
const PROBE_MS: u64 = 2_000;
/// Nominal delays before listening again, in milliseconds.
const RETRY_DELAYS_MS: [u64; 6] = [150, 300, 600, 1_200, 2_400, 3_750];

/// Listens from now on, until the pool is closed or nobody takes the signals.
pub(super) fn listen(pool: PgPool, own: NodeId) -> mpsc::Receiver<Signal> {
    let (sender, signals) = mpsc::channel(WAITING_MAX);
    tokio::spawn(work(pool, own, sender));
    signals
}

async fn work(pool: PgPool, own: NodeId, signals: mpsc::Sender<Signal>) {
    let mut backoff = Backoff::new(&RETRY_DELAYS_MS);
    while !pool.is_closed() && !signals.is_closed() {
        let ended = match connect(&pool).await {
            Ok(listener) => {
                backoff.reset();
                hear(listener, own, &signals).await
            }
            Err(error) => Err(error),
        };
        if pool.is_closed() {
            return;
        }
        if let Err(error) = ended {
            warn!(%error, "other servers are not heard");
        }
        // Without randomness the servers retry at the same time, which is no error.
        let entropy = random::bytes().map_or(0, u64::from_le_bytes);
        sleep(Duration::from_millis(backoff.next_delay_ms(entropy))).await;
    }
}

async fn connect(pool: &PgPool) -> Result<PgListener, StorageError> {
    let mut listener = PgListener::connect_with(pool).await?;
    // Whoever was deaf for a moment has to know.
    listener.eager_reconnect(false);
    listener.listen(CHANNEL).await?;
    Ok(listener)
}

/// Passes on what is heard until the connection breaks or nobody takes it.
async fn hear(
    mut listener: PgListener,
    own: NodeId,
    signals: &mpsc::Sender<Signal>,
) -> Result<(), StorageError> {
    info!("other servers are heard");
    let mut next = Some(Signal::Resumed);
    loop {
        if let Some(signal) = next
            && signals.send(signal).await.is_err()
        {
            return Ok(());
        }
        let silence = Duration::from_millis(SILENCE_MS);
        next = match timeout(silence, listener.try_recv()).await {
            Ok(Ok(Some(notification))) => Signal::read(notification.payload(), own),
            Ok(Ok(None)) => {
                return Err(sqlx::Error::Io(std::io::ErrorKind::ConnectionAborted.into()).into());
            }
            Ok(Err(error)) => return Err(error.into()),
            Err(_) => {
                let patience = Duration::from_millis(PROBE_MS);
                let answer = timeout(patience, listener.execute("SELECT 1")).await;
                answer.map_err(|_| StorageError::TimedOut { waited_ms: PROBE_MS })??;
                None
            }
        };
    }
}
