//! The frame of the app.

use super::account_dialog::account_dialog;
use super::history::history;
use super::key_help::key_help;
use super::manual_entry::manual_entry;
use super::offers::{expired_offer, update_offer};
use super::sync_dialog::sync_dialog;
use super::timer_card::timer_card;
use super::toasts::toasts;
use super::top_bar::{tools, top_bar};
use crate::fields::ClockStyle;
use crate::ui::context::{Ui, clock_style};
use crate::ui::view::{El, el};

/// The app.
pub(in crate::ui) fn app(ui: Ui) -> El {
    let main = el("main", "app__main")
        .child(update_offer())
        .child(expired_offer(ui))
        .child(timer_card(ui))
        .child(tools(ui))
        .child(el("div", "slot").when(move || ui.manual.get(), move || manual_entry(ui)))
        .child(history(ui));
    el("div", "app")
        .attr_fn("data-clock", || match clock_style() {
            ClockStyle::H24 => "h24",
            ClockStyle::H12 => "h12",
        })
        .child(top_bar(ui))
        .child(main)
        .child(toasts())
        .child(sync_dialog(ui))
        .child(account_dialog(ui))
        .child(key_help(ui))
}
