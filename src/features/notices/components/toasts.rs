//! Toasts: a deletion that can be undone, an intent that was refused. Assistive technology
//! announces them.

use leptos::prelude::*;

use crate::browser;
use crate::features::{Intent, NoticeIntent};
use crate::store::slices::notices::Notice;
use crate::ui::store::use_notices;
use crate::ui::widgets::icons;
use crate::ui::{focus, texts, undo};

/// The live region with the current notice.
#[component]
pub(crate) fn Toasts() -> AnyView {
    view! { <div class="toasts" role="status" aria-live="polite">{move || current()}</div> }
        .into_any()
}

fn current() -> AnyView {
    match use_notices(|it| it.current.clone()) {
        None => ().into_any(),
        Some(Notice::Deleted { entry_ids }) => {
            let Some(entry_id) = entry_ids.last().copied() else { return ().into_any() };
            let undo = view! {
                <button type="button" class="btn btn--quiet"
                    on:click=move |_| {
                        undo::restore(entry_id);
                        focus::settle_on_row(entry_id);
                    }>
                    {texts::UNDO}
                </button>
            };
            toast(texts::deleted(entry_ids.len()), undo.into_any())
        }
        Some(Notice::Reverted { is_redo }) => {
            toast(texts::reverted(is_redo).to_owned(), ().into_any())
        }
        Some(Notice::Refused(refusal)) => toast(texts::refusal(&refusal), ().into_any()),
        // The account dialog, where the user asked to sign out, explains this.
        Some(Notice::SignOutRefused { .. }) => ().into_any(),
    }
}

fn toast(message: String, action: AnyView) -> AnyView {
    view! {
        <div class="toast">
            <span class="toast__text">{message}</span>
            {action}
            <button type="button" class="icon-btn" aria-label=texts::DISMISS
                on:click=|_| {
                    browser::dispatch(Intent::Notice(NoticeIntent::Dismiss));
                    focus::settle();
                }>
                {icons::cross()}
            </button>
        </div>
    }
    .into_any()
}
