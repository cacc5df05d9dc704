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

impl SignedIn {
    pub(super) fn read((user_id, email, expires_at): SignedInRow) -> Result<Self, StorageError> {
        let user_id = UserId::from_bytes(id_bytes(&user_id)?);
        let expires_at = Timestamp::from_ms(expires_at)
            .map_err(|error| StorageError::corrupt("token's expiry", error))?;
        Ok(Self { user_id, email, expires_at })
    }
}
