//! Appends a batch (BULK_EVENT).

use sqlx::sqlite::SqliteConnection;
use wizitime_domain::{Entity, Timestamp, UserId};
use wizitime_hub::{Accepted, Commit};
use wizitime_protocol::messages::BulkError;

use super::super::column::{is_running, seq_column, writer_seq_column};
use super::super::{NewBatch, StorageError};
use super::writer::WriteJob;
use super::{Sqlite, load};

impl Sqlite {
    pub(crate) async fn append(
        &self,
        batch: NewBatch,
    ) -> Result<Result<Commit, BulkError>, StorageError> {
        self.writer.write(batch).await
    }
}

impl WriteJob for NewBatch {
    type Output = Result<Commit, BulkError>;

    fn event_count(&self) -> usize {
        self.batch.len()
    }

    async fn run(self, connection: &mut SqliteConnection) -> Result<Self::Output, StorageError> {
        let Self { user_id, received_at, .. } = self;
        let loaded = load::needs(&mut *connection, user_id, &self.batch.needs()).await?;
        let commit = match self.plan(loaded) {
            Ok(commit) => commit,
            Err(error) => return Ok(Err(error)),
        };
        for accepted in &commit.accepted {
            insert_event(&mut *connection, user_id, accepted, received_at).await?;
        }
        let (running, rest): (Vec<_>, Vec<_>) =
            commit.changed.iter().partition(|(_, it)| is_running(it));
        for (seq, entity) in rest.into_iter().chain(running) {
            upsert(&mut *connection, user_id, *seq, entity).await?;
        }
        Ok(Ok(commit))
    }
}

async fn insert_event(
    connection: &mut SqliteConnection,
    user_id: UserId,
    accepted: &Accepted,
    received_at: Timestamp,
) -> Result<(), StorageError> {
    let envelope = &accepted.event.envelope;
    sqlx::query(
        "INSERT INTO events \
         (user_id, seq, id, device_id, writer_id, writer_seq, received_at, json) \
         VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
    )
    .bind(&user_id.as_bytes()[..])
    .bind(seq_column(accepted.seq)?)
    .bind(&envelope.id.as_bytes()[..])
    .bind(&envelope.device_id.as_bytes()[..])
    .bind(&envelope.writer_id.as_bytes()[..])
    .bind(writer_seq_column(envelope.seq))
    .bind(received_at.as_ms())
    .bind(&*accepted.event.json)
    .execute(connection)
    .await?;
    Ok(())
}

async fn upsert(
    connection: &mut SqliteConnection,
    user_id: UserId,
    seq: u64,
    entity: &Entity,
) -> Result<(), StorageError> {
    let (key, body) = (entity.key(), entity.to_json().to_string());
    let user = &user_id.as_bytes()[..];
    let query = match entity {
        Entity::TimeEntry(entry) => sqlx::query(
            "INSERT INTO time_entries \
             (user_id, id, updated_seq, started_at, stopped_at, deleted, body) \
             VALUES (?, ?, ?, ?, ?, ?, ?) \
             ON CONFLICT (user_id, id) DO UPDATE SET updated_seq = excluded.updated_seq, \
             started_at = excluded.started_at, stopped_at = excluded.stopped_at, \
             deleted = excluded.deleted, body = excluded.body",
        )
        .bind(user)
        .bind(&entry.id.as_bytes()[..])
        .bind(seq_column(seq)?)
        .bind(entry.started_at.as_ms())
        .bind(entry.stop.map(|stop| stop.at.as_ms()))
        .bind(entry.deleted)
        .bind(body),
        Entity::Project(_)
        | Entity::Client(_)
        | Entity::Task(_)
        | Entity::Tag(_)
        | Entity::Settings(_) => sqlx::query(
            "INSERT INTO catalog (user_id, kind, id, updated_seq, body) \
             VALUES (?, ?, unhex(?, '-'), ?, ?) \
             ON CONFLICT (user_id, kind, id) \
             DO UPDATE SET updated_seq = excluded.updated_seq, body = excluded.body",
        )
        .bind(user)
        .bind(key.kind())
        .bind(key.id())
        .bind(seq_column(seq)?)
        .bind(body),
    };
    query.execute(connection).await?;
    Ok(())
}
