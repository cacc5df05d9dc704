//! localStorage: one key for each event.

use gloo_storage::{LocalStorage, Storage as _};
use js_sys::{Function, Promise, Reflect};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::Storage;

use super::task::spawn;
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

/// Asks the browser not to clear the storage when it needs room. It may say no; then the data is as
/// safe as before.
pub(super) fn persist() {
    if let Err(error) = ask_to_persist() {
        super::runtime::report("the browser cannot be asked to keep the storage", &error);
    }
}

fn ask_to_persist() -> Result<(), JsValue> {
    let navigator = web_sys::window().ok_or("no window")?.navigator();
    // Where there is no secure context there is no storage manager; then this is no function.
    let manager = Reflect::get(&navigator, &"storage".into())?;
    let persist: Function = Reflect::get(&manager, &"persist".into())?.dyn_into()?;
    let answer: Promise = persist.call0(&manager)?.dyn_into()?;
    spawn(async move {
        if let Err(error) = JsFuture::from(answer).await {
            super::runtime::report("the browser does not say whether it keeps the storage", &error);
        }
    });
    Ok(())
}

/// The storage, unless the browser blocks it: then even asking for it throws, which
/// `LocalStorage::raw` turns into a panic.
fn storage() -> Option<Storage> {
    let window = web_sys::window()?;
    window.local_storage().ok().flatten().map(|_| LocalStorage::raw())
}
