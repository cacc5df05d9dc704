//! IndexedDB: the durable copy of the buffer, the archive, and the snapshot cache, which has one
//! record per entity, so that an update costs what changed.

mod connection;
pub mod durable_copy;
mod snapshot;

use wasm_bindgen::JsValue;
use web_sys::{IdbKeyRange, IdbTransactionMode};
use wizitime_domain::UserId;

use connection::Store;

use super::inbox::{report, send, spawn};
use crate::app::input::{CacheSnapshot, Input};
use crate::effects::CacheWrite;

/// Reads the snapshot of an account; `CacheLoaded` follows. One that cannot be read counts as none.
pub(super) fn load(user_id: UserId) {
    spawn(async move {
        let snapshot = read(user_id).await.unwrap_or_else(|error| {
            report("snapshot cache: read failed", &error);
            None
        });
        send(Input::CacheLoaded { user_id, snapshot });
    });
}

/// Writes entities and the position of the snapshot in one transaction. `CacheOutdated` follows if
/// the snapshot has another position than the write is based on.
pub(super) fn write(write: CacheWrite) {
    spawn(async move {
        let user_id = write.user_id;
        match put(&write).await {
            Ok(true) => (),
            Ok(false) => send(Input::CacheOutdated { user_id }),
            // The snapshot keeps its position, so the next write does not fit and replaces it.
            Err(error) => report("snapshot cache: write failed", &error),
        }
    });
}

/// Removes the snapshot of an account.
pub(super) fn clear(user_id: UserId) {
    spawn(async move {
        if let Err(error) = remove(user_id).await {
            report("snapshot cache: remove failed", &error);
        }
    });
}

/// The snapshot of an account. None if there is none, or none that can be read.
///
/// # Errors
/// The browser's own, if it has no IndexedDB or refuses it.
pub async fn read(user_id: UserId) -> Result<Option<CacheSnapshot>, JsValue> {
    let store = connection::open().await?.store(Store::Confirmed, IdbTransactionMode::Readonly)?;
    let records = connection::records(&store, &range(user_id)?.into()).await?;
    Ok(snapshot::from_records(records.into_iter()))
}

/// Writes entities; committed when this returns, all of them or none. False if the snapshot has
/// another position than the write is based on; then nothing is written.
///
/// # Errors
/// The browser's own, if it has no IndexedDB, refuses it, or has no room.
pub async fn put(write: &CacheWrite) -> Result<bool, JsValue> {
    let store = connection::open().await?.store(Store::Confirmed, IdbTransactionMode::Readwrite)?;
    match write.base {
        None => {
            store.delete(&range(write.user_id)?.into())?;
        }
        Some(base) => {
            let header = store.get(&snapshot::header_key(write.user_id).into())?;
            let header = connection::finished(&header).await?.as_string();
            if header.and_then(|text| snapshot::read_header(&text)) != Some(base) {
                return Ok(false);
            }
        }
    }
    for (key, value) in snapshot::to_records(write) {
        store.put_with_key(&value.into(), &key.into())?;
    }
    connection::committed(&store.transaction()).await?;
    Ok(true)
}

/// Removes the snapshot of an account.
///
/// # Errors
/// The browser's own, if it has no IndexedDB or refuses it.
pub async fn remove(user_id: UserId) -> Result<(), JsValue> {
    let store = connection::open().await?.store(Store::Confirmed, IdbTransactionMode::Readwrite)?;
    store.delete(&range(user_id)?.into())?;
    connection::committed(&store.transaction()).await
}

/// All keys of an account: its id, a slash, and anything after it; `0` is the character after `/`.
fn range(user_id: UserId) -> Result<IdbKeyRange, JsValue> {
    let (lower, upper) = (format!("{user_id}/"), format!("{user_id}0"));
    IdbKeyRange::bound_with_lower_open_and_upper_open(&lower.into(), &upper.into(), false, true)
}
