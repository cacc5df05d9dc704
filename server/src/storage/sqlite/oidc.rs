//! Accounts of an OpenID Connect provider, and codes that finish a sign-in.

use sqlx::sqlite::SqliteConnection;
use wizitime_domain::{Timestamp, UserId};

use super::super::account::UserRow;
use super::super::oidc::{OIDC_CODES_MAX, OidcLinkRow, user};
use super::super::{
    Admission, NewOidcCode, NewUser, OidcIdentity, OidcLink, SignUpOutcome, StorageError, User,
};
use super::Sqlite;
use super::registration::{delete_invitation, insert_user, is_admitted};
use super::writer::WriteJob;
use crate::auth::TokenHash;

impl Sqlite {
    pub(crate) async fn find_oidc_user(
        &self,
        identity: &OidcIdentity,
    ) -> Result<Option<User>, StorageError> {
        let row: Option<UserRow> = sqlx::query_as(
            "SELECT users.user_id, email, password_hash, disabled_at IS NOT NULL \
             FROM oidc_identities JOIN users ON users.user_id = oidc_identities.user_id \
             WHERE issuer = ? AND subject = ?",
        )
        .bind(&identity.issuer)
        .bind(&identity.subject)
        .fetch_optional(&mut *self.reader().await?)
        .await?;
        user(row)
    }

    pub(crate) async fn oidc_links(&self, user_id: UserId) -> Result<Vec<OidcLink>, StorageError> {
        let rows: Vec<OidcLinkRow> = sqlx::query_as(
            "SELECT issuer, subject, linked_at FROM oidc_identities \
             WHERE user_id = ? ORDER BY issuer",
        )
        .bind(&user_id.as_bytes()[..])
        .fetch_all(&mut *self.reader().await?)
        .await?;
        rows.into_iter().map(OidcLink::from_row).collect()
    }

    pub(crate) async fn link_oidc(
        &self,
        user_id: UserId,
        identity: OidcIdentity,
        linked_at: Timestamp,
    ) -> Result<bool, StorageError> {
        self.writer.write(Link { user_id, identity, linked_at }).await
    }

    pub(crate) async fn sign_up_with_oidc(
        &self,
        admission: Admission,
        user: NewUser,
        identity: OidcIdentity,
        created_at: Timestamp,
    ) -> Result<SignUpOutcome, StorageError> {
        self.writer.write(SignUpWithOidc { admission, user, identity, created_at }).await
    }

    pub(crate) async fn add_oidc_code(&self, code: NewOidcCode) -> Result<bool, StorageError> {
        self.writer.write(code).await
    }

    pub(crate) async fn use_oidc_code(
        &self,
        code: TokenHash,
        browser: TokenHash,
        now: Timestamp,
    ) -> Result<Option<User>, StorageError> {
        self.writer.write(UseCode { code, browser, now }).await
    }
}

struct Link {
    user_id: UserId,
    identity: OidcIdentity,
    linked_at: Timestamp,
}

struct SignUpWithOidc {
    admission: Admission,
    user: NewUser,
    identity: OidcIdentity,
    created_at: Timestamp,
}

struct UseCode {
    code: TokenHash,
    browser: TokenHash,
    now: Timestamp,
}

impl WriteJob for Link {
    type Output = bool;

    fn event_count(&self) -> usize {
        1
    }

    async fn run(self, connection: &mut SqliteConnection) -> Result<bool, StorageError> {
        insert_link(connection, self.user_id, &self.identity, self.linked_at).await
    }
}

impl WriteJob for SignUpWithOidc {
    type Output = SignUpOutcome;

    fn event_count(&self) -> usize {
        1
    }

