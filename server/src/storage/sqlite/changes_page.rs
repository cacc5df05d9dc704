//! Reads a changes page (GET_LATEST_TIME_ENTRIES) in one snapshot.

use sqlx::Connection as _;
use sqlx::sqlite::SqliteConnection;
use wizitime_domain::UserId;
use wizitime_protocol::messages::{ChangesPage, ChangesPageRequest};

use super::super::StorageError;
use super::super::column::{self, seq, seq_column};
use super::{Sqlite, load};

impl Sqlite {
    pub(crate) async fn changes_page(
        &self,
        user_id: UserId,
        request: &ChangesPageRequest,
    ) -> Result<ChangesPage, StorageError> {
        let mut reader = self.reader().await?;
        let mut snapshot = reader.begin().await?;
        let head = load::cursor(&mut snapshot, user_id).await?;
        let (since, limit) = column::page_start(request, self.epoch, head);
        let last = last_of_page(&mut snapshot, user_id, since, limit).await?.unwrap_or(head);
        let rest = last_of_page(&mut snapshot, user_id, last, 1).await?;
        let rows = rows(&mut snapshot, user_id, since, last).await?;
        snapshot.rollback().await?;
        let more = rest.is_some();
        column::page(self.epoch, if more { last } else { head }, more, &rows)
    }
}

/// The sequence number of the `limit`th change after `since`; none if there are fewer changes.
async fn last_of_page(
    connection: &mut SqliteConnection,
    user_id: UserId,
    since: u64,
    limit: usize,
) -> Result<Option<u64>, StorageError> {
    // The limit applies to each table before the union, so the cost does not grow with the account.
    let last: Option<i64> = sqlx::query_scalar(
        "SELECT updated_seq FROM ( \
           SELECT updated_seq FROM (SELECT updated_seq FROM time_entries \
             WHERE user_id = ?1 AND updated_seq > ?2 ORDER BY updated_seq LIMIT ?3) \
           UNION ALL \
           SELECT updated_seq FROM (SELECT updated_seq FROM catalog \
             WHERE user_id = ?1 AND updated_seq > ?2 ORDER BY updated_seq LIMIT ?3) \
         ) ORDER BY updated_seq LIMIT 1 OFFSET ?3 - 1",
    )
    .bind(&user_id.as_bytes()[..])
    .bind(seq_column(since)?)
    .bind(seq_column(limit as u64)?)
    .fetch_optional(connection)
    .await?;
    last.map(seq).transpose()
}

async fn rows(
    connection: &mut SqliteConnection,
    user_id: UserId,
    since: u64,
    last: u64,
) -> Result<Vec<(String, String)>, StorageError> {
    let rows = sqlx::query_as(
        "SELECT kind, body FROM ( \
           SELECT updated_seq, id, 'time_entry' AS kind, body FROM time_entries \
             WHERE user_id = ?1 AND updated_seq > ?2 AND updated_seq <= ?3 \
           UNION ALL \
           SELECT updated_seq, id, kind, body FROM catalog \
             WHERE user_id = ?1 AND updated_seq > ?2 AND updated_seq <= ?3 \
         ) ORDER BY updated_seq, id",
    )
    .bind(&user_id.as_bytes()[..])
    .bind(seq_column(since)?)
    .bind(seq_column(last)?)
    .fetch_all(connection)
    .await?;
    Ok(rows)
}
