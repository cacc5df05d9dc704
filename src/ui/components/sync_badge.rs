//! How syncing stands, in a few words; a press tells more.

use leptos::prelude::*;

use crate::selectors::Attention;
use crate::ui::context::{Panel, use_ui};
use crate::ui::text;

/// How loudly the badge speaks.
const fn tone(attention: Attention) -> &'static str {
    match attention {
        Attention::NotSaved { .. } => "danger",
        Attention::NeedsYou { .. } | Attention::SignIn { .. } => "alert",
        Attention::Syncing { .. } => "busy",
        Attention::Guest | Attention::Waiting { .. } | Attention::Offline => "quiet",
        Attention::Saved => "good",
    }
}

/// The badge.
#[component]
pub(super) fn SyncBadge() -> AnyView {
    let ui = use_ui();
    let attention = Memo::new(move |_| ui.mirror.status.with(|it| it.attention));
    view! {
        <button
            type="button"
            class="btn badge"
            data-tone=move || tone(attention.get())
            aria-label=move || text::badge_name(attention.get())
            aria-haspopup="dialog"
            on:click=move |_| ui.panel.set(Some(Panel::Sync))
        >
            <span class="badge__dot"></span>
            <span class="badge__text">{move || text::badge(attention.get())}</span>
        </button>
    }
    .into_any()
}
