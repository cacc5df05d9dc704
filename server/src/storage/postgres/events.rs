//! The log as it is, for whoever wants to take it along.

use wizitime_domain::UserId;

use super::super::account::LoggedRow;
use super::super::column::seq_column;
use super::super::{Logged, StorageError};
use super::{Postgres, bounded};

impl Postgres {
    pub(crate) async fn events(
        &self,
        user_id: UserId,
        since: u64,
        limit: u32,
    ) -> Result<Vec<Logged>, StorageError> {
        bounded(async {
            let mut lease = self.lease().await?;
            let rows: Vec<LoggedRow> = sqlx::query_as(
                "SELECT seq, received_at, json FROM events \
                 WHERE user_id = $1 AND seq > $2 ORDER BY seq LIMIT $3",
            )
            .bind(&user_id.as_bytes()[..])
            .bind(seq_column(since)?)
            .bind(i64::from(limit))
            .fetch_all(&mut *lease)
            .await?;
            lease.give_back();
            rows.into_iter().map(Logged::read).collect()
        })
        .await
    }
}
