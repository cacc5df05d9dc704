//! How accounts come into being and are administrated: sign-up, invitations, set-password links,
//! and disabled accounts.

use wizitime_domain::{EpochId, Timestamp, UserId};

use super::column::id_bytes;
use super::postgres::Postgres;
use super::sqlite::Sqlite;
use super::{Backend, Database, NewToken, NewUser, Storage, StorageError, User};
use crate::auth::{LinkRequester, TokenHash};

/// Who may create an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Admission {
    /// Anyone.
    Anyone,
    /// Anyone, as long as there is no account.
    First,
    /// A user with the invitation of this hash, for the email of the invitation.
    Invited(TokenHash),
}

/// The result of a sign-up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SignUpOutcome {
    /// The account exists now. An invitation was used up.
    Created,
    /// There is an account with this email. An invitation is still valid.
    EmailTaken,
    /// There is an account already, or the invitation is not valid for this email.
    NotAdmitted,
}

/// An invitation to create. It replaces an earlier one for the same email.
#[derive(Debug)]
pub struct NewInvitation {
    pub email: String,
    pub hash: TokenHash,
    pub created_at: Timestamp,
    pub expires_at: Timestamp,
}

/// A set-password link to create. It replaces an earlier one of the same account.
#[derive(Debug)]
pub struct NewPasswordLink {
    pub user_id: UserId,
    pub hash: TokenHash,
    pub created_at: Timestamp,
    pub expires_at: Timestamp,
}

/// The account whose password was set with a link, and its sessions that ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PasswordSet {
    pub user_id: UserId,
    pub revoked: Vec<TokenHash>,
}

/// An account in the operator's list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UserSummary {
    pub user_id: UserId,
    pub email: String,
    pub created_at: Timestamp,
    pub is_disabled: bool,
    /// The number of valid sessions.
    pub sessions: u64,
}

/// The columns of a [`UserSummary`].
pub(super) type UserSummaryRow = (Vec<u8>, String, i64, bool, i64);

impl UserSummary {
    pub(super) fn from_row(row: UserSummaryRow) -> Result<Self, StorageError> {
        let (user_id, email, created_at, is_disabled, sessions) = row;
        let created_at = Timestamp::from_ms(created_at)
            .map_err(|error| StorageError::corrupt("account time", error))?;
        let user_id = UserId::from_bytes(id_bytes(&user_id)?);
        Ok(Self { user_id, email, created_at, is_disabled, sessions: sessions.unsigned_abs() })
    }
}

impl Storage {
    /// Opens the database for a command, also while servers use it. A running server notices what
    /// the command changes. Without a running server it is like [`Storage::open`].
    ///
    /// # Errors
    /// See [`Storage::open`]; also if a server of an older version uses the SQLite file.
    pub async fn open_beside(
        database: &Database,
        new_epoch: EpochId,
    ) -> Result<Self, StorageError> {
        match database {
            Database::File(path) => Sqlite::open_beside(path, new_epoch).await.map(Backend::Sqlite),
            Database::Postgres(url) => Postgres::open(url, new_epoch).await.map(Backend::Postgres),
        }
        .map(Self::new)
    }

    /// Creates an account with its first token. `false` if the email is taken.
    ///
    /// # Errors
    /// If the database is unavailable.
    pub async fn sign_up(&self, user: NewUser, token: NewToken) -> Result<bool, StorageError> {
        let outcome = self.sign_up_as(Admission::Anyone, user, token).await?;
        Ok(outcome == SignUpOutcome::Created)
    }

    /// Creates an account with its first token, if the user may do that.
    ///
    /// # Errors
    /// If the database is unavailable.
    pub async fn sign_up_as(
        &self,
        admission: Admission,
        user: NewUser,
        token: NewToken,
    ) -> Result<SignUpOutcome, StorageError> {
        counted!(self, database => database.sign_up(admission, user, token).await)
    }

    /// Creates an account without a session. `false` if the email is taken.
    ///
    /// # Errors
    /// If the database is unavailable.
    pub async fn add_user(
        &self,
        user: NewUser,
        created_at: Timestamp,
    ) -> Result<bool, StorageError> {
        counted!(self, database => database.add_user(user, created_at).await)
    }

    /// Whether there is an account.
    ///
    /// # Errors
    /// If the database is unavailable.
    pub async fn has_users(&self) -> Result<bool, StorageError> {
        counted!(self, database => database.has_users().await)
    }

    /// All accounts by email, with the number of sessions that are valid at `now`.
    ///
    /// # Errors
    /// If the database is unavailable.
    pub async fn users(&self, now: Timestamp) -> Result<Vec<UserSummary>, StorageError> {
        counted!(self, database => database.users(now).await)
    }

    /// Adds an invitation and deletes expired ones.
    ///
    /// # Errors
    /// If the database is unavailable.
    pub async fn add_invitation(&self, invitation: NewInvitation) -> Result<(), StorageError> {
        counted!(self, database => database.add_invitation(invitation).await)
    }

    /// Whether an invitation is valid at `now` for this email.
    ///
    /// # Errors
    /// If the database is unavailable.
    pub async fn is_invited(
        &self,
        hash: &TokenHash,
        email: &str,
        now: Timestamp,
    ) -> Result<bool, StorageError> {
        counted!(self, database => database.is_invited(hash, email, now).await)
    }

    /// Adds a set-password link and deletes expired ones.
    ///
    /// # Errors
    /// If the database is unavailable.
    pub async fn add_password_link(&self, link: NewPasswordLink) -> Result<(), StorageError> {
        counted!(self, database => database.add_password_link(link).await)
    }

    /// Adds a set-password link that anyone can have mailed. `false` if there is a link that is
    /// valid for longer: otherwise anyone could void those of the operator.
    ///
    /// # Errors
    /// If the database is unavailable.
    pub async fn add_mailed_link(&self, link: NewPasswordLink) -> Result<bool, StorageError> {
        counted!(self, database => database.add_mailed_link(link).await)
    }

    /// The account of a set-password link that is valid at `now`.
    ///
    /// # Errors
    /// If the database is unavailable.
    pub async fn password_link_user(
        &self,
        hash: &TokenHash,
        now: Timestamp,
    ) -> Result<Option<User>, StorageError> {
        counted!(self, database => database.password_link_user(hash, now).await)
    }

    /// Uses up a set-password link: sets the password and ends all sessions of its account. A link
    /// of the operator also ends the wait after wrong codes of the second step. None if the link is
    /// not valid at `now`.
    ///
    /// # Errors
    /// If the database is unavailable.
    pub async fn set_password(
        &self,
        hash: &TokenHash,
        requester: LinkRequester,
        password_hash: String,
        now: Timestamp,
    ) -> Result<Option<PasswordSet>, StorageError> {
        counted!(self, database => {
            database.set_password(*hash, requester, password_hash, now).await
        })
    }

    /// Disables an account and ends its sessions, or enables it again. Returns the sessions that
    /// ended.
    ///
    /// # Errors
    /// If the database is unavailable.
    pub async fn set_disabled_at(
        &self,
        user_id: UserId,
        disabled_at: Option<Timestamp>,
    ) -> Result<Vec<TokenHash>, StorageError> {
        counted!(self, database => database.set_disabled_at(user_id, disabled_at).await)
    }
}
