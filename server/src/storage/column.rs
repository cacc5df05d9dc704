//! Values and the columns that they are kept in, the same in every database.

use std::collections::BTreeSet;

use wizitime_domain::{Entity, EntityKey, EpochId, EventId, Ledger};
use wizitime_hub::Loaded;
use wizitime_protocol::messages::{ChangesPage, ChangesPageRequest, PAGE_ENTITIES_MAX};

use super::StorageError;

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

/// The writer's count of an event: for people who look into the log; the exact number is in the
/// text.
pub(super) fn writer_seq_column(seq: u64) -> i64 {
    i64::try_from(seq).unwrap_or(i64::MAX)
}

/// The bits of an id from its column.
pub(super) fn id_bytes(column: &[u8]) -> Result<[u8; 16], StorageError> {
    column.try_into().map_err(|error| StorageError::corrupt("id", error))
}

/// The column of an id: its bits, and none for the settings.
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

/// Whether a thing is the clock that runs. What ended is written first: at no moment do two rows
/// say that they run.
pub(super) fn runs(entity: &Entity) -> bool {
    match entity {
        Entity::TimeEntry(entry) => entry.is_running(),
        Entity::Project(_)
        | Entity::Client(_)
        | Entity::Task(_)
        | Entity::Tag(_)
        | Entity::Settings(_) => false,
    }
}

/// What a batch needs, from its rows.
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

/// Where the page that is asked for begins and how long it may be.
pub(super) fn page_start(request: &ChangesPageRequest, epoch: EpochId, head: u64) -> (u64, usize) {
    let known_log = request.epoch == Some(epoch) && request.since <= head;
    let since = if known_log { request.since } else { 0 };
    (since, request.limit.clamp(1, PAGE_ENTITIES_MAX))
}

/// A page from its rows, kind and body.
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
