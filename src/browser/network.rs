//! Events of the page and the network.

use wasm_bindgen::JsCast;
use wasm_bindgen::prelude::Closure;
use web_sys::{EventTarget, VisibilityState};

use super::inbox::send;
use super::service_worker::CHECK_PAUSE_MS;
use super::{clock, service_worker};
use crate::app::input::{Input, PageEvent};

/// Reports changes of network, visibility and focus, and resuming, as long as the page lives.
pub(super) fn listen() {
    let Some(window) = web_sys::window() else { return };
    on(&window, "online", || send(Input::Page(PageEvent::Online)));
    on(&window, "offline", || send(Input::Page(PageEvent::Offline)));
    on(&window, "focus", visible);
    on(&window, "pageshow", visible);
    if let Some(document) = window.document() {
        on(&document, "resume", visible);
        on(&document, "visibilitychange", || {
            let document = web_sys::window().and_then(|window| window.document());
            if document.is_some_and(|it| it.visibility_state() == VisibilityState::Visible) {
                visible();
            }
        });
    }
}

/// Adds a listener that is never removed.
pub(super) fn on(target: &EventTarget, name: &str, listener: impl Fn() + 'static) {
    let closure = Closure::<dyn Fn()>::new(listener);
    if let Err(error) =
        target.add_event_listener_with_callback(name, closure.as_ref().unchecked_ref())
    {
        super::inbox::report(name, &error);
    }
    closure.forget();
}

fn visible() {
    check_zone();
    service_worker::check_for_update(CHECK_PAUSE_MS);
    send(Input::Page(PageEvent::Visible));
}

/// Reports the device's time zone if it changed. The browser has no event for that.
pub fn check_zone() {
    let zone = clock::zone();
    if super::with_core(|core| core.state().device.zone != zone) {
        send(Input::ZoneChanged { zone });
    }
}
