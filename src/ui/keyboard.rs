//! Keyboard shortcuts, active while no field has the focus.

use leptos::ev;
use leptos::prelude::*;
use wizitime_protocol::route::Route;

use super::context::{DESCRIPTION_ID, Ui};
use super::dom;
use super::route::Router;

/// Listens for shortcuts until the owner is disposed of.
pub(crate) fn listen(ui: Ui, router: Router) {
    let listener = window_event_listener(ev::keydown, move |event| {
        let has_modifier = event.ctrl_key() || event.meta_key() || event.alt_key();
        if has_modifier || event.repeat() || event.default_prevented() || dom::is_typing(&event) {
            return;
        }
        let is_on_timer = || untrack(|| router.route()) == Some(Route::Timer);
        match event.key().as_str() {
            "s" | "n" => ui.toggle_clock(),
            "?" => router.go(Route::Help),
            "/" if is_on_timer() => dom::focus(DESCRIPTION_ID),
            "a" if is_on_timer() => ui.manual_entry_open.set(true),
            _ => return,
        }
        event.prevent_default();
    });
    on_cleanup(move || listener.remove());
}
