//! Sign-up, invitations, set-password links, and disabled accounts.

use sqlx::sqlite::SqliteConnection;
use wizitime_domain::{Timestamp, UserId};

use super::super::account::UserRow;
use super::super::column::id_bytes;
use super::super::registration::UserSummaryRow;
use super::super::{
    Admission, NewInvitation, NewPasswordLink, NewToken, NewUser, PasswordSet, Revocation,
    SignUpOutcome, StorageError, User, UserSummary,
};
use super::Sqlite;
use super::accounts::{delete_tokens, insert_token};
use super::two_step::{end_enrolment, forget_wrong_codes};
use super::writer::WriteJob;
use crate::auth::{LinkRequester, TokenHash};

impl Sqlite {
    pub(crate) async fn sign_up(
        &self,
        admission: Admission,
        user: NewUser,
        token: NewToken,
    ) -> Result<SignUpOutcome, StorageError> {
        self.writer.write(SignUp { admission, user, token }).await
    }

    pub(crate) async fn add_user(
        &self,
        user: NewUser,
        created_at: Timestamp,
    ) -> Result<bool, StorageError> {
        self.writer.write(AddUser { user, created_at }).await
    }

    pub(crate) async fn has_users(&self) -> Result<bool, StorageError> {
        has_users(&mut *self.reader().await?).await
    }

    pub(crate) async fn users(&self, now: Timestamp) -> Result<Vec<UserSummary>, StorageError> {
        let rows: Vec<UserSummaryRow> = sqlx::query_as(
            "SELECT user_id, email, created_at, disabled_at IS NOT NULL, \
             (SELECT count(*) FROM tokens \
              WHERE tokens.user_id = users.user_id AND expires_at > ?) \
             FROM users ORDER BY email",
        )
        .bind(now.as_ms())
        .fetch_all(&mut *self.reader().await?)
        .await?;
        rows.into_iter().map(UserSummary::from_row).collect()
    }

    pub(crate) async fn add_invitation(
        &self,
        invitation: NewInvitation,
    ) -> Result<(), StorageError> {
        self.writer.write(invitation).await
    }

    pub(crate) async fn is_invited(
        &self,
        hash: &TokenHash,
        email: &str,
        now: Timestamp,
    ) -> Result<bool, StorageError> {
        is_invited(&mut *self.reader().await?, hash, email, now).await
    }

    pub(crate) async fn add_password_link(
        &self,
        link: NewPasswordLink,
    ) -> Result<(), StorageError> {
        self.writer.write(link).await
    }

    pub(crate) async fn add_mailed_link(
        &self,
        link: NewPasswordLink,
    ) -> Result<bool, StorageError> {
        self.writer.write(NewMailedLink(link)).await
    }

    pub(crate) async fn password_link_user(
        &self,
        hash: &TokenHash,
        now: Timestamp,
    ) -> Result<Option<User>, StorageError> {
        let row: Option<UserRow> = sqlx::query_as(
            "SELECT users.user_id, email, password_hash, disabled_at IS NOT NULL \
             FROM password_links \
             JOIN users ON users.user_id = password_links.user_id \
             WHERE token_hash = ? AND expires_at > ?",
        )
        .bind(hash.as_bytes())
        .bind(now.as_ms())
        .fetch_optional(&mut *self.reader().await?)
        .await?;
        row.map(User::from_row).transpose()
    }

    pub(crate) async fn set_password(
        &self,
        hash: TokenHash,
        requester: LinkRequester,
        password_hash: String,
        now: Timestamp,
    ) -> Result<Option<PasswordSet>, StorageError> {
        self.writer.write(SetPassword { hash, requester, password_hash, now }).await
    }

    pub(crate) async fn set_disabled_at(
        &self,
        user_id: UserId,
        disabled_at: Option<Timestamp>,
    ) -> Result<Vec<TokenHash>, StorageError> {
        self.writer.write(SetDisabled { user_id, disabled_at }).await
    }
}

