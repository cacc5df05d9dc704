//! Accounts and session tokens.

use sqlx::Connection as _;
use sqlx::postgres::PgConnection;
use wizitime_domain::{Timestamp, UserId};

use super::super::account::{
    DeviceSessionRow, SignedInUserRow, TokenFilter, UserRow, token_hashes,
};
use super::super::node_event::{NodeEvent, NodeId};
use super::super::{
    DeviceSession, NewToken, Revocation, SESSIONS_MAX, SignedInUser, StorageError, User,
};
use super::two_step::end_enrolment;
use super::{CHANNEL, Postgres, with_timeout};
use crate::auth::TokenHash;

impl Postgres {
    pub(crate) async fn add_token(
        &self,
        token: NewToken,
    ) -> Result<Option<Vec<TokenHash>>, StorageError> {
        with_timeout(async {
            let mut conn = self.acquire().await?;
            let mut transaction = conn.begin().await?;
            sqlx::query("DELETE FROM tokens WHERE user_id = $1 AND expires_at <= $2")
                .bind(&token.user_id.as_bytes()[..])
                .bind(token.created_at.as_ms())
                .execute(&mut *transaction)
                .await?;
            let rows: Vec<(Vec<u8>,)> = sqlx::query_as(
                "DELETE FROM tokens WHERE user_id = $1 AND token_hash IN ( \
                   SELECT token_hash FROM tokens WHERE user_id = $1 \
                   ORDER BY created_at DESC, token_hash OFFSET $2) \
                 RETURNING token_hash",
            )
            .bind(&token.user_id.as_bytes()[..])
            .bind(SESSIONS_MAX as i64 - 1)
            .fetch_all(&mut *transaction)
            .await?;
            let revoked = token_hashes(&rows)?;
            notify_revoked(&mut transaction, self.node_id, token.user_id, &revoked).await?;
            let is_added = insert_token(&mut transaction, &token).await?;
            transaction.commit().await?;
            conn.release();
            Ok(is_added.then_some(revoked))
        })
        .await
    }

    pub(crate) async fn revoke(
        &self,
        user_id: UserId,
        scope: Revocation,
    ) -> Result<Vec<TokenHash>, StorageError> {
        with_timeout(async {
            let mut conn = self.acquire().await?;
            let mut transaction = conn.begin().await?;
            let revoked = delete_tokens(&mut transaction, user_id, scope).await?;
            notify_revoked(&mut transaction, self.node_id, user_id, &revoked).await?;
            transaction.commit().await?;
            conn.release();
            Ok(revoked)
        })
        .await
    }

    pub(crate) async fn change_password(
        &self,
        user_id: UserId,
        password_hash: String,
        kept: TokenHash,
    ) -> Result<Vec<TokenHash>, StorageError> {
        with_timeout(async {
            let mut conn = self.acquire().await?;
            let mut transaction = conn.begin().await?;
            // In the order in which `set_password` locks the rows.
            sqlx::query("DELETE FROM password_links WHERE user_id = $1")
                .bind(&user_id.as_bytes()[..])
                .execute(&mut *transaction)
                .await?;
            end_enrolment(&mut transaction, user_id).await?;
            sqlx::query("UPDATE users SET password_hash = $1 WHERE user_id = $2")
                .bind(password_hash)
                .bind(&user_id.as_bytes()[..])
                .execute(&mut *transaction)
                .await?;
            let others = Revocation::Others(kept);
            let revoked = delete_tokens(&mut transaction, user_id, others).await?;
            notify_revoked(&mut transaction, self.node_id, user_id, &revoked).await?;
            transaction.commit().await?;
            conn.release();
            Ok(revoked)
        })
        .await
    }

    pub(crate) async fn delete_account(&self, user_id: UserId) -> Result<(), StorageError> {
        with_timeout(async {
            let mut conn = self.acquire().await?;
            let mut transaction = conn.begin().await?;
            for lock in [
                // In the order of the other transactions, of which some add rows that refer to the
                // account.
                "SELECT 1 FROM password_links WHERE user_id = $1 FOR UPDATE",
                "SELECT 1 FROM two_step WHERE user_id = $1 FOR UPDATE",
                // The same lock as an append: a concurrent append commits before or fails.
                "SELECT 1 FROM users WHERE user_id = $1 FOR UPDATE",
            ] {
                let lock = sqlx::query(lock).bind(&user_id.as_bytes()[..]);
                lock.execute(&mut *transaction).await?;
            }
            for deletion in [
                "DELETE FROM catalog WHERE user_id = $1",
                "DELETE FROM time_entries WHERE user_id = $1",
                "DELETE FROM events WHERE user_id = $1",
                "DELETE FROM tokens WHERE user_id = $1",
                "DELETE FROM password_links WHERE user_id = $1",
                "DELETE FROM two_step WHERE user_id = $1",
                "DELETE FROM recovery_codes WHERE user_id = $1",
                "DELETE FROM oidc_codes WHERE user_id = $1",
                "DELETE FROM oidc_identities WHERE user_id = $1",
                "DELETE FROM audit WHERE user_id = $1",
                "DELETE FROM users WHERE user_id = $1",
            ] {
                let deletion = sqlx::query(deletion).bind(&user_id.as_bytes()[..]);
                deletion.execute(&mut *transaction).await?;
            }
            let all = NodeEvent::Revoked { user_id, token: None };
            notify(&mut transaction, self.node_id, all).await?;
            transaction.commit().await?;
            conn.release();
            Ok(())
        })
        .await
    }

