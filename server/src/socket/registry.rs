//! Which connections are open, and how to reach them.

mod others;
mod state;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::watch;
use wizitime_domain::UserId;
use wizitime_hub::{Broadcast, CloseCode};

use super::SocketLimits;
use crate::auth::TokenHash;

/// What others have for a connection. News are hints: only the newest counts, so nothing queues.
#[derive(Clone, Debug, Default)]
pub(crate) struct Mailbox {
    pub(crate) news: Option<Broadcast>,
    pub(crate) ending: Option<CloseCode>,
}

#[derive(Debug)]
struct Entry {
    token: TokenHash,
    mailbox: watch::Sender<Mailbox>,
}

#[derive(Debug, Default)]
struct Connections {
    last_id: u64,
    stopping: bool,
    by_user: BTreeMap<UserId, BTreeMap<u64, Entry>>,
}

/// All open connections, by user.
#[derive(Debug, Default)]
pub(crate) struct Registry {
    connections: Mutex<Connections>,
    open: watch::Sender<usize>,
}

/// Why there is no place in the registry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TooMany {
    /// This person has as many connections as one may have.
    OfOne,
    /// All have, together.
    OfAll,
}

/// A connection's place in the registry; dropping it gives it up.
#[derive(Debug)]
pub(crate) struct Registration {
    registry: Arc<Registry>,
    user_id: UserId,
    id: u64,
    pub(crate) mailbox: watch::Receiver<Mailbox>,
}

impl Registry {
    /// Enters a connection. While the server stops, it finds at once that it has to end.
    ///
    /// # Errors
    /// If there are as many already as there may be.
    pub(crate) fn register(
        self: &Arc<Self>,
        user_id: UserId,
        token: TokenHash,
        limits: SocketLimits,
    ) -> Result<Registration, TooMany> {
        let mut connections = self.lock();
        if connections.by_user.get(&user_id).is_some_and(|own| own.len() >= limits.per_user) {
            return Err(TooMany::OfOne);
        }
        if *self.open.borrow() >= limits.all {
            return Err(TooMany::OfAll);
        }
        connections.last_id += 1;
        let id = connections.last_id;
        let ending = connections.stopping.then_some(CloseCode::ServiceRestart);
        let (sender, mailbox) = watch::channel(Mailbox::default());
        sender.send_modify(|mailbox| mailbox.ending = ending);
        let entry = Entry { token, mailbox: sender };
        connections.by_user.entry(user_id).or_default().insert(id, entry);
        self.open.send_modify(|open| *open += 1);
        drop(connections);
        Ok(Registration { registry: Arc::clone(self), user_id, id, mailbox })
    }

    /// Ends a user's connections that were opened with these tokens.
    pub(crate) fn revoke(&self, user_id: UserId, tokens: &[TokenHash]) {
        let connections = self.lock();
        let hit = connections.of(user_id).filter(|(_, entry)| tokens.contains(&entry.token));
        hit.for_each(|(_, entry)| entry.end(CloseCode::GoingAway));
    }

    /// Ends all connections of a user.
    pub(crate) fn revoke_all(&self, user_id: UserId) {
        self.lock().of(user_id).for_each(|(_, entry)| entry.end(CloseCode::GoingAway));
    }

    /// Ends all connections and lets none begin.
    pub(crate) fn stop(&self) {
        let mut connections = self.lock();
        connections.stopping = true;
        for entry in connections.by_user.values().flat_map(BTreeMap::values) {
            entry.end(CloseCode::ServiceRestart);
        }
    }

    /// Waits until just so many connections are open.
    pub(crate) async fn count_is(&self, count: usize) {
        // An error would say that the registry is gone, and with it every connection.
        let _ = self.open.subscribe().wait_for(|open| *open == count).await;
    }

    fn lock(&self) -> MutexGuard<'_, Connections> {
        self.connections.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Connections {
    /// The connections of a user, by their numbers.
    fn of(&self, user_id: UserId) -> impl Iterator<Item = (&u64, &Entry)> {
        self.by_user.get(&user_id).into_iter().flatten()
    }
}

impl Entry {
    fn tell(&self, news: &Broadcast) {
        self.mailbox.send_if_modified(|mailbox| {
            let newer = mailbox.news.as_ref().is_none_or(|old| old.cursor() < news.cursor());
            if newer {
                mailbox.news = Some(news.clone());
            }
            newer
        });
    }

    fn end(&self, code: CloseCode) {
        self.mailbox.send_modify(|mailbox| mailbox.ending = Some(mailbox.ending.unwrap_or(code)));
    }
}

impl Registration {
    /// Tells the user's other connections.
    pub(crate) fn broadcast(&self, news: &Broadcast) {
        let connections = self.registry.lock();
        let others = connections.of(self.user_id).filter(|(id, _)| **id != self.id);
        others.for_each(|(_, entry)| entry.tell(news));
    }
}

impl Drop for Registration {
    fn drop(&mut self) {
        let mut connections = self.registry.lock();
        if let Some(own) = connections.by_user.get_mut(&self.user_id) {
            own.remove(&self.id);
            if own.is_empty() {
                connections.by_user.remove(&self.user_id);
            }
        }
        drop(connections);
        self.registry.open.send_modify(|open| *open -= 1);
    }
}
