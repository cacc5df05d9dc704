//! Accounts of an OpenID Connect provider, and codes that finish a sign-in: a code from one server
//! is used at any other.

use sqlx::Connection as _;
use sqlx::postgres::PgConnection;
use wizitime_domain::{Timestamp, UserId};

use super::super::account::UserRow;
use super::super::oidc::{OIDC_CODES_MAX, OidcLinkRow, user};
use super::super::{
    Admission, NewOidcCode, NewUser, OidcIdentity, OidcLink, SignUpOutcome, StorageError, User,
};
use super::registration::{delete_invitation, insert_user, is_admitted};
use super::{Postgres, with_timeout};
use crate::auth::TokenHash;

impl Postgres {
    pub(crate) async fn find_oidc_user(
        &self,
        identity: &OidcIdentity,
    ) -> Result<Option<User>, StorageError> {
        with_timeout(async {
            let mut conn = self.acquire().await?;
            let row: Option<UserRow> = sqlx::query_as(
                "SELECT users.user_id, email, password_hash, disabled_at IS NOT NULL \
                 FROM oidc_identities JOIN users ON users.user_id = oidc_identities.user_id \
                 WHERE issuer = $1 AND subject = $2",
            )
            .bind(&identity.issuer)
            .bind(&identity.subject)
            .fetch_optional(&mut *conn)
            .await?;
            conn.release();
            user(row)
        })
        .await
    }

    pub(crate) async fn oidc_links(&self, user_id: UserId) -> Result<Vec<OidcLink>, StorageError> {
        with_timeout(async {
            let mut conn = self.acquire().await?;
            let rows: Vec<OidcLinkRow> = sqlx::query_as(
                "SELECT issuer, subject, linked_at FROM oidc_identities \
                 WHERE user_id = $1 ORDER BY issuer",
            )
            .bind(&user_id.as_bytes()[..])
            .fetch_all(&mut *conn)
            .await?;
            conn.release();
            rows.into_iter().map(OidcLink::from_row).collect()
        })
        .await
    }

    pub(crate) async fn link_oidc(
        &self,
        user_id: UserId,
        identity: OidcIdentity,
        linked_at: Timestamp,
    ) -> Result<bool, StorageError> {
        with_timeout(async {
            let mut conn = self.acquire().await?;
            let is_linked = insert_link(&mut conn, user_id, &identity, linked_at).await?;
            conn.release();
            Ok(is_linked)
        })
        .await
    }

    pub(crate) async fn sign_up_with_oidc(
        &self,
        admission: Admission,
        user: NewUser,
        identity: OidcIdentity,
        created_at: Timestamp,
    ) -> Result<SignUpOutcome, StorageError> {
        with_timeout(async {
            let mut conn = self.acquire().await?;
            let mut transaction = conn.begin().await?;
            let outcome =
                sign_up(&mut transaction, admission, &user, &identity, created_at).await?;
            match outcome {
                SignUpOutcome::Created => transaction.commit().await?,
                SignUpOutcome::EmailTaken | SignUpOutcome::NotAdmitted => {
                    transaction.rollback().await?;
                }
            }
            conn.release();
            Ok(outcome)
        })
        .await
    }

    pub(crate) async fn add_oidc_code(&self, code: NewOidcCode) -> Result<bool, StorageError> {
        with_timeout(async {
            let mut conn = self.acquire().await?;
            // On its own, so that it holds no locks of other accounts' rows.
            sqlx::query("DELETE FROM oidc_codes WHERE expires_at <= $1")
                .bind(code.created_at.as_ms())
                .execute(&mut *conn)
                .await?;
            let mut transaction = conn.begin().await?;
            // The lock makes a concurrent disabling or deletion wait.
            let inserted = sqlx::query(
                "INSERT INTO oidc_codes (user_id, code_hash, browser_hash, expires_at) \
                 SELECT user_id, $2, $3, $4 FROM users \
                 WHERE user_id = $1 AND disabled_at IS NULL FOR SHARE",
            )
            .bind(&code.user_id.as_bytes()[..])
            .bind(code.code.as_bytes())
            .bind(code.browser.as_bytes())
            .bind(code.expires_at.as_ms())
            .execute(&mut *transaction)
            .await?;
            sqlx::query(
                "DELETE FROM oidc_codes WHERE user_id = $1 AND code_hash IN ( \
                   SELECT code_hash FROM oidc_codes WHERE user_id = $1 \
                   ORDER BY expires_at DESC, code_hash OFFSET $2)",
            )
            .bind(&code.user_id.as_bytes()[..])
            .bind(OIDC_CODES_MAX as i64)
            .execute(&mut *transaction)
            .await?;
            transaction.commit().await?;
            conn.release();
            Ok(inserted.rows_affected() > 0)
        })
        .await
    }

    pub(crate) async fn use_oidc_code(
        &self,
        code: TokenHash,
        browser: TokenHash,
        now: Timestamp,
    ) -> Result<Option<User>, StorageError> {
        with_timeout(async {
            let mut conn = self.acquire().await?;
            let row: Option<UserRow> = sqlx::query_as(
                "WITH used AS (DELETE FROM oidc_codes \
                   WHERE code_hash = $1 AND browser_hash = $2 AND expires_at > $3 \
                   RETURNING user_id) \
                 SELECT users.user_id, email, password_hash, disabled_at IS NOT NULL FROM used \
                 JOIN users ON users.user_id = used.user_id",
            )
            .bind(code.as_bytes())
            .bind(browser.as_bytes())
            .bind(now.as_ms())
            .fetch_optional(&mut *conn)
            .await?;
            conn.release();
            user(row)
        })
        .await
    }
}

async fn sign_up(
    connection: &mut PgConnection,
    admission: Admission,
    user: &NewUser,
    identity: &OidcIdentity,
    created_at: Timestamp,
) -> Result<SignUpOutcome, StorageError> {
    if !is_admitted(&mut *connection, admission, &user.email, created_at).await? {
        return Ok(SignUpOutcome::NotAdmitted);
    }
    if !insert_user(&mut *connection, user, created_at).await?
        || !insert_link(&mut *connection, user.user_id, identity, created_at).await?
    {
        return Ok(SignUpOutcome::EmailTaken);
    }
    delete_invitation(connection, &user.email).await?;
    Ok(SignUpOutcome::Created)
}

/// `false` if the account was deleted, or either has a link already.
async fn insert_link(
    connection: &mut PgConnection,
    user_id: UserId,
    identity: &OidcIdentity,
    linked_at: Timestamp,
) -> Result<bool, StorageError> {
    let inserted = sqlx::query(
        "INSERT INTO oidc_identities (issuer, subject, user_id, linked_at) \
         SELECT $1, $2, user_id, $4 FROM users WHERE user_id = $3 FOR SHARE \
         ON CONFLICT DO NOTHING",
    )
    .bind(&identity.issuer)
    .bind(&identity.subject)
    .bind(&user_id.as_bytes()[..])
    .bind(linked_at.as_ms())
    .execute(connection)
    .await?;
    Ok(inserted.rows_affected() > 0)
}
