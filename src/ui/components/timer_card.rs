//! The clock: what one is working on, its project, the running time, and the one big button.

use leptos::prelude::*;
use wizitime_domain::DurationMs;

use super::icons;
use super::project_picker::project_picker;
use super::since::since;
use super::what_field::what_field;
use crate::fields::hms_text;
use crate::ui::context::Ui;
use crate::ui::view::{El, button, el};
use crate::ui::{mirror, text};

/// The card.
pub(super) fn timer_card(ui: Ui) -> El {
    let runs = || mirror::running().is_some();
    let project_id = move || match mirror::running() {
        None => ui.project_id.get(),
        Some(entry) => entry.project_id,
    };
    let picker = project_picker(project_id, move |choice| match untrack(mirror::running_id) {
        None => ui.project_id.set(choice.resolve()),
        Some(entry_id) => choice.apply(entry_id),
    });
    let running_time = move || {
        let time = mirror::running().map(|entry| entry.duration(ui.tick.now.get()));
        hms_text(time.unwrap_or(DurationMs::ZERO))
    };
    let meta = el("div", "timer__meta").child(picker).when(runs, move || since(ui));
    let clock = el("div", "timer__clock digits")
        .attr("role", "timer")
        .attr("aria-label", text::RUNNING_TIME)
        .text_fn(running_time);
    let go = button("btn btn--primary timer__go", move || ui.toggle_clock())
        .rebuilt(move || vec![if runs() { icons::stop() } else { icons::play() }])
        .text_fn(move || if runs() { text::STOP } else { text::START });
    el("section", "timer")
        .state("data-running", runs)
        .child(el("div", "timer__about").child(what_field(ui)).child(meta))
        .child(clock)
        .child(go)
}
