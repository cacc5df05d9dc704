//! What concerns the connections of this server although it happened at another.

use std::collections::BTreeSet;

use wizitime_domain::UserId;
use wizitime_hub::Broadcast;

use super::Registry;
use crate::auth::TokenHash;

impl Registry {
    /// Tells all connections of a user.
    pub(crate) fn tell(&self, user_id: UserId, news: &Broadcast) {
        self.lock().of(user_id).for_each(|(_, entry)| entry.tell(news));
    }

    /// Who is connected, and with which token.
    pub(crate) fn everybody(&self) -> BTreeSet<(UserId, TokenHash)> {
        let connections = self.lock();
        let users = connections.by_user.iter();
        users.flat_map(|(user_id, own)| own.values().map(|entry| (*user_id, entry.token))).collect()
    }
}
