//! The help for the keyboard.

use super::dialog::dialog;
use crate::ui::context::{Panel, Ui};
use crate::ui::text;
use crate::ui::view::{El, el};

/// The dialog with all keys.
pub(super) fn key_help(ui: Ui) -> El {
    dialog(ui, Panel::Keys, text::KEYS_TITLE, || {
        let list = text::KEYS.iter().fold(el("dl", "keys"), |list, (keys, what)| {
            let keys = keys.iter().map(|key| el("kbd", "key").text(key));
            list.child(el("dt", "").children(keys)).child(el("dd", "").text(what))
        });
        vec![list, el("p", "dialog__lead").text(text::KEYS_FIELDS)]
    })
}
