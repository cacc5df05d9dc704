//! The other tabs of this browser profile: what they store, and which tab sends.

use js_sys::{Function, Promise, Reflect};
use wasm_bindgen::prelude::Closure;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::StorageEvent;

use super::local_storage;
use super::runtime::{report, send};
use crate::input::Input;
use crate::sync::PREFIX;

/// The lock that the sending tab holds.
const SENDER_LOCK: &str = "wizi.sender";

/// Reports what other tabs store, and asks to be the tab that sends.
pub(super) fn listen() {
    let Some(window) = web_sys::window() else { return };
    let closure = Closure::<dyn Fn(StorageEvent)>::new(|event: StorageEvent| stored(&event));
    let listener = closure.as_ref().unchecked_ref();
    if let Err(error) = window.add_event_listener_with_callback("storage", listener) {
        report("other tabs cannot be heard", &error);
    }
    // The page listens for as long as it lives.
    closure.forget();
    if let Err(error) = ask_to_send() {
        // Without locks every tab sends; the server takes each event once.
        report("there are no locks between tabs", &error);
        became_sender();
    }
}

fn stored(event: &StorageEvent) {
    let Some(key) = event.key().filter(|key| key.starts_with(PREFIX)) else { return };
    send(match event.new_value() {
        Some(value) => Input::PeerStored { key, value },
        None => Input::PeerRemoved { key },
    });
}

/// Takes the lock as soon as no other tab holds it, and keeps it until the tab dies.
fn ask_to_send() -> Result<(), JsValue> {
    let navigator = web_sys::window().ok_or("no window")?.navigator();
    // Where there is no secure context there is no lock manager; then this is no function.
    let locks = Reflect::get(&navigator, &"locks".into())?;
    let request: Function = Reflect::get(&locks, &"request".into())?.dyn_into()?;
    let granted = Closure::once_into_js(|| {
        became_sender();
        Promise::new(&mut |_resolve: Function, _reject: Function| ())
    });
    // The promise settles only when the tab is torn down; there is nothing to wait for.
    request.call2(&locks, &SENDER_LOCK.into(), &granted).map(|_held| ())
}

fn became_sender() {
    let (stored, _) = local_storage::all();
    send(Input::BecameSender { stored });
}
