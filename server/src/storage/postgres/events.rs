//! Reads the log, for exports.

use wizitime_domain::UserId;

use super::super::account::LoggedEventRow;
use super::super::column::seq_column;
use super::super::{LoggedEvent, StorageError};
use super::{Postgres, with_timeout};

impl Postgres {
    pub(crate) async fn events(
        &self,
        user_id: UserId,
        since: u64,
        limit: u32,
    ) -> Result<Vec<LoggedEvent>, StorageError> {
        with_timeout(async {
            let mut conn = self.acquire().await?;
            let rows: Vec<LoggedEventRow> = sqlx::query_as(
                "SELECT seq, received_at, json FROM events \
                 WHERE user_id = $1 AND seq > $2 ORDER BY seq LIMIT $3",
            )
            .bind(&user_id.as_bytes()[..])
            .bind(seq_column(since)?)
            .bind(i64::from(limit))
            .fetch_all(&mut *conn)
            .await?;
            conn.release();
            rows.into_iter().map(LoggedEvent::from_row).collect()
        })
        .await
    }
}
