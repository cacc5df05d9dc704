//! The open socket connections, and how other tasks reach them.

mod cluster;
mod limits;
mod status;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::watch;
use wizitime_domain::UserId;
use wizitime_hub::{Broadcast, CloseCode};

use crate::auth::TokenHash;
pub use limits::SocketLimits;

/// Pending commands of other tasks to a connection. Only the newest broadcast is kept, because a
/// broadcast is a hint that carries the log's newest cursor; so nothing queues.
#[derive(Clone, Debug, Default)]
pub(crate) struct ConnCommand {
    pub(crate) broadcast: Option<Broadcast>,
    pub(crate) close_code: Option<CloseCode>,
}

#[derive(Debug)]
struct Entry {
    token: TokenHash,
    command: watch::Sender<ConnCommand>,
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

/// The reached limit on open connections.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum LimitExceeded {
    /// [`SocketLimits::per_user`]
    User,
    /// [`SocketLimits::server`]
    Server,
}

/// A registered connection; dropping it unregisters the connection.
#[derive(Debug)]
pub(crate) struct Registration {
    registry: Arc<Registry>,
    user_id: UserId,
    id: u64,
    pub(crate) command: watch::Receiver<ConnCommand>,
}

impl Registry {
    /// Registers a connection. While the server is stopping, its command tells it to close.
    ///
    /// # Errors
    /// If a limit on open connections is reached.
    pub(crate) fn register(
        self: &Arc<Self>,
        user_id: UserId,
        token: TokenHash,
        limits: SocketLimits,
    ) -> Result<Registration, LimitExceeded> {
        let mut connections = self.lock();
        if connections.by_user.get(&user_id).is_some_and(|own| own.len() >= limits.per_user) {
            return Err(LimitExceeded::User);
        }
        if *self.open.borrow() >= limits.server {
            return Err(LimitExceeded::Server);
        }
        connections.last_id += 1;
        let id = connections.last_id;
        let close_code = connections.stopping.then_some(CloseCode::ServiceRestart);
        let (sender, command) = watch::channel(ConnCommand { broadcast: None, close_code });
        // A receiver sees only changes after its creation.
        sender.send_modify(|_| ());
        let entry = Entry { token, command: sender };
        connections.by_user.entry(user_id).or_default().insert(id, entry);
        self.open.send_modify(|open| *open += 1);
        drop(connections);
        Ok(Registration { registry: Arc::clone(self), user_id, id, command })
    }

    /// Closes the user's connections that were opened with these tokens.
    pub(crate) fn revoke(&self, user_id: UserId, tokens: &[TokenHash]) {
        let connections = self.lock();
        let revoked = connections.of(user_id).filter(|(_, entry)| tokens.contains(&entry.token));
        revoked.for_each(|(_, entry)| entry.close(CloseCode::GoingAway));
    }

    /// Closes all connections of a user.
    pub(crate) fn revoke_all(&self, user_id: UserId) {
        self.lock().of(user_id).for_each(|(_, entry)| entry.close(CloseCode::GoingAway));
    }

    /// Closes all connections, and every one that registers from now on.
    pub(crate) fn stop(&self) {
        let mut connections = self.lock();
        connections.stopping = true;
        for entry in connections.by_user.values().flat_map(BTreeMap::values) {
            entry.close(CloseCode::ServiceRestart);
        }
    }

    /// Waits until exactly `count` connections are open.
    pub(crate) async fn wait_for_count(&self, count: usize) {
        // An error means that the registry was dropped, and with it every connection.
        let _ = self.open.subscribe().wait_for(|open| *open == count).await;
    }

    fn lock(&self) -> MutexGuard<'_, Connections> {
        self.connections.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Connections {
    /// The connections of a user, by connection id.
    fn of(&self, user_id: UserId) -> impl Iterator<Item = (&u64, &Entry)> {
        self.by_user.get(&user_id).into_iter().flatten()
    }
}

impl Entry {
    fn broadcast(&self, broadcast: &Broadcast) {
        self.command.send_if_modified(|command| {
            let last = command.broadcast.as_ref();
            let is_newer = last.is_none_or(|last| last.cursor() < broadcast.cursor());
            if is_newer {
                command.broadcast = Some(broadcast.clone());
            }
            is_newer
        });
    }

    /// Requests a close; the first close code is kept.
    fn close(&self, code: CloseCode) {
        self.command.send_modify(|command| {
            command.close_code.get_or_insert(code);
        });
    }
}

impl Registration {
    /// Sends a broadcast to the user's other connections.
    pub(crate) fn broadcast(&self, broadcast: &Broadcast) {
        let connections = self.registry.lock();
        let others = connections.of(self.user_id).filter(|(id, _)| **id != self.id);
        others.for_each(|(_, entry)| entry.broadcast(broadcast));
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
