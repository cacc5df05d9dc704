//! Operations for events of other servers of the cluster.

use std::collections::BTreeSet;

use wizitime_domain::UserId;
use wizitime_hub::Broadcast;

use super::Registry;
use crate::auth::TokenHash;

impl Registry {
    /// Sends a broadcast to all connections of a user.
    pub(crate) fn broadcast(&self, user_id: UserId, broadcast: &Broadcast) {
        self.lock().of(user_id).for_each(|(_, entry)| entry.broadcast(broadcast));
    }

    /// The sessions that have an open connection: the user and the token of each.
    pub(crate) fn all_sessions(&self) -> BTreeSet<(UserId, TokenHash)> {
        let connections = self.lock();
        let users = connections.by_user.iter();
        users.flat_map(|(user_id, own)| own.values().map(|entry| (*user_id, entry.token))).collect()
    }
}
