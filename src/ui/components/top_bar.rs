//! The bar at the top, and the tools below the clock.

use super::icons;
use super::sync_badge::sync_badge;
use crate::ui::context::{Panel, Ui};
use crate::ui::text;
use crate::ui::view::{El, button, el};

/// The brand, how syncing stands, and the account.
pub(super) fn top_bar(ui: Ui) -> El {
    let brand =
        el("h1", "brand").child(icons::brand()).child(el("span", "brand__name").text(text::APP));
    let account = button("icon-btn", move || ui.panel.set(Some(Panel::Account)))
        .attr("aria-label", text::ACCOUNT)
        .attr("title", text::ACCOUNT)
        .attr("aria-haspopup", "dialog")
        .child(icons::person());
    el("header", "topbar")
        .child(brand)
        .child(el("span", "topbar__gap"))
        .child(sync_badge(ui))
        .child(account)
}

/// A hint at the keys, and the door to entries by hand.
pub(super) fn tools(ui: Ui) -> El {
    let key = |key: &str| el("kbd", "key").text(key);
    let toggle = el("span", "keys-hint").child(key("s")).text(text::KEY_TOGGLE);
    let help = button("keys-hint summary__keys", move || ui.panel.set(Some(Panel::Keys)))
        .attr("title", text::KEYS_HINT_NAME)
        .attr("aria-haspopup", "dialog")
        .child(key("?"))
        .text(text::KEYS_HINT);
    let add = button("btn btn--quiet", move || ui.manual.update(|open| *open = !*open))
        .state("aria-expanded", move || ui.manual.get())
        .child(icons::plus())
        .text(text::ADD_MANUALLY);
    el("div", "summary").child(toggle).child(help).child(el("span", "summary__gap")).child(add)
}
