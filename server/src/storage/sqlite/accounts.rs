//! Accounts and session tokens.

use sqlx::sqlite::SqliteConnection;
use tracing::warn;
use wizitime_domain::{Timestamp, UserId};

use super::super::account::{
    DeviceSessionRow, SignedInUserRow, TokenFilter, UserRow, token_hashes,
};
use super::super::{
    DeviceSession, NewToken, Revocation, SESSIONS_MAX, SignedInUser, StorageError, User,
};
use super::Sqlite;
use super::two_step::end_enrolment;
use super::writer::WriteJob;
use crate::auth::TokenHash;

impl Sqlite {
    pub(crate) async fn add_token(
        &self,
        token: NewToken,
    ) -> Result<Option<Vec<TokenHash>>, StorageError> {
        self.writer.write(AddToken(token)).await
    }

    pub(crate) async fn revoke(
        &self,
        user_id: UserId,
        scope: Revocation,
    ) -> Result<Vec<TokenHash>, StorageError> {
        self.writer.write(Revoke { user_id, scope }).await
    }

    pub(crate) async fn change_password(
        &self,
        user_id: UserId,
        password_hash: String,
        kept: TokenHash,
    ) -> Result<Vec<TokenHash>, StorageError> {
        self.writer.write(ChangePassword { user_id, password_hash, kept }).await
    }

    pub(crate) async fn delete_account(&self, user_id: UserId) -> Result<(), StorageError> {
        self.writer.write(DeleteAccount(user_id)).await?;
        if let Err(error) = self.erase_log().await {
            warn!(%error, "deleted texts stay in the write-ahead log until the next deletion");
        }
        Ok(())
    }

    pub(crate) async fn devices(
        &self,
        user_id: UserId,
        now: Timestamp,
    ) -> Result<Vec<DeviceSession>, StorageError> {
        let rows: Vec<DeviceSessionRow> = sqlx::query_as(
            "SELECT device_id, token_hash, created_at, expires_at FROM tokens \
             WHERE user_id = ? AND expires_at > ? ORDER BY created_at, token_hash",
        )
        .bind(&user_id.as_bytes()[..])
        .bind(now.as_ms())
        .fetch_all(&mut *self.reader().await?)
        .await?;
        rows.into_iter().map(DeviceSession::from_row).collect()
    }

    pub(crate) async fn find_user(&self, email: &str) -> Result<Option<User>, StorageError> {
        let row: Option<UserRow> = sqlx::query_as(
            "SELECT user_id, email, password_hash, disabled_at IS NOT NULL FROM users \
             WHERE email = ?",
        )
        .bind(email)
        .fetch_optional(&mut *self.reader().await?)
        .await?;
        row.map(User::from_row).transpose()
    }

    pub(crate) async fn authenticate(
        &self,
        hash: &TokenHash,
        now: Timestamp,
    ) -> Result<Option<SignedInUser>, StorageError> {
        let row: Option<SignedInUserRow> = sqlx::query_as(
            "SELECT users.user_id, users.email, tokens.expires_at FROM tokens \
             JOIN users ON users.user_id = tokens.user_id \
             WHERE tokens.token_hash = ? AND tokens.expires_at > ?",
        )
        .bind(hash.as_bytes())
        .bind(now.as_ms())
        .fetch_optional(&mut *self.reader().await?)
        .await?;
        row.map(SignedInUser::from_row).transpose()
    }
}

struct AddToken(NewToken);

struct Revoke {
    user_id: UserId,
    scope: Revocation,
}

struct ChangePassword {
    user_id: UserId,
    password_hash: String,
    kept: TokenHash,
}

struct DeleteAccount(UserId);

impl WriteJob for AddToken {
    type Output = Option<Vec<TokenHash>>;

    fn event_count(&self) -> usize {
        1
    }

