//! Appends a batch (BULK_EVENT) in one transaction.

use sqlx::Connection as _;
use sqlx::postgres::PgConnection;
use wizitime_domain::{Entity, Timestamp, UserId};
use wizitime_hub::{Accepted, Commit};
use wizitime_protocol::messages::BulkError;

use super::super::column::{is_running, key_column, seq_column, writer_seq_column};
use super::super::{NewBatch, StorageError};
use super::{Postgres, load, with_timeout};

impl Postgres {
    pub(crate) async fn append(
        &self,
        batch: NewBatch,
    ) -> Result<Result<Commit, BulkError>, StorageError> {
        let NewBatch { user_id, received_at, .. } = batch;
        with_timeout(async {
            let mut conn = self.acquire().await?;
            let mut transaction = conn.begin().await?;
            lock(&mut transaction, user_id).await?;
            // A separate statement: one that waited for the lock would not see commits before it.
            let loaded = load::needs(&mut transaction, user_id, &batch.batch.needs()).await?;
            let reply = batch.plan(loaded);
            match &reply {
                Ok(commit) => {
                    insert(&mut transaction, user_id, &commit.accepted, received_at).await?;
                    let (running, rest): (Vec<_>, Vec<_>) =
                        commit.changed.iter().partition(|(_, entity)| is_running(entity));
                    // Two statements: the unique index on running entries is checked row by row.
                    upsert(&mut transaction, user_id, &rest).await?;
                    upsert(&mut transaction, user_id, &running).await?;
                    transaction.commit().await?;
                }
                Err(_) => transaction.rollback().await?,
            }
            conn.release();
            if let Some(commit) = reply.as_ref().ok().filter(|it| !it.accepted.is_empty()) {
                self.notifier.notify(user_id, commit.cursor);
            }
            Ok(reply)
        })
        .await
    }

    /// The cursor after every append that is in progress. PostgreSQL may still commit a transaction
    /// whose connection was lost; it keeps the account's lock until then.
    pub(crate) async fn settled_cursor(&self, user_id: UserId) -> Result<u64, StorageError> {
        let cursor = with_timeout(async {
            let mut conn = self.acquire().await?;
            let mut transaction = conn.begin().await?;
            lock(&mut transaction, user_id).await?;
            let cursor = load::cursor(&mut transaction, user_id).await?;
            transaction.rollback().await?;
            conn.release();
            Ok(cursor)
        })
        .await?;
        self.notifier.notify(user_id, cursor);
        Ok(cursor)
    }
}

/// Serializes the appends to an account. `FOR NO KEY UPDATE` does not block the foreign-key check
/// of a token that is added at the same time.
async fn lock(connection: &mut PgConnection, user_id: UserId) -> Result<(), StorageError> {
    // Without an account no row is locked, and the foreign key rejects the first event.
    sqlx::query("SELECT 1 FROM users WHERE user_id = $1 FOR NO KEY UPDATE")
        .bind(&user_id.as_bytes()[..])
        .execute(connection)
        .await?;
    Ok(())
}

/// Inserts all events by one statement, so that the number of round trips is constant.
async fn insert(
    connection: &mut PgConnection,
    user_id: UserId,
    accepted: &[Accepted],
    received_at: Timestamp,
) -> Result<(), StorageError> {
    if accepted.is_empty() {
        return Ok(());
    }
    let envelopes = || accepted.iter().map(|it| &it.event.envelope);
    let seqs: Vec<i64> =
        accepted.iter().map(|it| seq_column(it.seq)).collect::<Result<_, StorageError>>()?;
    let ids: Vec<&[u8]> = envelopes().map(|it| &it.id.as_bytes()[..]).collect();
    let devices: Vec<&[u8]> = envelopes().map(|it| &it.device_id.as_bytes()[..]).collect();
    let writers: Vec<&[u8]> = envelopes().map(|it| &it.writer_id.as_bytes()[..]).collect();
    let writer_seqs: Vec<i64> = envelopes().map(|it| writer_seq_column(it.seq)).collect();
    let texts: Vec<&str> = accepted.iter().map(|it| &*it.event.json).collect();
    sqlx::query(
        "INSERT INTO events \
         (user_id, received_at, seq, id, device_id, writer_id, writer_seq, json) \
         SELECT $1, $2, * FROM unnest($3::bigint[], $4::bytea[], $5::bytea[], $6::bytea[], \
         $7::bigint[], $8::text[])",
    )
    .bind(&user_id.as_bytes()[..])
    .bind(received_at.as_ms())
    .bind(seqs)
    .bind(ids)
    .bind(devices)
    .bind(writers)
    .bind(writer_seqs)
    .bind(texts)
    .execute(connection)
    .await?;
    Ok(())
}