struct SignUp {
    admission: Admission,
    user: NewUser,
    token: NewToken,
}

struct AddUser {
    user: NewUser,
    created_at: Timestamp,
}

struct NewMailedLink(NewPasswordLink);

struct SetPassword {
    hash: TokenHash,
    requester: LinkRequester,
    password_hash: String,
    now: Timestamp,
}

struct SetDisabled {
    user_id: UserId,
    disabled_at: Option<Timestamp>,
}

impl WriteJob for SignUp {
    type Output = SignUpOutcome;

    fn event_count(&self) -> usize {
        1
    }

    async fn run(self, connection: &mut SqliteConnection) -> Result<Self::Output, StorageError> {
        let Self { admission, user, token } = self;
        if !is_admitted(&mut *connection, admission, &user.email, token.created_at).await? {
            return Ok(SignUpOutcome::NotAdmitted);
        }
        if !insert_user(&mut *connection, &user, token.created_at).await? {
            return Ok(SignUpOutcome::EmailTaken);
        }
        insert_token(&mut *connection, &token).await?;
        delete_invitation(connection, &user.email).await?;
        Ok(SignUpOutcome::Created)
    }
}

impl WriteJob for AddUser {
    type Output = bool;

    fn event_count(&self) -> usize {
        1
    }

    async fn run(self, connection: &mut SqliteConnection) -> Result<bool, StorageError> {
        let is_new = insert_user(&mut *connection, &self.user, self.created_at).await?;
        if is_new {
            delete_invitation(connection, &self.user.email).await?;
        }
        Ok(is_new)
    }
}

impl WriteJob for NewInvitation {
    type Output = ();

    fn event_count(&self) -> usize {
        1
    }

    async fn run(self, connection: &mut SqliteConnection) -> Result<(), StorageError> {
        sqlx::query("DELETE FROM invitations WHERE expires_at <= ?")
            .bind(self.created_at.as_ms())
            .execute(&mut *connection)
            .await?;
        sqlx::query(
            "INSERT OR REPLACE INTO invitations (email, token_hash, created_at, expires_at) \
             VALUES (?, ?, ?, ?)",
        )
        .bind(&self.email)
        .bind(self.hash.as_bytes())
        .bind(self.created_at.as_ms())
        .bind(self.expires_at.as_ms())
        .execute(connection)
        .await?;
        Ok(())
    }
}

impl WriteJob for NewMailedLink {
    type Output = bool;

    fn event_count(&self) -> usize {
        1
    }

    async fn run(self, connection: &mut SqliteConnection) -> Result<bool, StorageError> {
        let Self(link) = self;
        let added = sqlx::query(
            "INSERT INTO password_links (user_id, token_hash, created_at, expires_at) \
             VALUES (?, ?, ?, ?) ON CONFLICT (user_id) DO UPDATE SET \
             token_hash = excluded.token_hash, created_at = excluded.created_at, \
             expires_at = excluded.expires_at \
             WHERE password_links.expires_at <= excluded.expires_at",
        )
        .bind(&link.user_id.as_bytes()[..])
        .bind(link.hash.as_bytes())
        .bind(link.created_at.as_ms())
        .bind(link.expires_at.as_ms())
        .execute(connection)
        .await?;
        Ok(added.rows_affected() > 0)
    }
}

impl WriteJob for NewPasswordLink {
    type Output = ();

    fn event_count(&self) -> usize {
        1
    }

    async fn run(self, connection: &mut SqliteConnection) -> Result<(), StorageError> {
        sqlx::query("DELETE FROM password_links WHERE expires_at <= ?")
            .bind(self.created_at.as_ms())
            .execute(&mut *connection)
            .await?;
        sqlx::query(
            "INSERT OR REPLACE INTO password_links (user_id, token_hash, created_at, expires_at) \
             VALUES (?, ?, ?, ?)",
        )
        .bind(&self.user_id.as_bytes()[..])
        .bind(self.hash.as_bytes())
        .bind(self.created_at.as_ms())
        .bind(self.expires_at.as_ms())
        .execute(connection)
        .await?;
        Ok(())
    }
}

