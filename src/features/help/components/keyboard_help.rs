//! The dialog with the keyboard shortcuts.

use leptos::prelude::*;

use crate::ui::context::use_ui;
use crate::ui::texts;
use crate::ui::widgets::Dialog;

/// The dialog.
#[component]
pub(crate) fn KeyboardHelp() -> AnyView {
    let dialog = use_ui().dialog;
    let shortcut = |(keys, meaning): &(&'static [&'static str], &'static str)| {
        let keys: Vec<AnyView> =
            keys.iter().map(|key| view! { <kbd class="key">{*key}</kbd> }.into_any()).collect();
        view! { <dt>{keys}</dt><dd>{*meaning}</dd> }.into_any()
    };
    let shortcuts: Vec<AnyView> = texts::SHORTCUTS.iter().map(shortcut).collect();
    view! {
        <Dialog title=texts::SHORTCUTS_TITLE on_close=move |()| dialog.set(None)>
            <dl class="keys">{shortcuts}</dl>
            <p class="dialog__lead">{texts::TIME_FIELDS_HELP}</p>
        </Dialog>
    }
    .into_any()
}
