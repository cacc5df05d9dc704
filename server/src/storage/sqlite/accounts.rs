//! Accounts and their tokens.

use sqlx::sqlite::SqliteConnection;
use wizitime_domain::{Timestamp, UserId};

use super::super::account::{DeviceRow, Hits, SignedInRow, UserRow, token_hash};
use super::super::{
    NewToken, NewUser, Revocation, SESSIONS_MAX, SignedIn, SignedInDevice, StorageError, User,
};
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

    pub(crate) async fn add_token(&self, token: NewToken) -> Result<Vec<TokenHash>, StorageError> {
        self.writer.write(AddToken(token)).await
    }

    pub(crate) async fn revoke(
        &self,
        user_id: UserId,
        what: Revocation,
    ) -> Result<Vec<TokenHash>, StorageError> {
        self.writer.write(Revoke { user_id, what }).await
    }

    pub(crate) async fn change_password(
        &self,
        user_id: UserId,
        password_hash: String,
        spared: TokenHash,
    ) -> Result<Vec<TokenHash>, StorageError> {
        self.writer.write(ChangePassword { user_id, password_hash, spared }).await
    }

    pub(crate) async fn delete_account(&self, user_id: UserId) -> Result<(), StorageError> {
        self.writer.write(DeleteAccount(user_id)).await
    }

    pub(crate) async fn devices(
        &self,
        user_id: UserId,
        now: Timestamp,
    ) -> Result<Vec<SignedInDevice>, StorageError> {
        let rows: Vec<DeviceRow> = sqlx::query_as(
            "SELECT device_id, token_hash, created_at, expires_at FROM tokens \
             WHERE user_id = ? AND expires_at > ? ORDER BY created_at, token_hash",
        )
        .bind(&user_id.as_bytes()[..])
        .bind(now.as_ms())
        .fetch_all(&self.readers)
        .await?;
        rows.into_iter().map(SignedInDevice::read).collect()
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
    what: Revocation,
}

struct ChangePassword {
    user_id: UserId,
    password_hash: String,
    spared: TokenHash,
}

struct DeleteAccount(UserId);

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
    type Answer = Vec<TokenHash>;

    fn size(&self) -> usize {
        1
    }

    async fn run(self, connection: &mut SqliteConnection) -> Result<Self::Answer, StorageError> {
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
        insert_token(connection, &token).await?;
        rows.iter().map(|(hash,)| token_hash(hash)).collect()
    }
}

impl Write for Revoke {
    type Answer = Vec<TokenHash>;

    fn size(&self) -> usize {
        1
    }

    async fn run(self, connection: &mut SqliteConnection) -> Result<Self::Answer, StorageError> {
        delete_tokens(connection, self.user_id, self.what).await
    }
}

impl Write for ChangePassword {
    type Answer = Vec<TokenHash>;

    fn size(&self) -> usize {
        1
    }

    async fn run(self, connection: &mut SqliteConnection) -> Result<Self::Answer, StorageError> {
        let Self { user_id, password_hash, spared } = self;
        sqlx::query("UPDATE users SET password_hash = ? WHERE user_id = ?")
            .bind(password_hash)
            .bind(&user_id.as_bytes()[..])
            .execute(&mut *connection)
            .await?;
        delete_tokens(connection, user_id, Revocation::Others(spared)).await
    }
}

impl Write for DeleteAccount {
    type Answer = ();

    fn size(&self) -> usize {
        1
    }

    async fn run(self, connection: &mut SqliteConnection) -> Result<(), StorageError> {
        for deletion in [
            "DELETE FROM catalog WHERE user_id = ?",
            "DELETE FROM time_entries WHERE user_id = ?",
            "DELETE FROM events WHERE user_id = ?",
            "DELETE FROM tokens WHERE user_id = ?",
            "DELETE FROM users WHERE user_id = ?",
        ] {
            sqlx::query(deletion).bind(&self.0.as_bytes()[..]).execute(&mut *connection).await?;
        }
        Ok(())
    }
}

async fn delete_tokens(
    connection: &mut SqliteConnection,
    user_id: UserId,
    what: Revocation,
) -> Result<Vec<TokenHash>, StorageError> {
    let Hits { only, spared, device_id } = what.hits();
    let rows: Vec<(Vec<u8>,)> = sqlx::query_as(
        "DELETE FROM tokens WHERE user_id = ?1 AND (?2 IS NULL OR token_hash = ?2) \
         AND (?3 IS NULL OR token_hash <> ?3) AND (?4 IS NULL OR device_id = ?4) \
         RETURNING token_hash",
    )
    .bind(&user_id.as_bytes()[..])
    .bind(only.as_ref().map(TokenHash::as_bytes))
    .bind(spared.as_ref().map(TokenHash::as_bytes))
    .bind(device_id.as_ref().map(|it| &it.as_bytes()[..]))
    .fetch_all(connection)
    .await?;
    rows.iter().map(|(hash,)| token_hash(hash)).collect()
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
