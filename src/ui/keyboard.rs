//! The keys of the page: shortcuts, and Escape, which leaves a field or a button.

use leptos::ev;
use leptos::prelude::*;
use web_sys::KeyboardEvent;
use wizitime_protocol::route::Route;

use super::context::{DESCRIPTION_ID, Ui};
use super::route::Router;
use super::{dom, focus, undo};
use crate::browser::shortcut_setting;
use crate::features::shortcuts::{KeyPress, Modifier, Shortcut};
use crate::store::UndoKind;

/// Listens for keys until the owner is disposed of.
pub(crate) fn listen(ui: Ui, router: Router) {
    let listener = window_event_listener(ev::keydown, move |event| {
        // A dialog has its keys for itself, wherever the focus is.
        let is_open = ui.dialog.with_untracked(Option::is_some);
        if is_open || event.repeat() || event.default_prevented() || dom::is_composing(&event) {
            return;
        }
        if event.key() == "Escape" {
            return focus::to_page();
        }
        let Some(shortcut) = shortcut(&event) else { return };
        let is_on_timer = || untrack(|| router.route()) == Some(Route::Timer);
        match shortcut {
            Shortcut::ToggleClock => ui.toggle_clock(),
            Shortcut::Help => router.go(Route::Help),
            Shortcut::Undo => undo::undo(UndoKind::Undo),
            Shortcut::Redo => undo::undo(UndoKind::Redo),
            Shortcut::Describe if is_on_timer() => dom::focus(DESCRIPTION_ID),
            Shortcut::AddManually if is_on_timer() => ui.manual_entry_open.set(true),
            Shortcut::Describe | Shortcut::AddManually => return,
        }
        event.prevent_default();
    });
    on_cleanup(move || listener.remove());
}

/// The shortcut of a key, unless something on the page takes it, or the user wants none.
fn shortcut(event: &KeyboardEvent) -> Option<Shortcut> {
    let shortcut = Shortcut::of(KeyPress {
        key: &event.key(),
        code: &event.code(),
        has_shift: event.shift_key(),
        modifier: modifier(event),
    });
    shortcut.filter(|shortcut| match shortcut.is_single_key() {
        true => !dom::is_on_control(event) && !focus::was_lost() && shortcut_setting::is_on(),
        false => !dom::undoes_typing(event),
    })
}

fn modifier(event: &KeyboardEvent) -> Modifier {
    let is_other = event.alt_key() || event.get_modifier_state("AltGraph");
    match (event.ctrl_key(), event.meta_key()) {
        (false, false) if !is_other => Modifier::None,
        (true, false) | (false, true) if !is_other => Modifier::Command,
        (true | false, true | false) => Modifier::Other,
    }
}
