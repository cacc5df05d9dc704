//! The head of an account's log.

use wizitime_domain::UserId;
use wizitime_hub::Head;

use super::{Backend, Storage, StorageError};

impl Storage {
    /// The head of an account's log: epoch and cursor.
    ///
    /// # Errors
    /// If the database is unavailable.
    pub async fn head(&self, user_id: UserId) -> Result<Head, StorageError> {
        let cursor = match &self.backend {
            Backend::Sqlite(it) => it.cursor(user_id).await,
            Backend::Postgres(it) => it.cursor(user_id).await,
        };
        Ok(Head { epoch: self.epoch(), cursor: self.count_error(cursor)? })
    }

    /// The cursor of an account's log when no append to it is in progress. Announces it to the
    /// other servers of the database.
    ///
    /// # Errors
    /// If the database is unavailable, or an append does not end.
    pub(crate) async fn settled_cursor(&self, user_id: UserId) -> Result<u64, StorageError> {
        self.count_error(match &self.backend {
            // The result of an append is known when its transaction has ended.
            Backend::Sqlite(it) => it.cursor(user_id).await,
            Backend::Postgres(it) => it.settled_cursor(user_id).await,
        })
    }
}
