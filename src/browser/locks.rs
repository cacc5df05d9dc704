//! Web Locks, which a tab holds until it is closed.

use js_sys::{Function, Object, Promise, Reflect};
use wasm_bindgen::prelude::Closure;
use wasm_bindgen::{JsCast as _, JsValue};

/// Requests a lock, with an option of the API set to true. `granted` is called with the lock, or
/// with null; the lock is held until the promise settles that it returns.
pub(super) fn request(
    name: &str,
    option: Option<&str>,
    granted: Box<dyn FnOnce(JsValue) -> JsValue>,
) -> Result<Promise, JsValue> {
    let navigator = web_sys::window().ok_or("no window")?.navigator();
    // Without a secure context there is no lock manager; then this is not a function.
    let locks = Reflect::get(&navigator, &"locks".into())?;
    let request: Function = Reflect::get(&locks, &"request".into())?.dyn_into()?;
    let options = Object::new();
    if let Some(option) = option {
        Reflect::set(&options, &option.into(), &JsValue::TRUE)?;
    }
    let granted = Closure::once_into_js(granted);
    request.call3(&locks, &name.into(), &options, &granted)?.dyn_into()
}

/// A promise that never settles: the lock is held until the tab is closed.
pub(super) fn for_ever() -> JsValue {
    Promise::new(&mut |_resolve: Function, _reject: Function| ()).into()
}
