//! Socket tokens, in a table: a token from one server opens a socket on any other.

use sqlx::Connection as _;
use wizitime_domain::Timestamp;

use super::super::account::SocketAuthRow;
use super::super::{NewSocketToken, SOCKET_TOKENS_MAX, SocketAuth, StorageError};
use super::{Postgres, with_timeout};
use crate::auth::TokenHash;

impl Postgres {
    pub(crate) async fn add_socket_token(
        &self,
        token: NewSocketToken,
    ) -> Result<bool, StorageError> {
        with_timeout(async {
            let mut conn = self.acquire().await?;
            let mut transaction = conn.begin().await?;
            // The row lock serializes the requests of a session. The commit does not wait for the
            // disk, because a client requests a lost token again.
            let session = sqlx::query(
                "SELECT set_config('synchronous_commit', 'off', true) FROM tokens \
                 WHERE user_id = $1 AND token_hash = $2 FOR NO KEY UPDATE",
            )
            .bind(&token.user_id.as_bytes()[..])
            .bind(token.session.as_bytes())
            .fetch_optional(&mut *transaction)
            .await?;
            if session.is_some() {
                sqlx::query(
                    "DELETE FROM socket_tokens WHERE user_id = $1 AND token_hash = $2 \
                     AND (expires_at <= $3 OR socket_hash IN ( \
                       SELECT socket_hash FROM socket_tokens \
                       WHERE user_id = $1 AND token_hash = $2 \
                       ORDER BY expires_at DESC, socket_hash OFFSET $4))",
                )
                .bind(&token.user_id.as_bytes()[..])
                .bind(token.session.as_bytes())
                .bind(token.created_at.as_ms())
                .bind(SOCKET_TOKENS_MAX as i64 - 1)
                .execute(&mut *transaction)
                .await?;
                // Later than the others of the session, so that the order of expiry is that of
                // creation, even of tokens of the same millisecond.
                sqlx::query(
                    "INSERT INTO socket_tokens (user_id, token_hash, socket_hash, expires_at) \
                     SELECT $1, $2, $3, greatest($4, max(expires_at) + 1) FROM socket_tokens \
                     WHERE user_id = $1 AND token_hash = $2",
                )
                .bind(&token.user_id.as_bytes()[..])
                .bind(token.session.as_bytes())
                .bind(token.hash.as_bytes())
                .bind(token.expires_at.as_ms())
                .execute(&mut *transaction)
                .await?;
            }
            transaction.commit().await?;
            conn.release();
            Ok(session.is_some())
        })
        .await
    }

    pub(crate) async fn authenticate_socket(
        &self,
        hash: &TokenHash,
        now: Timestamp,
    ) -> Result<Option<SocketAuth>, StorageError> {
        with_timeout(async {
            let mut conn = self.acquire().await?;
            let row: Option<SocketAuthRow> = sqlx::query_as(
                "SELECT user_id, token_hash, expires_at FROM tokens \
                 WHERE token_hash = $1 AND expires_at > $2 \
                 UNION ALL \
                 SELECT tokens.user_id, tokens.token_hash, tokens.expires_at FROM socket_tokens \
                 JOIN tokens ON tokens.user_id = socket_tokens.user_id \
                 AND tokens.token_hash = socket_tokens.token_hash \
                 WHERE socket_tokens.socket_hash = $1 AND socket_tokens.expires_at > $2 \
                 AND tokens.expires_at > $2",
            )
            .bind(hash.as_bytes())
            .bind(now.as_ms())
            .fetch_optional(&mut *conn)
            .await?;
            conn.release();
            row.map(SocketAuth::from_row).transpose()
        })
        .await
    }
}
