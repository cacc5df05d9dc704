//! localStorage.

use gloo_storage::{LocalStorage, Storage as _};
use js_sys::{Function, Promise, Reflect};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::Storage;

use super::inbox::{report, spawn};
use crate::sync::PREFIX;

/// All keys and values of this app, and whether localStorage could be read at all.
pub(super) fn all() -> (Vec<(String, String)>, bool) {
    (all_below(PREFIX), storage().is_some())
}

/// All keys with this prefix, and their values.
pub(super) fn all_below(prefix: &str) -> Vec<(String, String)> {
    let Some(storage) = storage() else { return Vec::new() };
    let count = storage.length().unwrap_or(0);
    let keys = (0..count).filter_map(|index| storage.key(index).ok().flatten());
    let ours = keys.filter(|key| key.starts_with(prefix));
    let stored = ours.filter_map(|key| {
        let value = storage.get_item(&key).ok().flatten()?;
        Some((key, value))
    });
    stored.collect()
}

/// The value under this key.
pub(super) fn read(key: &str) -> Option<String> {
    storage().and_then(|it| it.get_item(key).ok()?)
}

/// Whether there is a value under this key.
pub(super) fn contains(key: &str) -> bool {
    read(key).is_some()
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
        // The event is sent once more, and the server recognises it: nothing is lost.
        report("localStorage: remove failed", &error);
    }
}

/// Asks the browser not to clear storage under storage pressure. If it refuses, the data is as safe
/// as before.
pub(super) fn persist() {
    if let Err(error) = ask_to_persist() {
        report("storage.persist() is not available", &error);
    }
}

fn ask_to_persist() -> Result<(), JsValue> {
    let navigator = web_sys::window().ok_or("no window")?.navigator();
    // Without a secure context there is no storage manager; then this is not a function.
    let manager = Reflect::get(&navigator, &"storage".into())?;
    let persist: Function = Reflect::get(&manager, &"persist".into())?.dyn_into()?;
    let answer: Promise = persist.call0(&manager)?.dyn_into()?;
    spawn(async move {
        if let Err(error) = JsFuture::from(answer).await {
            report("storage.persist() failed", &error);
        }
    });
    Ok(())
}

/// localStorage, unless the browser blocks it: then reading the property throws, which
/// `LocalStorage::raw` turns into a panic.
fn storage() -> Option<Storage> {
    let window = web_sys::window()?;
    window.local_storage().ok().flatten().map(|_| LocalStorage::raw())
}
