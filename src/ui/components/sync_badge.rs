//! How syncing stands, in a few words; a press tells more.

use crate::features::SyncBadge;
use crate::ui::context::{Panel, Ui};
use crate::ui::view::{El, button, el};
use crate::ui::{mirror, text};

/// How loudly the badge speaks.
const fn tone(attention: SyncBadge) -> &'static str {
    match attention {
        SyncBadge::NotSaved { .. } => "danger",
        SyncBadge::NeedsAttention { .. } | SyncBadge::SignIn { .. } => "alert",
        SyncBadge::Saving { .. } | SyncBadge::Syncing { .. } => "busy",
        SyncBadge::Guest | SyncBadge::Waiting { .. } | SyncBadge::Offline => "quiet",
        SyncBadge::Saved => "good",
    }
}

/// The badge.
pub(super) fn sync_badge(ui: Ui) -> El {
    let attention = || mirror::status().badge;
    button("btn badge", move || ui.panel.set(Some(Panel::Sync)))
        .attr_fn("data-tone", move || tone(attention()))
        .attr_fn("aria-label", move || text::badge_name(attention()))
        .attr("aria-haspopup", "dialog")
        .child(el("span", "badge__dot"))
        .child(el("span", "badge__text").text_fn(move || text::badge(attention())))
}
