//! Reading: what a batch needs to see, where a log ends, how rows become values.

use sqlx::sqlite::{SqliteConnection, SqlitePool};
use wizitime_domain::{Entity, EntityKey, EpochId, EventId, Ledger, UserId};
use wizitime_hub::{Head, Loaded, Needs};
use wizitime_json::to_json;

use super::{Storage, StorageError};

impl Storage {
    /// Where an account's log ends.
    ///
    /// # Errors
    /// If the database does not answer.
    pub async fn head(&self, user_id: UserId) -> Result<Head, StorageError> {
        let mut connection = self.readers.acquire().await?;
        Ok(Head { epoch: self.epoch, cursor: cursor(&mut connection, user_id).await? })
    }
}

/// The epoch in the database; `new_epoch` from now on if there is none.
pub(super) async fn epoch(
    writer: &SqlitePool,
    new_epoch: EpochId,
) -> Result<EpochId, StorageError> {
    sqlx::query("INSERT INTO meta (name, value) VALUES ('epoch', ?) ON CONFLICT DO NOTHING")
        .bind(&new_epoch.as_bytes()[..])
        .execute(writer)
        .await?;
    let epoch: Vec<u8> =
        sqlx::query_scalar("SELECT value FROM meta WHERE name = 'epoch'").fetch_one(writer).await?;
    Ok(EpochId::from_bytes(id_bytes(&epoch)?))
}

/// The sequence number of the last event in the log.
pub(super) async fn cursor(
    connection: &mut SqliteConnection,
    user_id: UserId,
) -> Result<u64, StorageError> {
    let last: Option<i64> = sqlx::query_scalar("SELECT max(seq) FROM events WHERE user_id = ?")
        .bind(&user_id.as_bytes()[..])
        .fetch_one(connection)
        .await?;
    seq(last.unwrap_or(0))
}

/// What a batch needs, in the transaction that it is going to be written in.
pub(super) async fn needs(
    connection: &mut SqliteConnection,
    user_id: UserId,
    needs: &Needs,
) -> Result<Loaded, StorageError> {
    let cursor = cursor(&mut *connection, user_id).await?;
    let user = &user_id.as_bytes()[..];
    let ids = json_list(needs.event_ids.iter().map(EventId::to_string));
    let known: Vec<Vec<u8>> = sqlx::query_scalar(
        "SELECT id FROM events WHERE user_id = ?1 \
         AND id IN (SELECT unhex(value, '-') FROM json_each(?2))",
    )
    .bind(user)
    .bind(ids)
    .fetch_all(&mut *connection)
    .await?;
    let known = known.iter().map(|id| Ok(EventId::from_bytes(id_bytes(id)?)));
    let known = known.collect::<Result<_, StorageError>>()?;
    let mut ledger = Ledger::default();
    for body in entries(&mut *connection, user, needs).await? {
        ledger.put(entity("time_entry", &body)?);
    }
    for (kind, body) in catalog(connection, user, needs).await? {
        ledger.put(entity(&kind, &body)?);
    }
    Ok(Loaded { cursor, known, ledger })
}

async fn entries(
    connection: &mut SqliteConnection,
    user: &[u8],
    needs: &Needs,
) -> Result<Vec<String>, StorageError> {
    let ids = needs.keys.iter().filter_map(|key| match key {
        EntityKey::TimeEntry(id) => Some(id.to_string()),
        EntityKey::Project(_)
        | EntityKey::Client(_)
        | EntityKey::Task(_)
        | EntityKey::Tag(_)
        | EntityKey::Settings => None,
    });
    let rows = sqlx::query_scalar(
        "SELECT body FROM time_entries WHERE user_id = ?1 \
         AND id IN (SELECT unhex(value, '-') FROM json_each(?2)) \
         UNION ALL \
         SELECT body FROM time_entries WHERE user_id = ?1 AND stopped_at IS NULL AND deleted = 0",
    )
    .bind(user)
    .bind(json_list(ids))
    .fetch_all(connection)
    .await?;
    Ok(rows)
}

async fn catalog(
    connection: &mut SqliteConnection,
    user: &[u8],
    needs: &Needs,
) -> Result<Vec<(String, String)>, StorageError> {
    // Time entries have a table of their own.
    let named = needs.keys.iter().filter(|key| !matches!(key, EntityKey::TimeEntry(_)));
    let ids: Vec<String> = named.map(EntityKey::id).collect();
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    // With every kind by name each id is one step down the primary key. Should two things of
    // different kinds have one id, more is loaded than needed, which changes nothing.
    let rows = sqlx::query_as(
        "SELECT kind, body FROM catalog WHERE user_id = ?1 \
         AND kind IN ('project', 'client', 'task', 'tag', 'settings') \
         AND id IN (SELECT unhex(value, '-') FROM json_each(?2))",
    )
    .bind(user)
    .bind(json_list(ids))
    .fetch_all(connection)
    .await?;
    Ok(rows)
}

/// The thing that a row holds.
pub(super) fn entity(kind: &str, body: &str) -> Result<Entity, StorageError> {
    Entity::from_json(kind, body).map_err(|error| StorageError::corrupt("row of an entity", error))
}

/// A sequence number from its column.
pub(super) fn seq(column: i64) -> Result<u64, StorageError> {
    u64::try_from(column).map_err(|error| StorageError::corrupt("sequence number", error))
}

/// A sequence number as its column.
pub(super) fn seq_column(seq: u64) -> Result<i64, StorageError> {
    i64::try_from(seq).map_err(|error| StorageError::corrupt("sequence number", error))
}

/// The bits of an id from its column.
pub(super) fn id_bytes(column: &[u8]) -> Result<[u8; 16], StorageError> {
    column.try_into().map_err(|error| StorageError::corrupt("id", error))
}

fn json_list(ids: impl IntoIterator<Item = String>) -> String {
    let ids: Vec<String> = ids.into_iter().collect();
    to_json(&ids).to_string()
}
