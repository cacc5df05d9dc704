//! Accounts and their tokens.

use sqlx::sqlite::SqliteConnection;
use wizitime_domain::{Timestamp, UserId};

use super::super::account::{SignedInRow, UserRow};
use super::super::{NewToken, NewUser, SignedIn, StorageError, User};
use super::Sqlite;
use super::writer::Write;
use crate::auth::TokenHash;

impl Sqlite {
    pub(crate) async fn sign_up(
        &self,
        user: NewUser,
        token: NewToken,
    ) -> Result<bool, StorageError> {
        self.writer.write(SignUp { user, token }).await
    }

    pub(crate) async fn add_token(&self, token: NewToken) -> Result<(), StorageError> {
        self.writer.write(AddToken(token)).await
    }

    pub(crate) async fn revoke(
        &self,
        user_id: UserId,
        only: Option<TokenHash>,
    ) -> Result<(), StorageError> {
        self.writer.write(Revoke { user_id, only }).await
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
}

struct SignUp {
    user: NewUser,
    token: NewToken,
}

struct AddToken(NewToken);

struct Revoke {
    user_id: UserId,
    only: Option<TokenHash>,
}

impl Write for SignUp {
    type Answer = bool;

    fn size(&self) -> usize {
        1
    }

    async fn run(self, connection: &mut SqliteConnection) -> Result<bool, StorageError> {
        let Self { user, token } = self;
        let made = sqlx::query(
            "INSERT INTO users (user_id, email, password_hash, created_at) VALUES (?, ?, ?, ?) \
             ON CONFLICT (email) DO NOTHING",
        )
        .bind(&user.user_id.as_bytes()[..])
        .bind(&user.email)
        .bind(&user.password_hash)
        .bind(token.created_at.as_ms())
        .execute(&mut *connection)
        .await?;
        if made.rows_affected() == 0 {
            return Ok(false);
        }
        insert_token(connection, &token).await?;
        Ok(true)
    }
}

impl Write for AddToken {
    type Answer = ();

    fn size(&self) -> usize {
        1
    }

    async fn run(self, connection: &mut SqliteConnection) -> Result<(), StorageError> {
        let Self(token) = self;
        sqlx::query("DELETE FROM tokens WHERE user_id = ? AND expires_at <= ?")
            .bind(&token.user_id.as_bytes()[..])
            .bind(token.created_at.as_ms())
            .execute(&mut *connection)
            .await?;
        insert_token(connection, &token).await
    }
}

impl Write for Revoke {
    type Answer = ();

    fn size(&self) -> usize {
        1
    }

    async fn run(self, connection: &mut SqliteConnection) -> Result<(), StorageError> {
        sqlx::query("DELETE FROM tokens WHERE user_id = ?1 AND (?2 IS NULL OR token_hash = ?2)")
            .bind(&self.user_id.as_bytes()[..])
            .bind(self.only.as_ref().map(TokenHash::as_bytes))
            .execute(connection)
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
