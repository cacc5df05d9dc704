//! Notifies other servers of appends.
//!
//! Not in the append's transaction: PostgreSQL serializes the commits of all transactions that
//! notify, in the whole database, each waiting for the previous one's fsync. A notification after
//! the commit can be lost with this server, which is acceptable for a hint.

use std::collections::BTreeMap;

use sqlx::postgres::PgPool;
use tokio::sync::mpsc;
use tracing::debug;
use wizitime_domain::UserId;

use super::super::StorageError;
use super::super::conn_guard::ConnGuard;
use super::super::node_event::{NodeEvent, NodeId};
use super::{CHANNEL, with_timeout};

/// The capacity of the queue; further notifications are dropped.
const QUEUE_MAX: usize = 1_024;

/// The queue of notifications. Clones share it; the task ends with the last clone.
#[derive(Clone, Debug)]
pub(super) struct Notifier(mpsc::Sender<(UserId, u64)>);

impl Notifier {
    /// Starts the task that sends notifications.
    pub(super) fn spawn(pool: PgPool, sender: NodeId) -> Self {
        let (queue, receiver) = mpsc::channel(QUEUE_MAX);
        tokio::spawn(run(pool, sender, receiver));
        Self(queue)
    }

    /// Queues a notification that an account's log ends at `cursor`.
    pub(super) fn notify(&self, user_id: UserId, cursor: u64) {
        if self.0.try_send((user_id, cursor)).is_err() {
            debug!(user = %user_id, cursor, "notify queue full, dropping");
        }
    }
}

async fn run(pool: PgPool, sender: NodeId, mut queue: mpsc::Receiver<(UserId, u64)>) {
    let mut appends = Vec::new();
    while queue.recv_many(&mut appends, QUEUE_MAX).await > 0 {
        // Only the newest cursor of each account, which is the last in the queue.
        let newest: BTreeMap<UserId, u64> = appends.drain(..).collect();
        let encode = |(user_id, cursor)| NodeEvent::Appended { user_id, cursor }.encode(sender);
        let payloads: Vec<String> = newest.into_iter().map(encode).collect();
        if let Err(error) = with_timeout(send(&pool, payloads)).await {
            debug!(%error, "NOTIFY failed");
        }
    }
}

async fn send(pool: &PgPool, payloads: Vec<String>) -> Result<(), StorageError> {
    let mut conn = ConnGuard::new(pool.acquire().await?);
    sqlx::query("SELECT pg_notify($1, text) FROM unnest($2::text[]) AS text")
        .bind(CHANNEL)
        .bind(payloads)
        .execute(&mut *conn)
        .await?;
    conn.release();
    Ok(())
}
