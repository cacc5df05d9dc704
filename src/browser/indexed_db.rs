//! IndexedDB: the mirror of the buffer, and the device's copy of the confirmed data, one record for
//! each thing, so that an update costs what changed. Losing the copy costs a download, nothing
//! else.

mod connection;
pub mod durable_copy;
mod snapshot;

use wasm_bindgen::JsValue;
use web_sys::{IdbKeyRange, IdbTransactionMode};
use wizitime_domain::UserId;

use connection::Store;

use super::runtime::{report, send};
use super::task::spawn;
use crate::app::effect::CacheWrite;
use crate::app::input::{CacheSnapshot, Input};

/// Reads the copy of an account; a copy that cannot be read counts as none.
pub(super) fn load(user_id: UserId) {
    spawn(async move {
        let snapshot = read(user_id).await.unwrap_or_else(|error| {
            report("the copy of the confirmed data could not be read", &error);
            None
        });
        send(Input::CacheLoaded { user_id, snapshot });
    });
}

/// Writes what changed, together with how far the copy goes now, in one transaction. If the changes
/// do not fit, or cannot be written, the client is told that the copy is behind.
pub(super) fn write(write: CacheWrite) {
    spawn(async move {
        let user_id = write.user_id;
        match put(&write).await {
            Ok(true) => (),
            Ok(false) => send(Input::CacheOutdated { user_id }),
            // Replacing everything failed: the copy is as it was, and the next changes will not
            // fit, so that it is tried again then.
            Err(error) => report("the copy of the confirmed data could not be written", &error),
        }
    });
}

/// Forgets the copy of an account.
pub(super) fn clear(user_id: UserId) {
    spawn(async move {
        if let Err(error) = remove(user_id).await {
            report("the copy of the confirmed data could not be removed", &error);
        }
    });
}

/// The copy of an account; none if there is none, or none that can be read.
///
/// # Errors
/// The browser's own, if it has no IndexedDB or refuses it.
pub async fn read(user_id: UserId) -> Result<Option<CacheSnapshot>, JsValue> {
    let store = connection::open().await?.store(Store::Confirmed, IdbTransactionMode::Readonly)?;
    let records = connection::records(&store, &range(user_id)?.into()).await?;
    Ok(snapshot::from_records(records.into_iter()))
}

/// Writes what changed; committed when this returns, all of it or nothing. False if the copy is not
/// at the cursor that the changes were made for; then nothing is written.
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
            let extent = store.get(&snapshot::extent_key(write.user_id).into())?;
            let extent = connection::finished(&extent).await?.as_string();
            if extent.and_then(|text| snapshot::read_extent(&text)) != Some(base) {
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

/// Removes the copy of an account.
///
/// # Errors
/// The browser's own, if it has no IndexedDB or refuses it.
pub async fn remove(user_id: UserId) -> Result<(), JsValue> {
    let store = connection::open().await?.store(Store::Confirmed, IdbTransactionMode::Readwrite)?;
    store.delete(&range(user_id)?.into())?;
    connection::committed(&store.transaction()).await
}

/// All keys of an account: its id, a slash, and whatever follows; `0` is the sign after `/`.
fn range(user_id: UserId) -> Result<IdbKeyRange, JsValue> {
    let (lower, upper) = (format!("{user_id}/"), format!("{user_id}0"));
    IdbKeyRange::bound_with_lower_open_and_upper_open(&lower.into(), &upper.into(), false, true)
}
