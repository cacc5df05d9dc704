//! The table of audit events.

use std::borrow::Cow;
use std::net::IpAddr;

use wizitime_domain::{DurationMs, Timestamp, UserId};

use super::column::id_bytes;
use super::{Backend, Storage, StorageError};

/// How long an event is kept: 90 days.
pub const AUDIT_LIFE_MS: i64 = 90 * 24 * 60 * 60 * 1_000;

/// Events of one kind that are kept for each account, and for all unknown accounts together. So
/// many failed sign-ins do not displace other events.
pub const AUDIT_EVENTS_MAX: u32 = 500;

/// An audit event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuditRow {
    /// A UUIDv7; events of one millisecond have no order.
    pub id: [u8; 16],
    pub at: Timestamp,
    /// The name of the event; a newer version may have written an unknown one.
    pub event: Cow<'static, str>,
    pub user_id: Option<UserId>,
    /// None if a command caused it.
    pub address: Option<IpAddr>,
}

/// The columns of an [`AuditRow`].
pub(super) type AuditColumns = (Vec<u8>, Vec<u8>, i64, String, String);

impl AuditRow {
    pub(super) fn from_columns(columns: AuditColumns) -> Result<Self, StorageError> {
        let (user_id, id, at, event, address) = columns;
        let user_id = match &*user_id {
            [] => None,
            bytes => Some(UserId::from_bytes(id_bytes(bytes)?)),
        };
        let at = Timestamp::from_ms(at).map_err(|it| StorageError::corrupt("audit time", it))?;
        let address = match &*address {
            "" => None,
            text => Some(text.parse().map_err(|it| StorageError::corrupt("audit address", it))?),
        };
        Ok(Self { id: id_bytes(&id)?, at, event: event.into(), user_id, address })
    }

    pub(super) fn user_column(&self) -> Vec<u8> {
        self.user_id.map_or_else(Vec::new, |it| it.as_bytes().to_vec())
    }

    pub(super) fn address_column(&self) -> String {
        self.address.map_or_else(String::new, |it| it.to_string())
    }

    /// Rows before this are deleted.
    pub(super) const fn kept_since(&self) -> Timestamp {
        self.at.saturating_add(DurationMs::from_ms(-AUDIT_LIFE_MS))
    }
}

impl Storage {
    /// Adds an event, and deletes old ones and those over [`AUDIT_EVENTS_MAX`].
    ///
    /// # Errors
    /// If the database is unavailable.
    pub async fn add_audit_row(&self, row: AuditRow) -> Result<(), StorageError> {
        counted!(self, database => database.add_audit_row(row).await)
    }

    /// The newest events of all accounts.
    ///
    /// # Errors
    /// If the database is unavailable.
    pub async fn audit_rows(&self, limit: u32) -> Result<Vec<AuditRow>, StorageError> {
        counted!(self, database => database.audit_rows(None, limit).await)
    }

    /// The newest events of an account.
    ///
    /// # Errors
    /// If the database is unavailable.
    pub async fn audit_rows_of(
        &self,
        user_id: UserId,
        limit: u32,
    ) -> Result<Vec<AuditRow>, StorageError> {
        counted!(self, database => database.audit_rows(Some(user_id), limit).await)
    }
}
