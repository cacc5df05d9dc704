//! Changes in the world around the page.

use wasm_bindgen::JsCast;
use wasm_bindgen::prelude::Closure;
use web_sys::{EventTarget, VisibilityState};

use super::clock;
use super::runtime::send;
use crate::app::input::{Input, PageEvent};

/// Reports the network, visibility, focus and waking up, for as long as the page lives.
pub(super) fn listen() {
    let Some(window) = web_sys::window() else { return };
    on(&window, "online", || send(Input::Page(PageEvent::Online)));
    on(&window, "offline", || send(Input::Page(PageEvent::Offline)));
    on(&window, "focus", shown);
    on(&window, "pageshow", shown);
    if let Some(document) = window.document() {
        on(&document, "resume", shown);
        on(&document, "visibilitychange", || {
            let document = web_sys::window().and_then(|window| window.document());
            if document.is_some_and(|it| it.visibility_state() == VisibilityState::Visible) {
                shown();
            }
        });
    }
}

/// Calls back on every event of this name.
pub(super) fn on(target: &EventTarget, name: &str, listener: impl Fn() + 'static) {
    let closure = Closure::<dyn Fn()>::new(listener);
    if let Err(error) =
        target.add_event_listener_with_callback(name, closure.as_ref().unchecked_ref())
    {
        super::runtime::report(name, &error);
    }
    // The page listens for as long as it lives.
    closure.forget();
}

fn shown() {
    let zone = clock::zone();
    if super::with_core(|client| client.state().device.zone != zone) {
        send(Input::ZoneChanged { zone });
    }
    send(Input::Page(PageEvent::Visible));
}
