//! Conversions between values and columns, shared by both backends.

use std::collections::BTreeSet;

use wizitime_domain::{Entity, EntityKey, EpochId, EventId, Ledger};
use wizitime_hub::Loaded;
use wizitime_protocol::messages::{ChangesPage, ChangesPageRequest, PAGE_ENTITIES_MAX};

use super::StorageError;

/// The entity in a row.
pub(super) fn entity(kind: &str, body: &str) -> Result<Entity, StorageError> {
    Entity::from_json(kind, body).map_err(|error| StorageError::corrupt("entity", error))
}

/// Decodes a sequence number.
pub(super) fn seq(column: i64) -> Result<u64, StorageError> {
    u64::try_from(column).map_err(|error| StorageError::corrupt("sequence number", error))
}

/// Encodes a sequence number.
pub(super) fn seq_column(seq: u64) -> Result<i64, StorageError> {
    i64::try_from(seq).map_err(|error| StorageError::corrupt("sequence number", error))
}

/// Encodes a writer's sequence number. The column is informative; the exact number is in the JSON.
pub(super) fn writer_seq_column(seq: u64) -> i64 {
    i64::try_from(seq).unwrap_or(i64::MAX)
}

/// Decodes the bytes of an id.
pub(super) fn id_bytes(column: &[u8]) -> Result<[u8; 16], StorageError> {
    column.try_into().map_err(|error| StorageError::corrupt("id", error))
}

/// Encodes the id of a key; empty for the settings.
pub(super) fn key_column(key: &EntityKey) -> Vec<u8> {
    match key {
        EntityKey::TimeEntry(id) => id.as_bytes().to_vec(),
        EntityKey::Project(id) => id.as_bytes().to_vec(),
        EntityKey::Client(id) => id.as_bytes().to_vec(),
        EntityKey::Task(id) => id.as_bytes().to_vec(),
        EntityKey::Tag(id) => id.as_bytes().to_vec(),
        EntityKey::Settings => Vec::new(),
    }
}

/// Whether an entity is the running time entry. It must be written last, so that the unique index
/// never sees two running entries.
pub(super) fn is_running(entity: &Entity) -> bool {
    match entity {
        Entity::TimeEntry(entry) => entry.is_running(),
        Entity::Project(_)
        | Entity::Client(_)
        | Entity::Task(_)
        | Entity::Tag(_)
        | Entity::Settings(_) => false,
    }
}

/// Builds the state that a batch needs from its rows.
pub(super) fn loaded(
    cursor: u64,
    known: &[Vec<u8>],
    entries: &[String],
    catalog: &[(String, String)],
) -> Result<Loaded, StorageError> {
    let known = known.iter().map(|id| Ok(EventId::from_bytes(id_bytes(id)?)));
    let known = known.collect::<Result<BTreeSet<_>, StorageError>>()?;
    let mut ledger = Ledger::default();
    for body in entries {
        ledger.upsert(entity("time_entry", body)?);
    }
    for (kind, body) in catalog {
        ledger.upsert(entity(kind, body)?);
    }
    Ok(Loaded { cursor, known, ledger })
}

/// The start and the limit of the requested page.
pub(super) fn page_start(request: &ChangesPageRequest, epoch: EpochId, head: u64) -> (u64, usize) {
    let is_known_log = request.epoch == Some(epoch) && request.since <= head;
    let since = if is_known_log { request.since } else { 0 };
    (since, request.limit.clamp(1, PAGE_ENTITIES_MAX))
}

/// Builds a page from its rows of kind and body.
pub(super) fn page(
    epoch: EpochId,
    cursor: u64,
    more: bool,
    rows: &[(String, String)],
) -> Result<ChangesPage, StorageError> {
    let mut page = ChangesPage::empty(epoch, cursor);
    page.more = more;
    for (kind, body) in rows {
        page.push(&entity(kind, body)?);
    }
    Ok(page)
}