impl WriteJob for SetPassword {
    type Output = Option<PasswordSet>;

    fn event_count(&self) -> usize {
        1
    }

    async fn run(self, connection: &mut SqliteConnection) -> Result<Self::Output, StorageError> {
        let row: Option<(Vec<u8>,)> = sqlx::query_as(
            "DELETE FROM password_links WHERE token_hash = ? AND expires_at > ? \
             RETURNING user_id",
        )
        .bind(self.hash.as_bytes())
        .bind(self.now.as_ms())
        .fetch_optional(&mut *connection)
        .await?;
        let Some((user_id,)) = row else { return Ok(None) };
        let user_id = UserId::from_bytes(id_bytes(&user_id)?);
        end_enrolment(connection, user_id).await?;
        if self.requester == LinkRequester::Operator {
            forget_wrong_codes(connection, user_id).await?;
        }
        sqlx::query("UPDATE users SET password_hash = ? WHERE user_id = ?")
            .bind(self.password_hash)
            .bind(&user_id.as_bytes()[..])
            .execute(&mut *connection)
            .await?;
        let revoked = delete_tokens(connection, user_id, Revocation::All).await?;
        Ok(Some(PasswordSet { user_id, revoked }))
    }
}

impl WriteJob for SetDisabled {
    type Output = Vec<TokenHash>;

    fn event_count(&self) -> usize {
        1
    }

    async fn run(self, connection: &mut SqliteConnection) -> Result<Self::Output, StorageError> {
        sqlx::query("UPDATE users SET disabled_at = ? WHERE user_id = ?")
            .bind(self.disabled_at.map(Timestamp::as_ms))
            .bind(&self.user_id.as_bytes()[..])
            .execute(&mut *connection)
            .await?;
        match self.disabled_at {
            Some(_) => delete_tokens(connection, self.user_id, Revocation::All).await,
            None => Ok(Vec::new()),
        }
    }
}

/// Whether a user may create an account.
pub(super) async fn is_admitted(
    connection: &mut SqliteConnection,
    admission: Admission,
    email: &str,
    now: Timestamp,
) -> Result<bool, StorageError> {
    match admission {
        Admission::Anyone => Ok(true),
        Admission::First => Ok(!has_users(connection).await?),
        Admission::Invited(hash) => is_invited(connection, &hash, email, now).await,
    }
}

async fn has_users(connection: &mut SqliteConnection) -> Result<bool, StorageError> {
    let found = sqlx::query_scalar("SELECT EXISTS (SELECT 1 FROM users)");
    Ok(found.fetch_one(connection).await?)
}

async fn is_invited(
    connection: &mut SqliteConnection,
    hash: &TokenHash,
    email: &str,
    now: Timestamp,
) -> Result<bool, StorageError> {
    let found = sqlx::query_scalar(
        "SELECT EXISTS (SELECT 1 FROM invitations \
         WHERE token_hash = ? AND email = ? AND expires_at > ?)",
    );
    let found = found.bind(hash.as_bytes()).bind(email).bind(now.as_ms());
    Ok(found.fetch_one(connection).await?)
}

/// `false` if the email is taken.
pub(super) async fn insert_user(
    connection: &mut SqliteConnection,
    user: &NewUser,
    created_at: Timestamp,
) -> Result<bool, StorageError> {
    let inserted = sqlx::query(
        "INSERT INTO users (user_id, email, password_hash, created_at) VALUES (?, ?, ?, ?) \
         ON CONFLICT (email) DO NOTHING",
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
    connection: &mut SqliteConnection,
    email: &str,
) -> Result<(), StorageError> {
    let deletion = sqlx::query("DELETE FROM invitations WHERE email = ?");
    deletion.bind(email).execute(connection).await?;
    Ok(())
}
