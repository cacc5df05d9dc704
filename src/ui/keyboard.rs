//! Keyboard shortcuts, active while no field has the focus.

use leptos::ev;
use leptos::prelude::*;

use super::context::{DESCRIPTION_ID, DialogKind, Ui};
use super::dom;

/// Listens for shortcuts until the owner is disposed of.
pub(crate) fn listen(ui: Ui) {
    let listener = window_event_listener(ev::keydown, move |event| {
        let has_modifier = event.ctrl_key() || event.meta_key() || event.alt_key();
        if has_modifier || event.repeat() || event.default_prevented() || dom::is_typing(&event) {
            return;
        }
        match event.key().as_str() {
            "s" | "n" => ui.toggle_clock(),
            "/" => dom::focus(DESCRIPTION_ID),
            "a" => ui.manual_entry_open.set(true),
            "?" => ui.dialog.set(Some(DialogKind::Keyboard)),
            _ => return,
        }
        event.prevent_default();
    });
    on_cleanup(move || listener.remove());
}
