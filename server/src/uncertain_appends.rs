//! Broadcasts for appends that failed with an unknown outcome.
//!
//! The database may have committed an append although its answer was lost. The sender gets the
//! error `unavailable` and sends the batch again, but its device may be offline by then. So the
//! user's sockets learn the cursor of the log as soon as the database can be read again.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::mpsc;
use tokio::time::sleep;
use tracing::{debug, warn};
use wizitime_domain::UserId;
use wizitime_hub::Broadcast;
use wizitime_protocol::messages::NeedToUpdate;

use crate::registry::Registry;
use crate::storage::{Storage, StorageError};

/// Failed appends that wait for the task; the broadcasts of further ones are lost. Many appends
/// can fail at once when the database is lost.
const QUEUE_MAX: usize = 65_536;
/// The wait before failed reads are repeated.
const RETRY_MS: u64 = 1_000;

/// The queue of users with an append of unknown outcome. The task that handles them ends with the
/// queue.
#[derive(Debug)]
pub(crate) struct UncertainAppends(mpsc::Sender<UserId>);

impl UncertainAppends {
    /// Starts the task.
    pub(crate) fn start(storage: &Storage, registry: &Arc<Registry>) -> Self {
        let (sender, queue) = mpsc::channel(QUEUE_MAX);
        tokio::spawn(run(storage.clone(), Arc::clone(registry), queue));
        Self(sender)
    }

    /// An append of this user failed, but may have been committed.
    pub(crate) fn add(&self, user_id: UserId) {
        if self.0.try_send(user_id).is_err() {
            warn!(user = %user_id, "too many failed appends: no broadcast");
        }
    }
}

async fn run(storage: Storage, registry: Arc<Registry>, mut queue: mpsc::Receiver<UserId>) {
    while let Some(first) = queue.recv().await {
        let mut users = BTreeSet::from([first]);
        while !users.is_empty() {
            while let Ok(user_id) = queue.try_recv() {
                users.insert(user_id);
            }
            for user_id in std::mem::take(&mut users) {
                if let Err(error) = announce(&storage, &registry, user_id).await {
                    debug!(user = %user_id, %error, "no cursor to broadcast yet");
                    users.insert(user_id);
                }
            }
            if !users.is_empty() {
                if queue.is_closed() {
                    return;
                }
                sleep(Duration::from_millis(RETRY_MS)).await;
            }
        }
    }
}

async fn announce(
    storage: &Storage,
    registry: &Registry,
    user_id: UserId,
) -> Result<(), StorageError> {
    let cursor = storage.settled_cursor(user_id).await?;
    let msg = "an append may have been committed".to_owned();
    registry.broadcast(user_id, &Broadcast::new(user_id, &NeedToUpdate { cursor, msg }));
    Ok(())
}
