//! Accounts of an OpenID Connect provider, and the codes with which a sign-in is finished, as
//! parameters and results of the database.

use wizitime_domain::{Timestamp, UserId};

use super::account::UserRow;
use super::{Admission, Backend, NewUser, SignUpOutcome, Storage, StorageError, User};
use crate::auth::TokenHash;

/// Unused codes that an account may have; one more voids the oldest. Each device that signs in at
/// the same time has one.
pub const OIDC_CODES_MAX: usize = 16;

/// An account of a provider. An email is none, because it can change its owner.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OidcIdentity {
    pub issuer: String,
    pub subject: String,
}

/// An account of a provider with which a user signs in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OidcLink {
    pub identity: OidcIdentity,
    pub linked_at: Timestamp,
}

/// A code to add. It can be used only with the cookie of the browser.
#[derive(Debug)]
pub struct NewOidcCode {
    pub user_id: UserId,
    pub code: TokenHash,
    pub browser: TokenHash,
    pub created_at: Timestamp,
    pub expires_at: Timestamp,
}

/// The columns of an [`OidcLink`].
pub(super) type OidcLinkRow = (String, String, i64);

impl OidcLink {
    pub(super) fn from_row(row: OidcLinkRow) -> Result<Self, StorageError> {
        let (issuer, subject, linked_at) = row;
        let linked_at = Timestamp::from_ms(linked_at)
            .map_err(|error| StorageError::corrupt("time of a link", error))?;
        Ok(Self { identity: OidcIdentity { issuer, subject }, linked_at })
    }
}

/// The account in a row, if there is one.
pub(super) fn user(row: Option<UserRow>) -> Result<Option<User>, StorageError> {
    row.map(User::from_row).transpose()
}

impl Storage {
    /// The account whose user has this account of a provider.
    ///
    /// # Errors
    /// If the database is unavailable.
    pub async fn find_oidc_user(
        &self,
        identity: &OidcIdentity,
    ) -> Result<Option<User>, StorageError> {
        counted!(self, database => database.find_oidc_user(identity).await)
    }

    /// The accounts of providers with which a user signs in.
    ///
    /// # Errors
    /// If the database is unavailable.
    pub async fn oidc_links(&self, user_id: UserId) -> Result<Vec<OidcLink>, StorageError> {
        counted!(self, database => database.oidc_links(user_id).await)
    }

    /// Links an account to an account of a provider. `false` if the account was deleted, or either
    /// has a link already.
    ///
    /// # Errors
    /// If the database is unavailable.
    pub async fn link_oidc(
        &self,
        user_id: UserId,
        identity: OidcIdentity,
        linked_at: Timestamp,
    ) -> Result<bool, StorageError> {
        counted!(self, database => database.link_oidc(user_id, identity, linked_at).await)
    }

    /// Creates an account that is linked to an account of a provider, if the user may do that. The
    /// outcome is also [`SignUpOutcome::EmailTaken`] if the provider's account is linked already.
    ///
    /// # Errors
    /// If the database is unavailable.
    pub async fn sign_up_with_oidc(
        &self,
        admission: Admission,
        user: NewUser,
        identity: OidcIdentity,
        created_at: Timestamp,
    ) -> Result<SignUpOutcome, StorageError> {
        counted!(self, database => {
            database.sign_up_with_oidc(admission, user, identity, created_at).await
        })
    }

    /// Adds a code and deletes expired ones and those over [`OIDC_CODES_MAX`]. `false` if the
    /// account is disabled or deleted.
    ///
    /// # Errors
    /// If the database is unavailable.
    pub async fn add_oidc_code(&self, code: NewOidcCode) -> Result<bool, StorageError> {
        counted!(self, database => database.add_oidc_code(code).await)
    }

    /// Uses up a code that is valid at `now` in this browser, and returns its account.
    ///
    /// # Errors
    /// If the database is unavailable.
    pub async fn use_oidc_code(
        &self,
        code: TokenHash,
        browser: TokenHash,
        now: Timestamp,
    ) -> Result<Option<User>, StorageError> {
        counted!(self, database => database.use_oidc_code(code, browser, now).await)
    }
}
