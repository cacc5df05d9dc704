//! Accounts and their tokens.

use sqlx::Connection as _;
use sqlx::postgres::PgConnection;
use wizitime_domain::{Timestamp, UserId};

use super::super::account::{SignedInRow, UserRow};
use super::super::signal::Signal;
use super::super::{NewToken, NewUser, SignedIn, StorageError, User};
use super::{CHANNEL, Postgres, bounded};
use crate::auth::TokenHash;

impl Postgres {
    pub(crate) async fn sign_up(
        &self,
        user: NewUser,
        token: NewToken,
    ) -> Result<bool, StorageError> {
        bounded(async {
            let mut lease = self.lease().await?;
            let mut transaction = lease.begin().await?;
            let made = sqlx::query(
                "INSERT INTO users (user_id, email, password_hash, created_at) \
                 VALUES ($1, $2, $3, $4) ON CONFLICT (email) DO NOTHING",
            )
            .bind(&user.user_id.as_bytes()[..])
            .bind(&user.email)
            .bind(&user.password_hash)
            .bind(token.created_at.as_ms())
            .execute(&mut *transaction)
            .await?;
            let is_new = made.rows_affected() > 0;
            if is_new {
                insert_token(&mut transaction, &token).await?;
                transaction.commit().await?;
            } else {
                transaction.rollback().await?;
            }
            lease.give_back();
            Ok(is_new)
        })
        .await
    }

    pub(crate) async fn add_token(&self, token: NewToken) -> Result<(), StorageError> {
        bounded(async {
            let mut lease = self.lease().await?;
            let mut transaction = lease.begin().await?;
            sqlx::query("DELETE FROM tokens WHERE user_id = $1 AND expires_at <= $2")
                .bind(&token.user_id.as_bytes()[..])
                .bind(token.created_at.as_ms())
                .execute(&mut *transaction)
                .await?;
            insert_token(&mut transaction, &token).await?;
            transaction.commit().await?;
            lease.give_back();
            Ok(())
        })
        .await
    }

    pub(crate) async fn revoke(
        &self,
        user_id: UserId,
        only: Option<TokenHash>,
    ) -> Result<(), StorageError> {
        bounded(async {
            let mut lease = self.lease().await?;
            let mut transaction = lease.begin().await?;
            sqlx::query(
                "DELETE FROM tokens WHERE user_id = $1 \
                 AND ($2::bytea IS NULL OR token_hash = $2)",
            )
            .bind(&user_id.as_bytes()[..])
            .bind(only.as_ref().map(TokenHash::as_bytes))
            .execute(&mut *transaction)
            .await?;
            // Signing out is rare, and whoever listens must not miss it: it goes with the commit.
            sqlx::query("SELECT pg_notify($1, $2)")
                .bind(CHANNEL)
                .bind(Signal::Revoked { user_id, only }.write(self.own))
                .execute(&mut *transaction)
                .await?;
            transaction.commit().await?;
            lease.give_back();
            Ok(())
        })
        .await
    }

    pub(crate) async fn user(&self, email: &str) -> Result<Option<User>, StorageError> {
        bounded(async {
            let mut lease = self.lease().await?;
            let row: Option<UserRow> =
                sqlx::query_as("SELECT user_id, email, password_hash FROM users WHERE email = $1")
                    .bind(email)
                    .fetch_optional(&mut *lease)
                    .await?;
            lease.give_back();
            row.map(User::read).transpose()
        })
        .await
    }

    pub(crate) async fn signed_in(
        &self,
        hash: &TokenHash,
        now: Timestamp,
    ) -> Result<Option<SignedIn>, StorageError> {
        bounded(async {
            let mut lease = self.lease().await?;
            let row: Option<SignedInRow> = sqlx::query_as(
                "SELECT users.user_id, users.email, tokens.expires_at FROM tokens \
                 JOIN users ON users.user_id = tokens.user_id \
                 WHERE tokens.token_hash = $1 AND tokens.expires_at > $2",
            )
            .bind(hash.as_bytes())
            .bind(now.as_ms())
            .fetch_optional(&mut *lease)
            .await?;
            lease.give_back();
            row.map(SignedIn::read).transpose()
        })
        .await
    }
}

async fn insert_token(connection: &mut PgConnection, token: &NewToken) -> Result<(), StorageError> {
    sqlx::query(
        "INSERT INTO tokens (user_id, token_hash, device_id, created_at, expires_at) \
         VALUES ($1, $2, $3, $4, $5)",
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
