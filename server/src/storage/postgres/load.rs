//! Reads the cursor of a log and the state that a batch needs.

use sqlx::postgres::PgConnection;
use wizitime_domain::{EntityKey, UserId};
use wizitime_hub::{Loaded, Needs};

use super::super::StorageError;
use super::super::column::{self, key_column, seq};

/// The sequence number of the last event in the log.
pub(super) async fn cursor(
    connection: &mut PgConnection,
    user_id: UserId,
) -> Result<u64, StorageError> {
    let last: Option<i64> = sqlx::query_scalar("SELECT max(seq) FROM events WHERE user_id = $1")
        .bind(&user_id.as_bytes()[..])
        .fetch_one(connection)
        .await?;
    seq(last.unwrap_or(0))
}

/// The bytes of the events in a log.
pub(super) async fn log_bytes(
    connection: &mut PgConnection,
    user_id: UserId,
) -> Result<u64, StorageError> {
    let bytes: i64 = sqlx::query_scalar(
        "SELECT coalesce(sum(octet_length(json)), 0)::bigint FROM events WHERE user_id = $1",
    )
    .bind(&user_id.as_bytes()[..])
    .fetch_one(connection)
    .await?;
    Ok(bytes.unsigned_abs())
}

/// Loads the state that a batch needs, in the transaction of its append.
pub(super) async fn needs(
    connection: &mut PgConnection,
    user_id: UserId,
    needs: &Needs,
) -> Result<Loaded, StorageError> {
    let cursor = cursor(&mut *connection, user_id).await?;
    let user = &user_id.as_bytes()[..];
    let ids: Vec<&[u8]> = needs.event_ids.iter().map(|id| &id.as_bytes()[..]).collect();
    let known: Vec<Vec<u8>> =
        sqlx::query_scalar("SELECT id FROM events WHERE user_id = $1 AND id = ANY($2)")
            .bind(user)
            .bind(ids)
            .fetch_all(&mut *connection)
            .await?;
    // Time entries have their own table.
    let is_entry = |key: &&EntityKey| matches!(key, EntityKey::TimeEntry(_));
    let (entries, named): (Vec<_>, Vec<_>) = needs.keys.iter().partition(is_entry);
    let columns = |keys: Vec<&EntityKey>| keys.into_iter().map(key_column).collect::<Vec<_>>();
    let entries: Vec<String> = sqlx::query_scalar(
        "SELECT body FROM time_entries WHERE user_id = $1 AND id = ANY($2) \
         UNION ALL \
         SELECT body FROM time_entries WHERE user_id = $1 AND stopped_at IS NULL AND NOT deleted",
    )
    .bind(user)
    .bind(columns(entries))
    .fetch_all(&mut *connection)
    .await?;
    let catalog = if named.is_empty() {
        Vec::new()
    } else {
        // Listing all kinds lets the primary key (user, kind, id) find each id. If two entities of
        // different kinds share an id, one more row is loaded, which is harmless.
        sqlx::query_as(
            "SELECT kind, body FROM catalog WHERE user_id = $1 \
             AND kind IN ('project', 'client', 'task', 'tag', 'settings') AND id = ANY($2)",
        )
        .bind(user)
        .bind(columns(named))
        .fetch_all(connection)
        .await?
    };
    column::loaded(cursor, &known, &entries, &catalog)
}
