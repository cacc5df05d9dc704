//! The bar at the top, and the toolbar below the timer.

use leptos::prelude::*;
use wizitime_protocol::route::Route;

use crate::browser::shortcut_setting;
use crate::features::sync_status::components::SyncBadgeButton;
use crate::ui::context::{ADD_MANUALLY_ID, DialogKind, use_ui};
use crate::ui::route::href;
use crate::ui::texts;
use crate::ui::widgets::icons;

/// The brand, the sync badge, and the account.
#[component]
pub(crate) fn TopBar() -> AnyView {
    let dialog = use_ui().dialog;
    view! {
        <header class="topbar">
            <a class="brand" href=href(Route::Timer)>
                {icons::brand()}<span class="brand__name">{texts::APP}</span>
            </a>
            <span class="topbar__gap"></span>
            <SyncBadgeButton/>
            <button type="button" class="icon-btn" aria-label=texts::ACCOUNT title=texts::ACCOUNT
                aria-haspopup="dialog" on:click=move |_| dialog.set(Some(DialogKind::Account))>
                {icons::account()}
            </button>
        </header>
    }
    .into_any()
}

/// Hints at the keyboard shortcuts, and the button that adds an entry manually.
#[component]
pub(crate) fn Toolbar() -> AnyView {
    let ui = use_ui();
    let has_keys = shortcut_setting::is_on();
    view! {
        <div class="toolbar">
            {has_keys.then(|| view! {
                <span class="keys-hint"><kbd class="key">"s"</kbd>{texts::KEY_TOGGLE}</span>
            }.into_any())}
            <a class="keys-hint toolbar__keys" href=href(Route::Help) title=texts::KEYS_HINT_NAME>
                {has_keys.then(|| view! { <kbd class="key">"?"</kbd> }.into_any())}
                {texts::KEYS_HINT}
            </a>
            <span class="toolbar__gap"></span>
            <button type="button" class="btn btn--quiet" id=ADD_MANUALLY_ID
                aria-expanded=move || ui.manual_entry_open.get().to_string()
                on:click=move |_| ui.manual_entry_open.update(|open| *open = !*open)>
                {icons::plus()}{texts::ADD_MANUALLY}
            </button>
        </div>
    }
    .into_any()
}
