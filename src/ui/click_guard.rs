//! One act for one press: the second click of a double click and the repetitions of a held key do
//! not act, because the control under them may be another one by then.

use leptos::prelude::document;
use wasm_bindgen::JsCast as _;
use wasm_bindgen::prelude::Closure;
use web_sys::{Element, Event, KeyboardEvent, MouseEvent};

/// Controls that act on a click.
const CONTROLS: &str = "button, a, summary, [role=option]";

/// Guards the page as long as it lives.
pub(crate) fn listen() {
    let guard = Closure::<dyn Fn(Event)>::new(|event: Event| {
        if is_repeated(&event) && is_on_control(&event) {
            event.prevent_default();
            event.stop_propagation();
        }
    });
    for name in ["click", "keydown"] {
        let listener = guard.as_ref().unchecked_ref();
        // While the event goes down, so that no control sees it.
        let added = document().add_event_listener_with_callback_and_bool(name, listener, true);
        debug_assert!(added.is_ok(), "{name} is the name of an event");
    }
    guard.forget();
}

fn is_repeated(event: &Event) -> bool {
    match event.dyn_ref::<KeyboardEvent>() {
        Some(key) => key.repeat() && matches!(key.key().as_str(), "Enter" | " "),
        None => event.dyn_ref::<MouseEvent>().is_some_and(|click| click.detail() > 1),
    }
}

fn is_on_control(event: &Event) -> bool {
    let target = event.target().and_then(|it| it.dyn_into::<Element>().ok());
    target.is_some_and(|it| it.closest(CONTROLS).is_ok_and(|found| found.is_some()))
}
