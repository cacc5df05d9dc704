//! What is said in passing: a deletion that can be undone, an intent that could not be carried
//! out. Read out by assistive technology when it appears.

use leptos::prelude::*;

use super::icons;
use crate::browser;
use crate::dispatchers::Intent;
use crate::store::slices::notices::Notice;
use crate::ui::context::use_ui;
use crate::ui::text;

/// The live region with the present notice.
#[component]
pub(super) fn Toasts() -> AnyView {
    let ui = use_ui();
    // The count makes the same notice, said again, a new one.
    let notice = Memo::new(move |_| ui.mirror.notices.with(|it| (it.count, it.current.clone())));
    let toast = move || match notice.get().1? {
        Notice::Deleted { entry_id } => {
            let undo = move |_| browser::dispatch(Intent::RestoreEntry { entry_id });
            let undo = view! {
                <button type="button" class="btn btn--quiet" on:click=undo>
                    {text::UNDO}
                </button>
            };
            Some(toast(text::DELETED.to_owned(), Some(undo.into_any())))
        }
        Notice::Refused { message } => Some(toast(message, None)),
        // The account dialog, where signing out was asked for, says it at length.
        Notice::SignOutRefused { .. } => None,
    };
    view! {
        <div class="toasts" role="status" aria-live="polite">
            {toast}
        </div>
    }
    .into_any()
}

fn toast(message: String, action: Option<AnyView>) -> AnyView {
    view! {
        <div class="toast">
            <span class="toast__text">{message}</span>
            {action}
            <button
                type="button"
                class="icon-btn"
                aria-label=text::DISMISS
                on:click=|_| browser::dispatch(Intent::DismissNotice)
            >
                {icons::cross()}
            </button>
        </div>
    }
    .into_any()
}
