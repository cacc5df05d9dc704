//! What other servers on the same database did, told to the sockets of this one.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::sleep;
use tracing::warn;
use wizitime_domain::UserId;
use wizitime_hub::Broadcast;
use wizitime_protocol::messages::NeedToUpdate;

use crate::clock;
use crate::socket::Registry;
use crate::storage::{Signal, Storage, StorageError};

/// How long to wait before looking into a database again that did not answer.
const RETRY_MS: u64 = 1_000;

/// Follows the others until the database is closed.
pub(crate) fn follow(storage: &Storage, registry: &Arc<Registry>) {
    let Some(mut signals) = storage.signals() else { return };
    let (storage, registry) = (storage.clone(), Arc::clone(registry));
    tokio::spawn(async move {
        while let Some(signal) = signals.recv().await {
            match signal {
                Signal::News { user_id, cursor } => registry.tell(user_id, &news(user_id, cursor)),
                Signal::Revoked { user_id, only: Some(hash) } => registry.revoke(user_id, &[hash]),
                Signal::Revoked { user_id, only: None } => registry.revoke_all(user_id),
                Signal::Resumed => {
                    while let Err(error) = look_again(&storage, &registry).await {
                        if signals.is_closed() {
                            return;
                        }
                        warn!(%error, "what others did meanwhile is not known yet");
                        sleep(Duration::from_millis(RETRY_MS)).await;
                    }
                }
            }
        }
    });
}

/// Finds out what was missed, one socket after the other: there may be many.
async fn look_again(storage: &Storage, registry: &Registry) -> Result<(), StorageError> {
    for (user_id, token) in registry.everybody() {
        if storage.signed_in(&token, clock::now()).await?.is_none() {
            registry.revoke(user_id, &[token]);
        } else {
            let cursor = storage.head(user_id).await?.cursor;
            registry.tell(user_id, &news(user_id, cursor));
        }
    }
    Ok(())
}

fn news(user_id: UserId, cursor: u64) -> Broadcast {
    let msg = "changed through another server".to_owned();
    Broadcast::new(user_id, &NeedToUpdate { cursor, msg })
}
