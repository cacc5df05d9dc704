//! Applies the events of other servers and commands on the same database to the sockets of this
//! server.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::sleep;
use tracing::warn;
use wizitime_domain::UserId;
use wizitime_hub::Broadcast;
use wizitime_protocol::messages::NeedToUpdate;

use crate::clock;
use crate::registry::Registry;
use crate::storage::{NodeEvent, Storage, StorageError};

/// The wait before a failed resync is repeated.
const RESYNC_RETRY_MS: u64 = 1_000;

/// Starts a task that applies node events until the database is closed.
pub(crate) fn subscribe(storage: &Storage, registry: &Arc<Registry>) {
    let mut events = storage.node_events();
    let (storage, registry) = (storage.clone(), Arc::clone(registry));
    tokio::spawn(async move {
        while let Some(event) = events.recv().await {
            match event {
                NodeEvent::Appended { user_id, cursor } => {
                    registry.broadcast(user_id, &broadcast(user_id, cursor));
                }
                NodeEvent::Revoked { user_id, token: Some(hash) } => {
                    registry.revoke(user_id, &[hash]);
                }
                NodeEvent::Revoked { user_id, token: None } => registry.revoke_all(user_id),
                NodeEvent::AccountsChanged | NodeEvent::Reconnected => {
                    let has_new_events = event == NodeEvent::Reconnected;
                    while let Err(error) = resync(&storage, &registry, has_new_events).await {
                        if events.is_closed() {
                            return;
                        }
                        warn!(%error, retry_ms = RESYNC_RETRY_MS, "socket resync failed");
                        sleep(Duration::from_millis(RESYNC_RETRY_MS)).await;
                    }
                }
            }
        }
    });
}

/// Checks the token of every open session, and the cursor if there may be new events, one after the
/// other so that a server with many sockets does not flood the database.
async fn resync(
    storage: &Storage,
    registry: &Registry,
    has_new_events: bool,
) -> Result<(), StorageError> {
    for (user_id, token) in registry.all_sessions() {
        if storage.authenticate(&token, clock::now()).await?.is_none() {
            registry.revoke(user_id, &[token]);
        } else if has_new_events {
            let cursor = storage.head(user_id).await?.cursor;
            registry.broadcast(user_id, &broadcast(user_id, cursor));
        }
    }
    Ok(())
}

fn broadcast(user_id: UserId, cursor: u64) -> Broadcast {
    let msg = "changed through another server".to_owned();
    Broadcast::new(user_id, &NeedToUpdate { cursor, msg })
}
