//! Socket tokens, in memory: an SQLite file has only one server, and a connecting client need not
//! wait for the disk. After a restart clients request new tokens.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use wizitime_domain::Timestamp;

use super::super::{NewSocketToken, SOCKET_TOKENS_MAX, SocketAuth, StorageError};
use super::Sqlite;
use crate::auth::TokenHash;

/// Expired tokens are removed when the number of tokens has doubled since the last clean-up, but
/// not below this number.
const CLEAN_UP_MIN: usize = 1_024;

/// All socket tokens. Clones share them.
#[derive(Clone, Debug, Default)]
pub(super) struct SocketTokens(Arc<Mutex<TokenTable>>);

#[derive(Debug, Default)]
struct TokenTable {
    /// The session and the expiry of each socket token.
    by_hash: BTreeMap<TokenHash, (TokenHash, Timestamp)>,
    /// Session, number and hash of each socket token, ordered by creation within a session.
    by_session: BTreeSet<(TokenHash, u64, TokenHash)>,
    /// The number of the last token.
    last_number: u64,
    /// The number of tokens after the last clean-up.
    remaining: usize,
}

impl Sqlite {
    pub(crate) async fn add_socket_token(
        &self,
        token: NewSocketToken,
    ) -> Result<bool, StorageError> {
        if self.authenticate(&token.session, token.created_at).await?.is_none() {
            return Ok(false);
        }
        self.socket_tokens.lock().add(&token);
        Ok(true)
    }

    pub(crate) async fn authenticate_socket(
        &self,
        hash: &TokenHash,
        now: Timestamp,
    ) -> Result<Option<SocketAuth>, StorageError> {
        let session = self.socket_tokens.lock().session(hash, now).unwrap_or(*hash);
        let signed_in = self.authenticate(&session, now).await?;
        Ok(signed_in.map(|it| SocketAuth {
            user_id: it.user_id,
            session,
            expires_at: it.expires_at,
        }))
    }
}

impl SocketTokens {
    fn lock(&self) -> MutexGuard<'_, TokenTable> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl TokenTable {
    fn add(&mut self, token: &NewSocketToken) {
        let NewSocketToken { session, hash, created_at, expires_at, .. } = *token;
        if self.by_hash.len() >= CLEAN_UP_MIN.max(self.remaining * 2) {
            self.by_hash.retain(|_, (_, expires_at)| *expires_at > created_at);
            self.by_session.retain(|(.., hash)| self.by_hash.contains_key(hash));
            self.remaining = self.by_hash.len();
        }
        let first = (session, 0, TokenHash::from_bytes([0; 32]));
        let mut own = self.by_session.range(first..).take_while(|(of, ..)| *of == session);
        let oldest = own.next().copied();
        if let Some(oldest) = oldest.filter(|_| own.count() + 1 >= SOCKET_TOKENS_MAX) {
            self.by_session.remove(&oldest);
            self.by_hash.remove(&oldest.2);
        }
        self.last_number += 1;
        self.by_session.insert((session, self.last_number, hash));
        self.by_hash.insert(hash, (session, expires_at));
    }

    fn session(&self, hash: &TokenHash, now: Timestamp) -> Option<TokenHash> {
        let (session, expires_at) = self.by_hash.get(hash)?;
        (*expires_at > now).then_some(*session)
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
    fn expired_tokens_are_removed() {
        let mut table = TokenTable::default();
        for number in 0..10 * CLEAN_UP_MIN {
            table.add(&token((number % 200) as u8, number, (number * 10) as i64));
        }
        assert!(table.by_hash.len() <= CLEAN_UP_MIN, "{}", table.by_hash.len());
        assert_eq!(table.by_hash.len(), table.by_session.len());
    }
}
