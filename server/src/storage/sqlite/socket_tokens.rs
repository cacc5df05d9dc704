//! What opens sockets, in memory: an SQLite file has one server, and whoever connects need not wait
//! for a disk. After a restart clients ask for another.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use wizitime_domain::Timestamp;

use super::super::{Admitted, NewSocketToken, SOCKET_TOKENS_MAX, StorageError};
use super::Sqlite;
use crate::auth::TokenHash;

/// What has expired is cleared away when there is twice as much as was left the last time, and at
/// least so much.
const CLEARED_FROM: usize = 1_024;

/// All that were given out. Cloning shares them.
#[derive(Clone, Debug, Default)]
pub(super) struct SocketTokens(Arc<Mutex<Held>>);

#[derive(Debug, Default)]
struct Held {
    /// The session that a token opens a socket for, and until when.
    by_hash: BTreeMap<TokenHash, (TokenHash, Timestamp)>,
    /// The tokens of each session, the one that expires first before the others.
    by_session: BTreeSet<(TokenHash, Timestamp, TokenHash)>,
    /// How many there were when it was last cleared.
    left: usize,
}

impl Sqlite {
    pub(crate) async fn add_socket_token(
        &self,
        token: NewSocketToken,
    ) -> Result<bool, StorageError> {
        if self.signed_in(&token.session, token.created_at).await?.is_none() {
            return Ok(false);
        }
        self.socket_tokens.lock().add(&token);
        Ok(true)
    }

    pub(crate) async fn admitted(
        &self,
        hash: &TokenHash,
        now: Timestamp,
    ) -> Result<Option<Admitted>, StorageError> {
        let session = self.socket_tokens.lock().session(hash, now).unwrap_or(*hash);
        let signed_in = self.signed_in(&session, now).await?;
        Ok(signed_in.map(|it| Admitted { user_id: it.user_id, session, expires_at: it.expires_at }))
    }
}

impl SocketTokens {
    fn lock(&self) -> MutexGuard<'_, Held> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Held {
    fn add(&mut self, token: &NewSocketToken) {
        let NewSocketToken { session, hash, created_at, expires_at, .. } = *token;
        if self.by_hash.len() >= CLEARED_FROM.max(self.left * 2) {
            self.by_session.retain(|(_, until, _)| *until > created_at);
            self.by_hash.retain(|_, (_, until)| *until > created_at);
            self.left = self.by_hash.len();
        }
        let first = (session, Timestamp::MIN, TokenHash::from_bytes([0; 32]));
        let mut own = self.by_session.range(first..).take_while(|(of, ..)| *of == session);
        let oldest = own.next().copied();
        if let Some(oldest) = oldest.filter(|_| own.count() + 1 >= SOCKET_TOKENS_MAX) {
            self.by_session.remove(&oldest);
            self.by_hash.remove(&oldest.2);
        }
        self.by_session.insert((session, expires_at, hash));
        self.by_hash.insert(hash, (session, expires_at));
    }

    fn session(&self, hash: &TokenHash, now: Timestamp) -> Option<TokenHash> {
        let (session, until) = self.by_hash.get(hash)?;
        (*until > now).then_some(*session)
    }
}

#[cfg(test)]
mod tests {
    use wizitime_domain::UserId;

    use super::*;

    fn token(session: u8, number: usize, at: i64) -> NewSocketToken {
        let mut hash = [0; 32];
        hash[..8].copy_from_slice(&number.to_be_bytes());
        NewSocketToken {
            user_id: UserId::from_bytes([7; 16]),
            session: TokenHash::from_bytes([session; 32]),
            hash: TokenHash::from_bytes(hash),
            created_at: Timestamp::from_ms(at).unwrap(),
            expires_at: Timestamp::from_ms(at + 10).unwrap(),
        }
    }

    #[test]
    fn what_has_expired_takes_no_room() {
        let mut held = Held::default();
        for number in 0..10 * CLEARED_FROM {
            held.add(&token((number % 200) as u8, number, (number * 10) as i64));
        }
        assert!(held.by_hash.len() <= CLEARED_FROM, "{}", held.by_hash.len());
        assert_eq!(held.by_hash.len(), held.by_session.len());
    }
}
