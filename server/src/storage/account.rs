//! Accounts and tokens as parameters and results of the database.

use wizitime_domain::{DeviceId, Timestamp, UserId};

use super::StorageError;
use super::column::id_bytes;
use crate::auth::TokenHash;

/// In place of the hash of a password: the account has none. Its user signs in with a provider.
pub const NO_PASSWORD: &str = "";

/// An account to create.
#[derive(Debug)]
pub struct NewUser {
    pub user_id: UserId,
    pub email: String,
    /// Or [`NO_PASSWORD`].
    pub password_hash: String,
}

/// A session token to add.
#[derive(Debug)]
pub struct NewToken {
    pub user_id: UserId,
    pub hash: TokenHash,
    pub device_id: DeviceId,
    pub created_at: Timestamp,
    pub expires_at: Timestamp,
}

/// A socket token to add.
#[derive(Debug)]
pub struct NewSocketToken {
    pub user_id: UserId,
    /// The token of the session; the socket token is revoked with it.
    pub session: TokenHash,
    pub hash: TokenHash,
    pub created_at: Timestamp,
    pub expires_at: Timestamp,
}

/// The session for which a token opens a socket.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SocketAuth {
    pub user_id: UserId,
    /// The token of the session.
    pub session: TokenHash,
    /// When the session expires.
    pub expires_at: Timestamp,
}

/// An account.
#[derive(Debug)]
pub struct User {
    pub user_id: UserId,
    pub email: String,
    pub password_hash: String,
    pub is_disabled: bool,
}

/// The user of a session token.
#[derive(Clone, Debug)]
pub struct SignedInUser {
    pub user_id: UserId,
    pub email: String,
    pub expires_at: Timestamp,
}

/// A device with a valid session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeviceSession {
    pub device_id: DeviceId,
    pub hash: TokenHash,
    pub created_at: Timestamp,
    pub expires_at: Timestamp,
}

/// Which tokens of an account to revoke.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Revocation {
    /// This token.
    Token(TokenHash),
    /// The tokens of this device.
    Device(DeviceId),
    /// All tokens except this one.
    Others(TokenHash),
    /// All tokens.
    All,
}

/// An event of the log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LoggedEvent {
    pub seq: u64,
    pub received_at: Timestamp,
    /// The JSON of the event as its device wrote it.
    pub json: String,
}

/// The columns of a [`DeviceSession`].
pub(super) type DeviceSessionRow = (Vec<u8>, Vec<u8>, i64, i64);

/// The columns of a [`LoggedEvent`].
pub(super) type LoggedEventRow = (i64, i64, String);

/// The columns of an [`SocketAuth`].
pub(super) type SocketAuthRow = (Vec<u8>, Vec<u8>, i64);

/// A [`Revocation`] as query parameters; `None` does not filter.
pub(super) struct TokenFilter {
    pub(super) token: Option<TokenHash>,
    pub(super) except: Option<TokenHash>,
    pub(super) device_id: Option<DeviceId>,
}

impl Revocation {
    pub(super) const fn filter(self) -> TokenFilter {
        let none = TokenFilter { token: None, except: None, device_id: None };
        match self {
            Self::Token(hash) => TokenFilter { token: Some(hash), ..none },
            Self::Device(device_id) => TokenFilter { device_id: Some(device_id), ..none },
            Self::Others(hash) => TokenFilter { except: Some(hash), ..none },
            Self::All => none,
        }
    }
}

/// The columns of a [`User`].
pub(super) type UserRow = (Vec<u8>, String, String, bool);

/// The columns of a [`SignedInUser`].
pub(super) type SignedInUserRow = (Vec<u8>, String, i64);

impl User {
    /// The hash of the password, if the account has one.
    pub fn password_hash(&self) -> Option<&str> {
        Some(&*self.password_hash).filter(|hash| *hash != NO_PASSWORD)
    }

    pub(super) fn from_row(
        (user_id, email, password_hash, is_disabled): UserRow,
    ) -> Result<Self, StorageError> {
        let user_id = UserId::from_bytes(id_bytes(&user_id)?);
        Ok(Self { user_id, email, password_hash, is_disabled })
    }
}

impl DeviceSession {
    pub(super) fn from_row(row: DeviceSessionRow) -> Result<Self, StorageError> {
        let (device_id, hash, created_at, expires_at) = row;
        let timestamp =
            |ms| Timestamp::from_ms(ms).map_err(|error| StorageError::corrupt("token time", error));
        Ok(Self {
            device_id: DeviceId::from_bytes(id_bytes(&device_id)?),
            hash: token_hash(&hash)?,
            created_at: timestamp(created_at)?,
            expires_at: timestamp(expires_at)?,
        })
    }
}

impl LoggedEvent {
    pub(super) fn from_row((seq, received_at, json): LoggedEventRow) -> Result<Self, StorageError> {
        let seq = u64::try_from(seq).map_err(|error| StorageError::corrupt("seq", error))?;
        let received_at = Timestamp::from_ms(received_at)
            .map_err(|error| StorageError::corrupt("event time", error))?;
        Ok(Self { seq, received_at, json })
    }
}

impl SocketAuth {
    pub(super) fn from_row(
        (user_id, session, expires_at): SocketAuthRow,
    ) -> Result<Self, StorageError> {
        let expires_at = Timestamp::from_ms(expires_at)
            .map_err(|error| StorageError::corrupt("token expiry", error))?;
        let user_id = UserId::from_bytes(id_bytes(&user_id)?);
        Ok(Self { user_id, session: token_hash(&session)?, expires_at })
    }
}

pub(super) fn token_hash(bytes: &[u8]) -> Result<TokenHash, StorageError> {
    let bytes = bytes.try_into().map_err(|error| StorageError::corrupt("token hash", error))?;
    Ok(TokenHash::from_bytes(bytes))
}

pub(super) fn token_hashes(rows: &[(Vec<u8>,)]) -> Result<Vec<TokenHash>, StorageError> {
    rows.iter().map(|(hash,)| token_hash(hash)).collect()
}

impl SignedInUser {
    pub(super) fn from_row(
        (user_id, email, expires_at): SignedInUserRow,
    ) -> Result<Self, StorageError> {
        let user_id = UserId::from_bytes(id_bytes(&user_id)?);
        let expires_at = Timestamp::from_ms(expires_at)
            .map_err(|error| StorageError::corrupt("token expiry", error))?;
        Ok(Self { user_id, email, expires_at })
    }
}
