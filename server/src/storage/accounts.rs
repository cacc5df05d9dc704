//! Accounts and their tokens.

use sqlx::sqlite::SqliteConnection;
use wizitime_domain::{DeviceId, Timestamp, UserId};

use super::load::id_bytes;
use super::{Storage, StorageError};
use crate::auth::TokenHash;

/// An account that is being made.
#[derive(Debug)]
pub struct NewUser<'a> {
    pub user_id: UserId,
    pub email: &'a str,
    pub password_hash: &'a str,
}

/// A token that is being given to a device.
#[derive(Debug)]
pub struct NewToken {
    pub user_id: UserId,
    pub hash: TokenHash,
    pub device_id: DeviceId,
    pub created_at: Timestamp,
    pub expires_at: Timestamp,
}

/// An account.
#[derive(Debug)]
pub struct User {
    pub user_id: UserId,
    pub email: String,
    pub password_hash: String,
}

/// Whom a token belongs to.
#[derive(Clone, Debug)]
pub struct SignedIn {
    pub user_id: UserId,
    pub email: String,
    pub expires_at: Timestamp,
}

impl Storage {
    /// Makes an account with its first token. `false` if the email belongs to another one.
    ///
    /// # Errors
    /// If the database does not answer.
    pub async fn sign_up(&self, user: NewUser<'_>, token: &NewToken) -> Result<bool, StorageError> {
        let mut transaction = self.writer.begin_with("BEGIN IMMEDIATE").await?;
        let made = sqlx::query(
            "INSERT INTO users (user_id, email, password_hash, created_at) VALUES (?, ?, ?, ?) \
             ON CONFLICT (email) DO NOTHING",
        )
        .bind(&user.user_id.as_bytes()[..])
        .bind(user.email)
        .bind(user.password_hash)
        .bind(token.created_at.as_ms())
        .execute(&mut *transaction)
        .await?;
        if made.rows_affected() == 0 {
            transaction.rollback().await?;
            return Ok(false);
        }
        insert_token(&mut transaction, token).await?;
        transaction.commit().await?;
        Ok(true)
    }

    /// Adds a token to an account and clears away those that have expired.
    ///
    /// # Errors
    /// If the database does not answer.
    pub async fn add_token(&self, token: &NewToken) -> Result<(), StorageError> {
        let mut transaction = self.writer.begin_with("BEGIN IMMEDIATE").await?;
        sqlx::query("DELETE FROM tokens WHERE user_id = ? AND expires_at <= ?")
            .bind(&token.user_id.as_bytes()[..])
            .bind(token.created_at.as_ms())
            .execute(&mut *transaction)
            .await?;
        insert_token(&mut transaction, token).await?;
        transaction.commit().await?;
        Ok(())
    }

    /// The account with this email.
    ///
    /// # Errors
    /// If the database does not answer.
    pub async fn user(&self, email: &str) -> Result<Option<User>, StorageError> {
        let row: Option<(Vec<u8>, String, String)> =
            sqlx::query_as("SELECT user_id, email, password_hash FROM users WHERE email = ?")
                .bind(email)
                .fetch_optional(&self.readers)
                .await?;
        let read = |(user_id, email, password_hash): (Vec<u8>, String, String)| {
            let user_id = UserId::from_bytes(id_bytes(&user_id)?);
            Ok(User { user_id, email, password_hash })
        };
        row.map(read).transpose()
    }

    /// Whom a token belongs to, if it is valid at `now`.
    ///
    /// # Errors
    /// If the database does not answer.
    pub async fn signed_in(
        &self,
        hash: &TokenHash,
        now: Timestamp,
    ) -> Result<Option<SignedIn>, StorageError> {
        let row: Option<(Vec<u8>, String, i64)> = sqlx::query_as(
            "SELECT users.user_id, users.email, tokens.expires_at FROM tokens \
             JOIN users ON users.user_id = tokens.user_id \
             WHERE tokens.token_hash = ? AND tokens.expires_at > ?",
        )
        .bind(hash.as_bytes())
        .bind(now.as_ms())
        .fetch_optional(&self.readers)
        .await?;
        let read = |(user_id, email, expires_at): (Vec<u8>, String, i64)| {
            let user_id = UserId::from_bytes(id_bytes(&user_id)?);
            let expires_at = Timestamp::from_ms(expires_at)
                .map_err(|error| StorageError::corrupt("token's expiry", error))?;
            Ok(SignedIn { user_id, email, expires_at })
        };
        row.map(read).transpose()
    }

    /// Makes one token of an account invalid, or all of them.
    ///
    /// # Errors
    /// If the database does not answer.
    pub async fn revoke(
        &self,
        user_id: UserId,
        only: Option<&TokenHash>,
    ) -> Result<(), StorageError> {
        sqlx::query("DELETE FROM tokens WHERE user_id = ?1 AND (?2 IS NULL OR token_hash = ?2)")
            .bind(&user_id.as_bytes()[..])
            .bind(only.map(TokenHash::as_bytes))
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
