//! Accounts and their tokens.

use sqlx::sqlite::SqliteConnection;
use wizitime_domain::{Timestamp, UserId};

use super::super::account::{SignedInRow, UserRow};
use super::super::{NewToken, NewUser, SignedIn, StorageError, User};
use super::Sqlite;
use crate::auth::TokenHash;

impl Sqlite {
    pub(crate) async fn sign_up(
        &self,
        user: NewUser,
        token: NewToken,
    ) -> Result<bool, StorageError> {
        let mut transaction = self.writer.begin_with("BEGIN IMMEDIATE").await?;
        let made = sqlx::query(
            "INSERT INTO users (user_id, email, password_hash, created_at) VALUES (?, ?, ?, ?) \
             ON CONFLICT (email) DO NOTHING",
        )
        .bind(&user.user_id.as_bytes()[..])
        .bind(&user.email)
        .bind(&user.password_hash)
        .bind(token.created_at.as_ms())
        .execute(&mut *transaction)
        .await?;
        if made.rows_affected() == 0 {
            transaction.rollback().await?;
            return Ok(false);
        }
        insert_token(&mut transaction, &token).await?;
        transaction.commit().await?;
        Ok(true)
    }

    pub(crate) async fn add_token(&self, token: NewToken) -> Result<(), StorageError> {
        let mut transaction = self.writer.begin_with("BEGIN IMMEDIATE").await?;
        sqlx::query("DELETE FROM tokens WHERE user_id = ? AND expires_at <= ?")
            .bind(&token.user_id.as_bytes()[..])
            .bind(token.created_at.as_ms())
            .execute(&mut *transaction)
            .await?;
        insert_token(&mut transaction, &token).await?;
        transaction.commit().await?;
        Ok(())
    }

    pub(crate) async fn user(&self, email: &str) -> Result<Option<User>, StorageError> {
        let row: Option<UserRow> =
            sqlx::query_as("SELECT user_id, email, password_hash FROM users WHERE email = ?")
                .bind(email)
                .fetch_optional(&self.readers)
                .await?;
        row.map(User::read).transpose()
    }

    pub(crate) async fn signed_in(
        &self,
        hash: &TokenHash,
        now: Timestamp,
    ) -> Result<Option<SignedIn>, StorageError> {
        let row: Option<SignedInRow> = sqlx::query_as(
            "SELECT users.user_id, users.email, tokens.expires_at FROM tokens \
             JOIN users ON users.user_id = tokens.user_id \
             WHERE tokens.token_hash = ? AND tokens.expires_at > ?",
        )
        .bind(hash.as_bytes())
        .bind(now.as_ms())
        .fetch_optional(&self.readers)
        .await?;
        row.map(SignedIn::read).transpose()
    }

    pub(crate) async fn revoke(
        &self,
        user_id: UserId,
        only: Option<TokenHash>,
    ) -> Result<(), StorageError> {
        sqlx::query("DELETE FROM tokens WHERE user_id = ?1 AND (?2 IS NULL OR token_hash = ?2)")
            .bind(&user_id.as_bytes()[..])
            .bind(only.as_ref().map(TokenHash::as_bytes))
            .execute(&self.writer)
            .await?;
        Ok(())
    }
}

async fn insert_token(
    connection: &mut SqliteConnection,
    token: &NewToken,
) -> Result<(), StorageError> {
    sqlx::query(
        "INSERT INTO tokens (user_id, token_hash, device_id, created_at, expires_at) \
         VALUES (?, ?, ?, ?, ?)",
    )
    .bind(&token.user_id.as_bytes()[..])
    .bind(token.hash.as_bytes())
    .bind(&token.device_id.as_bytes()[..])
    .bind(token.created_at.as_ms())
    .bind(token.expires_at.as_ms())
    .execute(connection)
    .await?;
    Ok(())
}
