//! Keys that work wherever no field has the focus.

use leptos::ev;
use leptos::prelude::*;

use super::context::{Panel, Ui, WHAT_ID};
use super::dom;

/// Listens from now on.
pub(super) fn listen(ui: Ui) {
    let listener = window_event_listener(ev::keydown, move |event| {
        let chord = event.ctrl_key() || event.meta_key() || event.alt_key() || event.repeat();
        if chord || event.default_prevented() || dom::is_for_a_field(&event) {
            return;
        }
        match event.key().as_str() {
            "s" | "n" => ui.toggle_clock(),
            "/" => dom::focus(WHAT_ID),
            "a" => ui.manual.set(true),
            "?" => ui.panel.set(Some(Panel::Keys)),
            _ => return,
        }
        event.prevent_default();
    });
    on_cleanup(move || listener.remove());
}
