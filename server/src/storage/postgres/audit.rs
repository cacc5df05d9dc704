//! Audit events.

use sqlx::Connection as _;
use wizitime_domain::UserId;

use super::super::audit::{AUDIT_EVENTS_MAX, AuditColumns};
use super::super::{AuditRow, StorageError};
use super::{Postgres, with_timeout};

impl Postgres {
    pub(crate) async fn add_audit_row(&self, row: AuditRow) -> Result<(), StorageError> {
        with_timeout(async {
            let mut conn = self.acquire().await?;
            let mut transaction = conn.begin().await?;
            sqlx::query("DELETE FROM audit WHERE at < $1")
                .bind(row.kept_since().as_ms())
                .execute(&mut *transaction)
                .await?;
            sqlx::query(
                "INSERT INTO audit (user_id, audit_id, at, event, address) \
                 VALUES ($1, $2, $3, $4, $5)",
            )
            .bind(row.user_column())
            .bind(&row.id[..])
            .bind(row.at.as_ms())
            .bind(&*row.event)
            .bind(row.address_column())
            .execute(&mut *transaction)
            .await?;
            sqlx::query(
                "DELETE FROM audit WHERE user_id = $1 AND event = $2 AND audit_id IN ( \
                   SELECT audit_id FROM audit WHERE user_id = $1 AND event = $2 \
                   ORDER BY audit_id DESC OFFSET $3)",
            )
            .bind(row.user_column())
            .bind(&*row.event)
            .bind(i64::from(AUDIT_EVENTS_MAX))
            .execute(&mut *transaction)
            .await?;
            transaction.commit().await?;
            conn.release();
            Ok(())
        })
        .await
    }

    pub(crate) async fn audit_rows(
        &self,
        user_id: Option<UserId>,
        limit: u32,
    ) -> Result<Vec<AuditRow>, StorageError> {
        with_timeout(async {
            let mut conn = self.acquire().await?;
            let rows: Vec<AuditColumns> = sqlx::query_as(
                "SELECT user_id, audit_id, at, event, address FROM audit \
                 WHERE $1::bytea IS NULL OR user_id = $1 \
                 ORDER BY at DESC, audit_id DESC LIMIT $2",
            )
            .bind(user_id.as_ref().map(|it| &it.as_bytes()[..]))
            .bind(i64::from(limit))
            .fetch_all(&mut *conn)
            .await?;
            conn.release();
            rows.into_iter().map(AuditRow::from_columns).collect()
        })
        .await
    }
}
