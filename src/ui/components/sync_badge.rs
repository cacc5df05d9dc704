//! How syncing stands, in a few words; a press tells more.

use crate::selectors::Attention;
use crate::ui::context::{Panel, Ui};
use crate::ui::view::{El, button, el};
use crate::ui::{mirror, text};

/// How loudly the badge speaks.
const fn tone(attention: Attention) -> &'static str {
    match attention {
        Attention::NotSaved { .. } => "danger",
        Attention::NeedsYou { .. } | Attention::SignIn { .. } => "alert",
        Attention::Saving { .. } | Attention::Syncing { .. } => "busy",
        Attention::Guest | Attention::Waiting { .. } | Attention::Offline => "quiet",
        Attention::Saved => "good",
    }
}

/// The badge.
pub(super) fn sync_badge(ui: Ui) -> El {
    let attention = || mirror::status().attention;
    button("btn badge", move || ui.panel.set(Some(Panel::Sync)))
        .attr_fn("data-tone", move || tone(attention()))
        .attr_fn("aria-label", move || text::badge_name(attention()))
        .attr("aria-haspopup", "dialog")
        .child(el("span", "badge__dot"))
        .child(el("span", "badge__text").text_fn(move || text::badge(attention())))
}
