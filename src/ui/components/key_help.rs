//! The help for the keyboard.

use leptos::prelude::*;

use super::dialog::Dialog;
use crate::ui::context::Panel;
use crate::ui::text;

/// The dialog with all keys.
#[component]
pub(super) fn KeyHelp() -> AnyView {
    view! {
        <Dialog panel=Panel::Keys id="keys-dialog" title=text::KEYS_TITLE>
            <dl class="keys">{text::KEYS.iter().map(key).collect_view()}</dl>
            <p class="dialog__lead">{text::KEYS_FIELDS}</p>
        </Dialog>
    }
    .into_any()
}

fn key((keys, what): &'static (&'static [&'static str], &'static str)) -> AnyView {
    let keys = keys.iter().map(|key| view! { <kbd class="key">{*key}</kbd> }).collect_view();
    view! {
        <dt>{keys}</dt>
        <dd>{*what}</dd>
    }
    .into_any()
}
