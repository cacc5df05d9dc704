//! The events that the server acknowledged.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::watch;
use wizitime_domain::UserId;
use wizitime_server_support::server_process::Account;

/// Clones share the events.
#[derive(Clone)]
pub(crate) struct Acknowledged {
    /// The account and the id of each.
    events: Arc<Mutex<BTreeSet<(UserId, String)>>>,
    batches: watch::Sender<u64>,
}

impl Default for Acknowledged {
    fn default() -> Self {
        Self { events: Arc::default(), batches: watch::Sender::new(0) }
    }
}

impl Acknowledged {
    /// The server acknowledged a batch.
    pub(crate) fn add(&self, account: &Account, ids: Vec<String>) {
        self.lock().extend(ids.into_iter().map(|id| (account.user_id, id)));
        self.batches.send_modify(|count| *count += 1);
    }

    /// Waits for this many further batches.
    pub(crate) async fn wait_for_batches(&self, count: u64) {
        let mut batches = self.batches.subscribe();
        let enough = *batches.borrow() + count;
        batches.wait_for(|count| *count >= enough).await.unwrap();
    }

    /// The account and the id of each event.
    pub(crate) fn events(&self) -> BTreeSet<(UserId, String)> {
        self.lock().clone()
    }

    fn lock(&self) -> MutexGuard<'_, BTreeSet<(UserId, String)>> {
        self.events.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
