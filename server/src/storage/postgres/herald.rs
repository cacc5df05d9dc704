//! Tells the other servers what this one has committed.
//!
//! Not in the transaction itself: PostgreSQL lets transactions that notify commit only one after
//! the other, in the whole database, each waiting for the disk of the one before. What is told
//! afterwards may get lost with this server, and a hint may.

use std::collections::BTreeMap;

use sqlx::postgres::PgPool;
use tokio::sync::mpsc;
use tracing::debug;
use wizitime_domain::UserId;

use super::super::StorageError;
use super::super::lease::Lease;
use super::super::signal::{NodeId, Signal};
use super::{CHANNEL, bounded};

/// News that wait to be told; more are dropped.
const WAITING_MAX: usize = 1_024;

/// Where news are left. Cloning shares it; with the last clone it ends.
#[derive(Clone, Debug)]
pub(super) struct Herald(mpsc::Sender<(UserId, u64)>);

impl Herald {
    pub(super) fn on(pool: PgPool, own: NodeId) -> Self {
        let (sender, waiting) = mpsc::channel(WAITING_MAX);
        tokio::spawn(work(pool, own, waiting));
        Self(sender)
    }

    /// Has the others told, soon.
    pub(super) fn tell(&self, user_id: UserId, cursor: u64) {
        if self.0.try_send((user_id, cursor)).is_err() {
            debug!(user = %user_id, cursor, "too much to tell");
        }
    }
}

async fn work(pool: PgPool, own: NodeId, mut waiting: mpsc::Receiver<(UserId, u64)>) {
    let mut news = Vec::new();
    while waiting.recv_many(&mut news, WAITING_MAX).await > 0 {
        // Of each account only the newest counts, and it comes last.
        let newest: BTreeMap<UserId, u64> = news.drain(..).collect();
        let write = |(user_id, cursor)| Signal::News { user_id, cursor }.write(own);
        let texts: Vec<String> = newest.into_iter().map(write).collect();
        if let Err(error) = bounded(tell(&pool, texts)).await {
            debug!(%error, "the other servers are not told");
        }
    }
}

async fn tell(pool: &PgPool, texts: Vec<String>) -> Result<(), StorageError> {
    let mut lease = Lease::new(pool.acquire().await?);
    sqlx::query("SELECT pg_notify($1, text) FROM unnest($2::text[]) AS text")
        .bind(CHANNEL)
        .bind(texts)
        .execute(&mut *lease)
        .await?;
    lease.give_back();
    Ok(())
}