/// Rows of `time_entries`, as one array per column.
#[derive(Default)]
struct Entries {
    ids: Vec<Vec<u8>>,
    seqs: Vec<i64>,
    starts: Vec<i64>,
    stops: Vec<Option<i64>>,
    deleted: Vec<bool>,
    bodies: Vec<String>,
}

/// Rows of `catalog`, as one array per column.
#[derive(Default)]
struct Catalog {
    kinds: Vec<&'static str>,
    ids: Vec<Vec<u8>>,
    seqs: Vec<i64>,
    bodies: Vec<String>,
}

async fn upsert(
    connection: &mut PgConnection,
    user_id: UserId,
    changed: &[&(u64, Entity)],
) -> Result<(), StorageError> {
    let (mut entries, mut catalog) = (Entries::default(), Catalog::default());
    for (seq, entity) in changed {
        let (key, seq, body) = (entity.key(), seq_column(*seq)?, entity.to_json().to_string());
        match entity {
            Entity::TimeEntry(entry) => {
                entries.ids.push(key_column(&key));
                entries.seqs.push(seq);
                entries.starts.push(entry.started_at.as_ms());
                entries.stops.push(entry.stop.map(|stop| stop.at.as_ms()));
                entries.deleted.push(entry.deleted);
                entries.bodies.push(body);
            }
            Entity::Project(_)
            | Entity::Client(_)
            | Entity::Task(_)
            | Entity::Tag(_)
            | Entity::Settings(_) => {
                catalog.kinds.push(key.kind());
                catalog.ids.push(key_column(&key));
                catalog.seqs.push(seq);
                catalog.bodies.push(body);
            }
        }
    }
    if !entries.ids.is_empty() {
        upsert_entries(&mut *connection, user_id, entries).await?;
    }
    if !catalog.ids.is_empty() {
        upsert_catalog(connection, user_id, catalog).await?;
    }
    Ok(())
}

async fn upsert_entries(
    connection: &mut PgConnection,
    user_id: UserId,
    entries: Entries,
) -> Result<(), StorageError> {
    sqlx::query(
        "INSERT INTO time_entries \
         (user_id, id, updated_seq, started_at, stopped_at, deleted, body) \
         SELECT $1, * FROM unnest($2::bytea[], $3::bigint[], $4::bigint[], $5::bigint[], \
         $6::boolean[], $7::text[]) \
         ON CONFLICT (user_id, id) DO UPDATE SET updated_seq = excluded.updated_seq, \
         started_at = excluded.started_at, stopped_at = excluded.stopped_at, \
         deleted = excluded.deleted, body = excluded.body",
    )
    .bind(&user_id.as_bytes()[..])
    .bind(entries.ids)
    .bind(entries.seqs)
    .bind(entries.starts)
    .bind(entries.stops)
    .bind(entries.deleted)
    .bind(entries.bodies)
    .execute(connection)
    .await?;
    Ok(())
}

async fn upsert_catalog(
    connection: &mut PgConnection,
    user_id: UserId,
    catalog: Catalog,
) -> Result<(), StorageError> {
    sqlx::query(
        "INSERT INTO catalog (user_id, kind, id, updated_seq, body) \
         SELECT $1, * FROM unnest($2::text[], $3::bytea[], $4::bigint[], $5::text[]) \
         ON CONFLICT (user_id, kind, id) \
         DO UPDATE SET updated_seq = excluded.updated_seq, body = excluded.body",
    )
    .bind(&user_id.as_bytes()[..])
    .bind(catalog.kinds)
    .bind(catalog.ids)
    .bind(catalog.seqs)
    .bind(catalog.bodies)
    .execute(connection)
    .await?;
    Ok(())
}
