//! localStorage: one key for each event.

use gloo_storage::{LocalStorage, Storage as _};
use wasm_bindgen::JsValue;
use web_sys::Storage;

use crate::sync::PREFIX;

/// Everything this app has stored, and whether the storage could be read at all.
pub(super) fn all() -> (Vec<(String, String)>, bool) {
    let Some(storage) = storage() else { return (Vec::new(), false) };
    let count = storage.length().unwrap_or(0);
    let keys = (0..count).filter_map(|index| storage.key(index).ok().flatten());
    let ours = keys.filter(|key| key.starts_with(PREFIX));
    let stored = ours.filter_map(|key| {
        let value = storage.get_item(&key).ok().flatten()?;
        Some((key, value))
    });
    (stored.collect(), true)
}

/// Writes a value.
pub(super) fn store(key: &str, value: &str) -> Result<(), JsValue> {
    storage().ok_or("localStorage is blocked")?.set_item(key, value)
}

/// Removes a value.
pub(super) fn remove(key: &str) {
    if let Some(storage) = storage()
        && let Err(error) = storage.remove_item(key)
    {
        // The event will be sent once more and known there already: nothing is lost.
        super::runtime::report("localStorage kept a value", &error);
    }
}

/// The storage, unless the browser blocks it: then even asking for it throws, which
/// `LocalStorage::raw` turns into a panic.
fn storage() -> Option<Storage> {
    let window = web_sys::window()?;
    window.local_storage().ok().flatten().map(|_| LocalStorage::raw())
}
