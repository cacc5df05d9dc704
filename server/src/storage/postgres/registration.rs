//! Sign-up, invitations, set-password links, and disabled accounts.

use sqlx::Connection as _;
use sqlx::postgres::PgConnection;
use wizitime_domain::{Timestamp, UserId};

use super::super::account::UserRow;
use super::super::column::id_bytes;
use super::super::registration::UserSummaryRow;
use super::super::{
    Admission, NewInvitation, NewPasswordLink, NewToken, NewUser, PasswordSet, Revocation,
    SignUpOutcome, StorageError, User, UserSummary,
};
use super::accounts::{delete_tokens, insert_token, notify_revoked};
use super::two_step::{end_enrolment, forget_wrong_codes};
use super::{Postgres, with_timeout};
use crate::auth::{LinkRequester, TokenHash};

impl Postgres {
    pub(crate) async fn sign_up(
        &self,
        admission: Admission,
        user: NewUser,
        token: NewToken,
    ) -> Result<SignUpOutcome, StorageError> {
        with_timeout(async {
            let mut conn = self.acquire().await?;
            let mut transaction = conn.begin().await?;
            let outcome = sign_up(&mut transaction, admission, &user, &token).await?;
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

    pub(crate) async fn add_user(
        &self,
        user: NewUser,
        created_at: Timestamp,
    ) -> Result<bool, StorageError> {
        with_timeout(async {
            let mut conn = self.acquire().await?;
            let mut transaction = conn.begin().await?;
            let is_new = insert_user(&mut transaction, &user, created_at).await?;
            if is_new {
                delete_invitation(&mut transaction, &user.email).await?;
            }
            transaction.commit().await?;
            conn.release();
            Ok(is_new)
        })
        .await
    }

    pub(crate) async fn has_users(&self) -> Result<bool, StorageError> {
        with_timeout(async {
            let mut conn = self.acquire().await?;
            let found = has_users(&mut conn).await?;
            conn.release();
            Ok(found)
        })
        .await
    }

    pub(crate) async fn users(&self, now: Timestamp) -> Result<Vec<UserSummary>, StorageError> {
        with_timeout(async {
            let mut conn = self.acquire().await?;
            let rows: Vec<UserSummaryRow> = sqlx::query_as(
                "SELECT user_id, email, created_at, disabled_at IS NOT NULL, \
                 (SELECT count(*) FROM tokens \
                  WHERE tokens.user_id = users.user_id AND expires_at > $1) \
                 FROM users ORDER BY email",
            )
            .bind(now.as_ms())
            .fetch_all(&mut *conn)
            .await?;
            conn.release();
            rows.into_iter().map(UserSummary::from_row).collect()
        })
        .await
    }

    pub(crate) async fn add_invitation(
        &self,
        invitation: NewInvitation,
    ) -> Result<(), StorageError> {
        with_timeout(async {
            let mut conn = self.acquire().await?;
            let mut transaction = conn.begin().await?;
            sqlx::query("DELETE FROM invitations WHERE expires_at <= $1")
                .bind(invitation.created_at.as_ms())
                .execute(&mut *transaction)
                .await?;
            sqlx::query(
                "INSERT INTO invitations (email, token_hash, created_at, expires_at) \
                 VALUES ($1, $2, $3, $4) ON CONFLICT (email) DO UPDATE SET \
                 token_hash = excluded.token_hash, created_at = excluded.created_at, \
                 expires_at = excluded.expires_at",
            )
            .bind(&invitation.email)
            .bind(invitation.hash.as_bytes())
            .bind(invitation.created_at.as_ms())
            .bind(invitation.expires_at.as_ms())
            .execute(&mut *transaction)
            .await?;
            transaction.commit().await?;
            conn.release();
            Ok(())
        })
        .await
    }

    pub(crate) async fn is_invited(
        &self,
        hash: &TokenHash,
        email: &str,
        now: Timestamp,
    ) -> Result<bool, StorageError> {
        with_timeout(async {
            let mut conn = self.acquire().await?;
            let found = is_invited(&mut conn, hash, email, now).await?;
            conn.release();
            Ok(found)
        })
        .await
    }

    pub(crate) async fn add_password_link(
        &self,
        link: NewPasswordLink,
    ) -> Result<(), StorageError> {
        with_timeout(async {
            let mut conn = self.acquire().await?;
            let mut transaction = conn.begin().await?;
            sqlx::query("DELETE FROM password_links WHERE expires_at <= $1")
                .bind(link.created_at.as_ms())
                .execute(&mut *transaction)
                .await?;
            sqlx::query(
                "INSERT INTO password_links (user_id, token_hash, created_at, expires_at) \
                 VALUES ($1, $2, $3, $4) ON CONFLICT (user_id) DO UPDATE SET \
                 token_hash = excluded.token_hash, created_at = excluded.created_at, \
                 expires_at = excluded.expires_at",
            )
            .bind(&link.user_id.as_bytes()[..])
            .bind(link.hash.as_bytes())
            .bind(link.created_at.as_ms())
            .bind(link.expires_at.as_ms())
            .execute(&mut *transaction)
            .await?;
            transaction.commit().await?;
            conn.release();
            Ok(())
        })
        .await
    }

    pub(crate) async fn add_mailed_link(
        &self,
        link: NewPasswordLink,
    ) -> Result<bool, StorageError> {
        with_timeout(async {
            let mut conn = self.acquire().await?;
            let added = sqlx::query(
                "INSERT INTO password_links (user_id, token_hash, created_at, expires_at) \
                 VALUES ($1, $2, $3, $4) ON CONFLICT (user_id) DO UPDATE SET \
                 token_hash = excluded.token_hash, created_at = excluded.created_at, \
                 expires_at = excluded.expires_at \
                 WHERE password_links.expires_at <= excluded.expires_at",
            )
            .bind(&link.user_id.as_bytes()[..])
            .bind(link.hash.as_bytes())
            .bind(link.created_at.as_ms())
            .bind(link.expires_at.as_ms())
            .execute(&mut *conn)
            .await?;
            conn.release();
            Ok(added.rows_affected() > 0)
        })
        .await
    }

    pub(crate) async fn password_link_user(
        &self,
        hash: &TokenHash,
        now: Timestamp,
    ) -> Result<Option<User>, StorageError> {
        with_timeout(async {
            let mut conn = self.acquire().await?;
            let row: Option<UserRow> = sqlx::query_as(
                "SELECT users.user_id, email, password_hash, disabled_at IS NOT NULL \
                 FROM password_links \
                 JOIN users ON users.user_id = password_links.user_id \
                 WHERE token_hash = $1 AND expires_at > $2",
            )
            .bind(hash.as_bytes())
            .bind(now.as_ms())
            .fetch_optional(&mut *conn)
            .await?;
            conn.release();
            row.map(User::from_row).transpose()
        })
        .await
    }

    pub(crate) async fn set_password(
        &self,
        hash: TokenHash,
        requester: LinkRequester,
        password_hash: String,
        now: Timestamp,
    ) -> Result<Option<PasswordSet>, StorageError> {
        with_timeout(async {
            let mut conn = self.acquire().await?;
            let mut transaction = conn.begin().await?;
            let row: Option<(Vec<u8>,)> = sqlx::query_as(
                "DELETE FROM password_links WHERE token_hash = $1 AND expires_at > $2 \
                 RETURNING user_id",
            )
            .bind(hash.as_bytes())
            .bind(now.as_ms())
            .fetch_optional(&mut *transaction)
            .await?;
            let set = match row {
                Some((user_id,)) => {
                    let user_id = UserId::from_bytes(id_bytes(&user_id)?);
                    end_enrolment(&mut transaction, user_id).await?;
                    if requester == LinkRequester::Operator {
                        forget_wrong_codes(&mut transaction, user_id).await?;
                    }
                    sqlx::query("UPDATE users SET password_hash = $1 WHERE user_id = $2")
                        .bind(password_hash)
                        .bind(&user_id.as_bytes()[..])
                        .execute(&mut *transaction)
                        .await?;
                    let revoked = delete_tokens(&mut transaction, user_id, Revocation::All).await?;
                    notify_revoked(&mut transaction, self.node_id, user_id, &revoked).await?;
                    Some(PasswordSet { user_id, revoked })
                }
                None => None,
            };
            transaction.commit().await?;
            conn.release();
            Ok(set)
        })
        .await
    }

    pub(crate) async fn set_disabled_at(
        &self,
        user_id: UserId,
        disabled_at: Option<Timestamp>,
    ) -> Result<Vec<TokenHash>, StorageError> {
        with_timeout(async {
            let mut conn = self.acquire().await?;
            let mut transaction = conn.begin().await?;
            sqlx::query("UPDATE users SET disabled_at = $1 WHERE user_id = $2")
                .bind(disabled_at.map(Timestamp::as_ms))
                .bind(&user_id.as_bytes()[..])
                .execute(&mut *transaction)
                .await?;
            let mut revoked = Vec::new();
            if disabled_at.is_some() {
                revoked = delete_tokens(&mut transaction, user_id, Revocation::All).await?;
                notify_revoked(&mut transaction, self.node_id, user_id, &revoked).await?;
            }
            transaction.commit().await?;
            conn.release();
            Ok(revoked)
        })
        .await
    }
}

async fn sign_up(
    connection: &mut PgConnection,
    admission: Admission,
    user: &NewUser,
    token: &NewToken,
) -> Result<SignUpOutcome, StorageError> {
    if !is_admitted(&mut *connection, admission, &user.email, token.created_at).await? {
        return Ok(SignUpOutcome::NotAdmitted);
    }
    // A concurrent sign-up with the same invitation has the same email.
    if !insert_user(&mut *connection, user, token.created_at).await? {
        return Ok(SignUpOutcome::EmailTaken);
    }
    insert_token(&mut *connection, token).await?;
    delete_invitation(connection, &user.email).await?;
    Ok(SignUpOutcome::Created)
}

/// Whether a user may create an account.
pub(super) async fn is_admitted(
    connection: &mut PgConnection,
    admission: Admission,
    email: &str,
    now: Timestamp,
) -> Result<bool, StorageError> {
    match admission {
        Admission::Anyone => Ok(true),
        Admission::First => {
            // Concurrent sign-ups wait for each other, so that only one is the first.
            sqlx::query("SELECT 1 FROM meta WHERE name = 'epoch' FOR UPDATE")
                .execute(&mut *connection)
                .await?;
            Ok(!has_users(connection).await?)
        }
        Admission::Invited(hash) => is_invited(connection, &hash, email, now).await,
    }
}

async fn has_users(connection: &mut PgConnection) -> Result<bool, StorageError> {
    let found = sqlx::query_scalar("SELECT EXISTS (SELECT 1 FROM users)");
    Ok(found.fetch_one(connection).await?)
}

async fn is_invited(
    connection: &mut PgConnection,
    hash: &TokenHash,
    email: &str,
    now: Timestamp,
) -> Result<bool, StorageError> {
    let found = sqlx::query_scalar(
        "SELECT EXISTS (SELECT 1 FROM invitations \
         WHERE token_hash = $1 AND email = $2 AND expires_at > $3)",
    );
    let found = found.bind(hash.as_bytes()).bind(email).bind(now.as_ms());
    Ok(found.fetch_one(connection).await?)
}

/// `false` if the email is taken.
pub(super) async fn insert_user(
    connection: &mut PgConnection,
    user: &NewUser,
    created_at: Timestamp,
) -> Result<bool, StorageError> {
    let inserted = sqlx::query(
        "INSERT INTO users (user_id, email, password_hash, created_at) \
         VALUES ($1, $2, $3, $4) ON CONFLICT (email) DO NOTHING",
    )
    .bind(&user.user_id.as_bytes()[..])
    .bind(&user.email)
    .bind(&user.password_hash)
    .bind(created_at.as_ms())
    .execute(connection)
    .await?;
    Ok(inserted.rows_affected() > 0)
}

pub(super) async fn delete_invitation(
    connection: &mut PgConnection,
    email: &str,
) -> Result<(), StorageError> {
    let deletion = sqlx::query("DELETE FROM invitations WHERE email = $1");
    deletion.bind(email).execute(connection).await?;
    Ok(())
}