    pub(crate) async fn devices(
        &self,
        user_id: UserId,
        now: Timestamp,
    ) -> Result<Vec<DeviceSession>, StorageError> {
        with_timeout(async {
            let mut conn = self.acquire().await?;
            let rows: Vec<DeviceSessionRow> = sqlx::query_as(
                "SELECT device_id, token_hash, created_at, expires_at FROM tokens \
                 WHERE user_id = $1 AND expires_at > $2 ORDER BY created_at, token_hash",
            )
            .bind(&user_id.as_bytes()[..])
            .bind(now.as_ms())
            .fetch_all(&mut *conn)
            .await?;
            conn.release();
            rows.into_iter().map(DeviceSession::from_row).collect()
        })
        .await
    }

    pub(crate) async fn find_user(&self, email: &str) -> Result<Option<User>, StorageError> {
        with_timeout(async {
            let mut conn = self.acquire().await?;
            let row: Option<UserRow> = sqlx::query_as(
                "SELECT user_id, email, password_hash, disabled_at IS NOT NULL FROM users \
                 WHERE email = $1",
            )
            .bind(email)
            .fetch_optional(&mut *conn)
            .await?;
            conn.release();
            row.map(User::from_row).transpose()
        })
        .await
    }

    pub(crate) async fn authenticate(
        &self,
        hash: &TokenHash,
        now: Timestamp,
    ) -> Result<Option<SignedInUser>, StorageError> {
        with_timeout(async {
            let mut conn = self.acquire().await?;
            let row: Option<SignedInUserRow> = sqlx::query_as(
                "SELECT users.user_id, users.email, tokens.expires_at FROM tokens \
                 JOIN users ON users.user_id = tokens.user_id \
                 WHERE tokens.token_hash = $1 AND tokens.expires_at > $2",
            )
            .bind(hash.as_bytes())
            .bind(now.as_ms())
            .fetch_optional(&mut *conn)
            .await?;
            conn.release();
            row.map(SignedInUser::from_row).transpose()
        })
        .await
    }
}

/// `false` if the account is disabled or deleted.
pub(super) async fn insert_token(
    connection: &mut PgConnection,
    token: &NewToken,
) -> Result<bool, StorageError> {
    // The lock makes a concurrent disabling wait, which then finds the token, or is waited for.
    let inserted = sqlx::query(
        "INSERT INTO tokens (user_id, token_hash, device_id, created_at, expires_at) \
         SELECT user_id, $2, $3, $4, $5 FROM users \
         WHERE user_id = $1 AND disabled_at IS NULL FOR SHARE",
    )
    .bind(&token.user_id.as_bytes()[..])
    .bind(token.hash.as_bytes())
    .bind(&token.device_id.as_bytes()[..])
    .bind(token.created_at.as_ms())
    .bind(token.expires_at.as_ms())
    .execute(connection)
    .await?;
    Ok(inserted.rows_affected() > 0)
}

pub(super) async fn delete_tokens(
    connection: &mut PgConnection,
    user_id: UserId,
    scope: Revocation,
) -> Result<Vec<TokenHash>, StorageError> {
    let TokenFilter { token, except, device_id } = scope.filter();
    let rows: Vec<(Vec<u8>,)> = sqlx::query_as(
        "DELETE FROM tokens WHERE user_id = $1 AND ($2::bytea IS NULL OR token_hash = $2) \
         AND ($3::bytea IS NULL OR token_hash <> $3) AND ($4::bytea IS NULL OR device_id = $4) \
         RETURNING token_hash",
    )
    .bind(&user_id.as_bytes()[..])
    .bind(token.as_ref().map(TokenHash::as_bytes))
    .bind(except.as_ref().map(TokenHash::as_bytes))
    .bind(device_id.as_ref().map(|it| &it.as_bytes()[..]))
    .fetch_all(connection)
    .await?;
    token_hashes(&rows)
}

/// Notifies other servers of revoked tokens, within the transaction so that no notification is
/// lost. Revocations are rare, so serialized commits are acceptable (see `notifier.rs`).
pub(super) async fn notify_revoked(
    connection: &mut PgConnection,
    sender: NodeId,
    user_id: UserId,
    revoked: &[TokenHash],
) -> Result<(), StorageError> {
    for hash in revoked {
        notify(connection, sender, NodeEvent::Revoked { user_id, token: Some(*hash) }).await?;
    }
    Ok(())
}

async fn notify(
    connection: &mut PgConnection,
    sender: NodeId,
    event: NodeEvent,
) -> Result<(), StorageError> {
    sqlx::query("SELECT pg_notify($1, $2)")
        .bind(CHANNEL)
        .bind(event.encode(sender))
        .execute(connection)
        .await?;
    Ok(())
}
