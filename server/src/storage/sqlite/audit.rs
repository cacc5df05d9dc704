//! Audit events.

use sqlx::sqlite::SqliteConnection;
use wizitime_domain::UserId;

use super::super::audit::{AUDIT_EVENTS_MAX, AuditColumns};
use super::super::{AuditRow, StorageError};
use super::Sqlite;
use super::writer::WriteJob;

impl Sqlite {
    pub(crate) async fn add_audit_row(&self, row: AuditRow) -> Result<(), StorageError> {
        self.writer.write(row).await
    }

    pub(crate) async fn audit_rows(
        &self,
        user_id: Option<UserId>,
        limit: u32,
    ) -> Result<Vec<AuditRow>, StorageError> {
        let rows: Vec<AuditColumns> = sqlx::query_as(
            "SELECT user_id, audit_id, at, event, address FROM audit \
             WHERE ?1 IS NULL OR user_id = ?1 ORDER BY at DESC, audit_id DESC LIMIT ?2",
        )
        .bind(user_id.as_ref().map(|it| &it.as_bytes()[..]))
        .bind(limit)
        .fetch_all(&mut *self.reader().await?)
        .await?;
        rows.into_iter().map(AuditRow::from_columns).collect()
    }
}

impl WriteJob for AuditRow {
    type Output = ();

    fn event_count(&self) -> usize {
        1
    }

    async fn run(self, connection: &mut SqliteConnection) -> Result<(), StorageError> {
        sqlx::query("DELETE FROM audit WHERE at < ?")
            .bind(self.kept_since().as_ms())
            .execute(&mut *connection)
            .await?;
        sqlx::query(
            "INSERT INTO audit (user_id, audit_id, at, event, address) VALUES (?, ?, ?, ?, ?)",
        )
        .bind(self.user_column())
        .bind(&self.id[..])
        .bind(self.at.as_ms())
        .bind(&*self.event)
        .bind(self.address_column())
        .execute(&mut *connection)
        .await?;
        sqlx::query(
            "DELETE FROM audit WHERE user_id = ?1 AND event = ?2 AND audit_id IN ( \
               SELECT audit_id FROM audit WHERE user_id = ?1 AND event = ?2 \
               ORDER BY audit_id DESC LIMIT -1 OFFSET ?3)",
        )
        .bind(self.user_column())
        .bind(&*self.event)
        .bind(AUDIT_EVENTS_MAX)
        .execute(connection)
        .await?;
        Ok(())
    }
}
