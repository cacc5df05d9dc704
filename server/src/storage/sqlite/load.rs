//! Reads the epoch, the cursor of a log, and the state that a batch needs.

use sqlx::sqlite::{SqliteConnection, SqlitePool};
use wizitime_domain::json;
use wizitime_domain::{EntityKey, EpochId, EventId, UserId};
use wizitime_hub::{Loaded, Needs};

use super::super::column::{self, id_bytes, seq};
use super::super::{StorageError, migrations};

/// Whether the tables are those of this version or a newer one.
pub(super) async fn is_migrated(pool: &SqlitePool) -> Result<bool, StorageError> {
    let versions = "SELECT version FROM _sqlx_migrations WHERE success";
    let versions: Vec<i64> = sqlx::query_scalar(versions).fetch_all(pool).await?;
    Ok(migrations::SQLITE.iter().all(|migration| versions.contains(&migration.version)))
}

/// The epoch of the database. Stores `new_epoch` if there is none.
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

/// The bytes of the events in a log.
pub(super) async fn log_bytes(
    connection: &mut SqliteConnection,
    user_id: UserId,
) -> Result<u64, StorageError> {
    let bytes: i64 = sqlx::query_scalar(
        "SELECT coalesce(sum(octet_length(json)), 0) FROM events WHERE user_id = ?",
    )
    .bind(&user_id.as_bytes()[..])
    .fetch_one(connection)
    .await?;
    Ok(bytes.unsigned_abs())
}

/// Loads the state that a batch needs, in the transaction of its append.
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
    let entries = entries(&mut *connection, user, needs).await?;
    let catalog = catalog(connection, user, needs).await?;
    column::loaded(cursor, &known, &entries, &catalog)
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
    // Time entries have their own table.
    let named = needs.keys.iter().filter(|key| !matches!(key, EntityKey::TimeEntry(_)));
    let ids: Vec<String> = named.map(EntityKey::id).collect();
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    // Listing all kinds lets the primary key (user, kind, id) find each id. If two entities of
    // different kinds share an id, one more row is loaded, which is harmless.
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

fn json_list(ids: impl IntoIterator<Item = String>) -> String {
    let ids: Vec<String> = ids.into_iter().collect();
    json::to_string(&ids)
}