    async fn run(self, connection: &mut SqliteConnection) -> Result<Self::Output, StorageError> {
        let Self(token) = self;
        sqlx::query("DELETE FROM tokens WHERE user_id = ? AND expires_at <= ?")
            .bind(&token.user_id.as_bytes()[..])
            .bind(token.created_at.as_ms())
            .execute(&mut *connection)
            .await?;
        let rows: Vec<(Vec<u8>,)> = sqlx::query_as(
            "DELETE FROM tokens WHERE user_id = ?1 AND token_hash IN ( \
               SELECT token_hash FROM tokens WHERE user_id = ?1 \
               ORDER BY created_at DESC, token_hash LIMIT -1 OFFSET ?2) \
             RETURNING token_hash",
        )
        .bind(&token.user_id.as_bytes()[..])
        .bind(SESSIONS_MAX as i64 - 1)
        .fetch_all(&mut *connection)
        .await?;
        let is_added = insert_token(connection, &token).await?;
        let revoked = token_hashes(&rows)?;
        Ok(is_added.then_some(revoked))
    }
}

impl WriteJob for Revoke {
    type Output = Vec<TokenHash>;

    fn event_count(&self) -> usize {
        1
    }

    async fn run(self, connection: &mut SqliteConnection) -> Result<Self::Output, StorageError> {
        delete_tokens(connection, self.user_id, self.scope).await
    }
}

impl WriteJob for ChangePassword {
    type Output = Vec<TokenHash>;

    fn event_count(&self) -> usize {
        1
    }

    async fn run(self, connection: &mut SqliteConnection) -> Result<Self::Output, StorageError> {
        let Self { user_id, password_hash, kept } = self;
        sqlx::query("UPDATE users SET password_hash = ? WHERE user_id = ?")
            .bind(password_hash)
            .bind(&user_id.as_bytes()[..])
            .execute(&mut *connection)
            .await?;
        sqlx::query("DELETE FROM password_links WHERE user_id = ?")
            .bind(&user_id.as_bytes()[..])
            .execute(&mut *connection)
            .await?;
        end_enrolment(connection, user_id).await?;
        delete_tokens(connection, user_id, Revocation::Others(kept)).await
    }
}

impl WriteJob for DeleteAccount {
    type Output = ();

    fn event_count(&self) -> usize {
        1
    }

    async fn run(self, connection: &mut SqliteConnection) -> Result<(), StorageError> {
        for deletion in [
            "DELETE FROM catalog WHERE user_id = ?",
            "DELETE FROM time_entries WHERE user_id = ?",
            "DELETE FROM events WHERE user_id = ?",
            "DELETE FROM tokens WHERE user_id = ?",
            "DELETE FROM password_links WHERE user_id = ?",
            "DELETE FROM recovery_codes WHERE user_id = ?",
            "DELETE FROM two_step WHERE user_id = ?",
            "DELETE FROM oidc_codes WHERE user_id = ?",
            "DELETE FROM oidc_identities WHERE user_id = ?",
            "DELETE FROM audit WHERE user_id = ?",
            "DELETE FROM users WHERE user_id = ?",
        ] {
            sqlx::query(deletion).bind(&self.0.as_bytes()[..]).execute(&mut *connection).await?;
        }
        Ok(())
    }
}

pub(super) async fn delete_tokens(
    connection: &mut SqliteConnection,
    user_id: UserId,
    scope: Revocation,
) -> Result<Vec<TokenHash>, StorageError> {
    let TokenFilter { token, except, device_id } = scope.filter();
    let rows: Vec<(Vec<u8>,)> = sqlx::query_as(
        "DELETE FROM tokens WHERE user_id = ?1 AND (?2 IS NULL OR token_hash = ?2) \
         AND (?3 IS NULL OR token_hash <> ?3) AND (?4 IS NULL OR device_id = ?4) \
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

/// `false` if the account is disabled or deleted.
pub(super) async fn insert_token(
    connection: &mut SqliteConnection,
    token: &NewToken,
) -> Result<bool, StorageError> {
    let inserted = sqlx::query(
        "INSERT INTO tokens (user_id, token_hash, device_id, created_at, expires_at) \
         SELECT user_id, ?2, ?3, ?4, ?5 FROM users WHERE user_id = ?1 AND disabled_at IS NULL",
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
