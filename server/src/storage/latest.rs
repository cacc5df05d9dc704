//! GET_LATEST_TIME_ENTRIES: one page of what changed, read in one snapshot.

use sqlx::sqlite::SqliteConnection;
use wizitime_domain::UserId;
use wizitime_protocol::messages::{Latest, LatestRequest, PAGE_ENTITIES_MAX};

use super::load::{self, seq, seq_column};
use super::{Storage, StorageError};

impl Storage {
    /// A page of what changed after the request's cursor, from the beginning if the cursor belongs
    /// to another log. What one event touched stays on one page.
    ///
    /// # Errors
    /// If the database does not answer.
    pub async fn latest(
        &self,
        user_id: UserId,
        request: &LatestRequest,
    ) -> Result<Latest, StorageError> {
        let mut snapshot = self.readers.begin().await?;
        let head = load::cursor(&mut snapshot, user_id).await?;
        let known_log = request.epoch == Some(self.epoch) && request.since <= head;
        let since = if known_log { request.since } else { 0 };
        let limit = request.limit.clamp(1, PAGE_ENTITIES_MAX);
        let last = last_of_page(&mut snapshot, user_id, since, limit).await?.unwrap_or(head);
        let rest = last_of_page(&mut snapshot, user_id, last, 1).await?;
        let mut page = Latest::empty(self.epoch, if rest.is_some() { last } else { head });
        page.more = rest.is_some();
        for (kind, body) in rows(&mut snapshot, user_id, since, last).await? {
            page.push(&load::entity(&kind, &body)?);
        }
        snapshot.rollback().await?;
        Ok(page)
    }
}

/// The sequence number of the `limit`th change after `since`; none if there are fewer.
async fn last_of_page(
    connection: &mut SqliteConnection,
    user_id: UserId,
    since: u64,
    limit: usize,
) -> Result<Option<u64>, StorageError> {
    // Each half is cut before they are put together: the cost does not grow with the account.
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