    async fn run(self, connection: &mut SqliteConnection) -> Result<Self::Output, StorageError> {
        let Self { admission, user, identity, created_at } = self;
        if !is_admitted(&mut *connection, admission, &user.email, created_at).await? {
            return Ok(SignUpOutcome::NotAdmitted);
        }
        // Before the account is created, because an outcome rolls nothing back.
        let is_linked = sqlx::query_scalar(
            "SELECT EXISTS (SELECT 1 FROM oidc_identities WHERE issuer = ? AND subject = ?)",
        );
        let is_linked = is_linked.bind(&identity.issuer).bind(&identity.subject);
        if is_linked.fetch_one(&mut *connection).await? {
            return Ok(SignUpOutcome::EmailTaken);
        }
        if !insert_user(&mut *connection, &user, created_at).await? {
            return Ok(SignUpOutcome::EmailTaken);
        }
        insert_link(&mut *connection, user.user_id, &identity, created_at).await?;
        delete_invitation(connection, &user.email).await?;
        Ok(SignUpOutcome::Created)
    }
}

impl WriteJob for NewOidcCode {
    type Output = bool;

    fn event_count(&self) -> usize {
        1
    }

    async fn run(self, connection: &mut SqliteConnection) -> Result<bool, StorageError> {
        sqlx::query("DELETE FROM oidc_codes WHERE expires_at <= ?")
            .bind(self.created_at.as_ms())
            .execute(&mut *connection)
            .await?;
        let inserted = sqlx::query(
            "INSERT INTO oidc_codes (user_id, code_hash, browser_hash, expires_at) \
             SELECT user_id, ?2, ?3, ?4 FROM users WHERE user_id = ?1 AND disabled_at IS NULL",
        )
        .bind(&self.user_id.as_bytes()[..])
        .bind(self.code.as_bytes())
        .bind(self.browser.as_bytes())
        .bind(self.expires_at.as_ms())
        .execute(&mut *connection)
        .await?;
        sqlx::query(
            "DELETE FROM oidc_codes WHERE user_id = ?1 AND code_hash IN ( \
               SELECT code_hash FROM oidc_codes WHERE user_id = ?1 \
               ORDER BY expires_at DESC, code_hash LIMIT -1 OFFSET ?2)",
        )
        .bind(&self.user_id.as_bytes()[..])
        .bind(OIDC_CODES_MAX as i64)
        .execute(connection)
        .await?;
        Ok(inserted.rows_affected() > 0)
    }
}

impl WriteJob for UseCode {
    type Output = Option<User>;

    fn event_count(&self) -> usize {
        1
    }

    async fn run(self, connection: &mut SqliteConnection) -> Result<Self::Output, StorageError> {
        let used: Option<(Vec<u8>,)> = sqlx::query_as(
            "DELETE FROM oidc_codes WHERE code_hash = ? AND browser_hash = ? AND expires_at > ? \
             RETURNING user_id",
        )
        .bind(self.code.as_bytes())
        .bind(self.browser.as_bytes())
        .bind(self.now.as_ms())
        .fetch_optional(&mut *connection)
        .await?;
        let Some((user_id,)) = used else { return Ok(None) };
        let row: Option<UserRow> = sqlx::query_as(
            "SELECT user_id, email, password_hash, disabled_at IS NOT NULL FROM users \
             WHERE user_id = ?",
        )
        .bind(user_id)
        .fetch_optional(connection)
        .await?;
        user(row)
    }
}

/// `false` if the account was deleted, or either has a link already.
async fn insert_link(
    connection: &mut SqliteConnection,
    user_id: UserId,
    identity: &OidcIdentity,
    linked_at: Timestamp,
) -> Result<bool, StorageError> {
    let inserted = sqlx::query(
        "INSERT INTO oidc_identities (issuer, subject, user_id, linked_at) \
         SELECT ?1, ?2, user_id, ?4 FROM users WHERE user_id = ?3 ON CONFLICT DO NOTHING",
    )
    .bind(&identity.issuer)
    .bind(&identity.subject)
    .bind(&user_id.as_bytes()[..])
    .bind(linked_at.as_ms())
    .execute(connection)
    .await?;
    Ok(inserted.rows_affected() > 0)
}
