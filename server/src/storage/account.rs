//! Accounts and tokens as the database takes them and gives them.

use wizitime_domain::{DeviceId, Timestamp, UserId};

use super::StorageError;
use super::column::id_bytes;
use crate::auth::TokenHash;

/// An account that is being made.
#[derive(Debug)]
pub struct NewUser {
    pub user_id: UserId,
    pub email: String,
    pub password_hash: String,
}

/// A token that is being given to a device.
#[derive(Debug)]
pub struct NewToken {
    pub user_id: UserId,
    pub hash: TokenHash,
    pub device_id: DeviceId,
    pub created_at: Timestamp,
    pub expires_at: Timestamp,
}

/// What opens sockets for a session, for a short time.
#[derive(Debug)]
pub struct NewSocketToken {
    pub user_id: UserId,
    /// The token of the session: with it, all of this is void.
    pub session: TokenHash,
    pub hash: TokenHash,
    pub created_at: Timestamp,
    pub expires_at: Timestamp,
}

/// Whose socket a token opens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Admitted {
    pub user_id: UserId,
    /// The token of the session that the socket belongs to.
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
}

/// Whom a token belongs to.
#[derive(Clone, Debug)]
pub struct SignedIn {
    pub user_id: UserId,
    pub email: String,
    pub expires_at: Timestamp,
}

/// A device that is signed in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignedInDevice {
    pub device_id: DeviceId,
    pub hash: TokenHash,
    pub created_at: Timestamp,
    pub expires_at: Timestamp,
}

/// Which tokens of an account become invalid.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Revocation {
    /// This one.
    Token(TokenHash),
    /// Those of this device.
    Device(DeviceId),
    /// All but this one.
    Others(TokenHash),
    /// All.
    All,
}

/// An event as the log has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Logged {
    pub seq: u64,
    pub received_at: Timestamp,
    /// The text of the event as its device wrote it.
    pub json: String,
}

/// The columns of a [`SignedInDevice`].
pub(super) type DeviceRow = (Vec<u8>, Vec<u8>, i64, i64);

/// The columns of a [`Logged`].
pub(super) type LoggedRow = (i64, i64, String);

/// The columns of an [`Admitted`].
pub(super) type AdmittedRow = (Vec<u8>, Vec<u8>, i64);

/// What a [`Revocation`] compares: a token to be hit, a token to be spared, a device to be hit.
pub(super) struct Hits {
    pub(super) only: Option<TokenHash>,
    pub(super) spared: Option<TokenHash>,
    pub(super) device_id: Option<DeviceId>,
}

impl Revocation {
    pub(super) const fn hits(self) -> Hits {
        let none = Hits { only: None, spared: None, device_id: None };
        match self {
            Self::Token(hash) => Hits { only: Some(hash), ..none },
            Self::Device(device_id) => Hits { device_id: Some(device_id), ..none },
            Self::Others(hash) => Hits { spared: Some(hash), ..none },
            Self::All => none,
        }
    }
}

/// The columns of a [`User`].
pub(super) type UserRow = (Vec<u8>, String, String);

/// The columns of a [`SignedIn`].
pub(super) type SignedInRow = (Vec<u8>, String, i64);

impl User {
    pub(super) fn read((user_id, email, password_hash): UserRow) -> Result<Self, StorageError> {
        let user_id = UserId::from_bytes(id_bytes(&user_id)?);
        Ok(Self { user_id, email, password_hash })
    }
}

impl SignedInDevice {
    pub(super) fn read(row: DeviceRow) -> Result<Self, StorageError> {
        let (device_id, hash, created_at, expires_at) = row;
        let instant = |ms| {
            Timestamp::from_ms(ms).map_err(|error| StorageError::corrupt("token's time", error))
        };
        Ok(Self {
            device_id: DeviceId::from_bytes(id_bytes(&device_id)?),
            hash: token_hash(&hash)?,
            created_at: instant(created_at)?,
            expires_at: instant(expires_at)?,
        })
    }
}

impl Logged {
    pub(super) fn read((seq, received_at, json): LoggedRow) -> Result<Self, StorageError> {
        let seq = u64::try_from(seq).map_err(|error| StorageError::corrupt("seq", error))?;
        let received_at = Timestamp::from_ms(received_at)
            .map_err(|error| StorageError::corrupt("time of an event", error))?;
        Ok(Self { seq, received_at, json })
    }
}

impl Admitted {
    pub(super) fn read((user_id, session, expires_at): AdmittedRow) -> Result<Self, StorageError> {
        let expires_at = Timestamp::from_ms(expires_at)
            .map_err(|error| StorageError::corrupt("token's expiry", error))?;
        let user_id = UserId::from_bytes(id_bytes(&user_id)?);
        Ok(Self { user_id, session: token_hash(&session)?, expires_at })
    }
}

pub(super) fn token_hash(bytes: &[u8]) -> Result<TokenHash, StorageError> {
    let bytes = bytes.try_into().map_err(|error| StorageError::corrupt("token's hash", error))?;
    Ok(TokenHash::from_bytes(bytes))
}

impl SignedIn {
    pub(super) fn read((user_id, email, expires_at): SignedInRow) -> Result<Self, StorageError> {
        let user_id = UserId::from_bytes(id_bytes(&user_id)?);
        let expires_at = Timestamp::from_ms(expires_at)
            .map_err(|error| StorageError::corrupt("token's expiry", error))?;
        Ok(Self { user_id, email, expires_at })
    }
}
