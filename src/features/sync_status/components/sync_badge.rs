//! The sync badge: the sync status in a few words. A click opens the details.

use leptos::prelude::*;

use crate::features::SyncBadge;
use crate::ui::context::{DialogKind, use_ui};
use crate::ui::store::use_status;
use crate::ui::texts;

const fn tone(badge: SyncBadge) -> &'static str {
    match badge {
        SyncBadge::NotSaved { .. } => "danger",
        SyncBadge::NeedsAttention { .. } | SyncBadge::SignIn { .. } => "alert",
        SyncBadge::Saving { .. } | SyncBadge::Syncing { .. } => "busy",
        SyncBadge::Guest | SyncBadge::Waiting { .. } | SyncBadge::Offline => "quiet",
        SyncBadge::Saved => "good",
    }
}

/// The badge.
#[component]
pub(crate) fn SyncBadgeButton() -> AnyView {
    let dialog = use_ui().dialog;
    let badge = || use_status().badge;
    view! {
        <button type="button" class="btn badge" aria-haspopup="dialog"
            data-tone=move || tone(badge()).to_owned()
            aria-label=move || texts::badge_label(badge())
            on:click=move |_| dialog.set(Some(DialogKind::Sync))>
            <span class="badge__dot"></span>
            <span class="badge__text" prop:textContent=move || texts::badge(badge())></span>
        </button>
    }
    .into_any()
}
