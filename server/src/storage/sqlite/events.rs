//! Reads the log, for exports.

use wizitime_domain::UserId;

use super::super::account::LoggedEventRow;
use super::super::column::seq_column;
use super::super::{LoggedEvent, StorageError};
use super::Sqlite;

impl Sqlite {
    pub(crate) async fn events(
        &self,
        user_id: UserId,
        since: u64,
        limit: u32,
    ) -> Result<Vec<LoggedEvent>, StorageError> {
        let rows: Vec<LoggedEventRow> = sqlx::query_as(
            "SELECT seq, received_at, json FROM events \
             WHERE user_id = ? AND seq > ? ORDER BY seq LIMIT ?",
        )
        .bind(&user_id.as_bytes()[..])
        .bind(seq_column(since)?)
        .bind(limit)
        .fetch_all(&mut *self.reader().await?)
        .await?;
        rows.into_iter().map(LoggedEvent::from_row).collect()
    }
}
