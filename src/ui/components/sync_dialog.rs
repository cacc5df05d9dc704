//! How syncing stands, at length: the connection, what waits and since when, what needs the
//! person.

use leptos::prelude::*;
use wizitime_domain::{Envelope, EventId};

use super::dialog::dialog;
use super::quarantine_item::quarantine_item;
use super::sync_facts::{connection, event_words, when};
use crate::browser;
use crate::features::{Intent, SyncIntent};
use crate::ui::context::{Panel, Ui};
use crate::ui::view::{El, button, el};
use crate::ui::{mirror, text};

/// Waiting events that are listed one by one.
const LISTED_MAX: usize = 20;

/// The dialog.
pub(super) fn sync_dialog(ui: Ui) -> El {
    dialog(ui, Panel::Sync, text::SYNC, move || {
        vec![state(), needs_you(ui), waiting(ui), also(), buttons(ui)]
    })
}

fn section(title: &'static str) -> El {
    el("section", "dialog__section").child(el("h3", "dialog__subtitle").text(title))
}

/// The sentence, the connection and the last problem.
fn state() -> El {
    let problem = || match text::problem(&mirror::status().error) {
        None => Vec::new(),
        Some(problem) => {
            vec![el("dt", "").text(text::LAST_PROBLEM), el("dd", "").text(&problem)]
        }
    };
    let facts = el("dl", "facts")
        .child(el("dt", "").text(text::CONNECTION))
        .child(el("dd", "").text_fn(|| connection(&mirror::status())))
        .rebuilt(problem);
    let lead = el("p", "dialog__lead").text_fn(|| text::explained(mirror::status().badge));
    el("div", "form").child(lead).child(facts)
}

/// Changes that were set aside.
fn needs_you(ui: Ui) -> El {
    let ids = || -> Vec<EventId> {
        mirror::buffer(|it| it.events.quarantined().map(|it| it.event.envelope.id).collect())
    };
    let list = move || {
        section(text::NEEDS_YOU_TITLE).each(ids, move |id| {
            let item = untrack(|| mirror::buffer(|it| it.events.find_quarantined(id)));
            item.map_or_else(|| el("div", ""), |item| quarantine_item(ui, &item))
        })
    };
    el("div", "slot").when(|| mirror::status().quarantined > 0, list)
}

/// What waits to be sent.
fn waiting(ui: Ui) -> El {
    let line = move |it: Envelope| {
        el("li", "")
            .child(el("span", "waiting__what").text(&event_words(&it.event)))
            .child(el("span", "waiting__when digits").text(&when(ui, it.at)))
    };
    let lines = move || {
        let waiting: Vec<Envelope> = mirror::buffer(|it| {
            it.events.waiting().take(LISTED_MAX).map(|it| it.envelope.clone()).collect()
        });
        waiting.into_iter().map(line).collect()
    };
    let since = move || {
        let status = mirror::status();
        let since = status.waiting_since.map(|at| when(ui, at)).unwrap_or_default();
        text::waiting_since(status.waiting, &since)
    };
    let more = || {
        let more = mirror::status().waiting.saturating_sub(LISTED_MAX);
        if more > 0 { text::and_more(more) } else { String::new() }
    };
    let list = move || {
        let is_guest = untrack(|| mirror::session(|it| it.account().is_none()));
        let title = if is_guest { text::WAITING_TITLE_GUEST } else { text::WAITING_TITLE };
        section(title)
            .child(el("p", "dialog__lead").text_fn(since))
            .child(el("ul", "waiting").rebuilt(lines))
            .child(el("p", "dialog__lead").text_fn(more))
    };
    el("div", "slot").when(|| mirror::status().waiting > 0, list)
}

/// What else lies on this device.
fn also() -> El {
    let lines = || {
        let it = mirror::status();
        let line = |count: usize, words: fn(usize) -> String| {
            (count > 0).then(|| el("li", "").text(&words(count)))
        };
        let crash = (!it.crash_safe).then(|| el("li", "").text(text::NOT_CRASH_SAFE));
        let lines = [
            crash,
            line(it.corrupt, text::damaged),
            line(it.newer, text::newer),
            line(it.foreign, text::foreign),
            line(it.superseded, text::superseded),
        ];
        if lines.iter().all(Option::is_none) {
            return Vec::new();
        }
        let list = el("ul", "dialog__lead").children(lines.into_iter().flatten());
        vec![section(text::ALSO_TITLE).child(list)]
    };
    el("div", "slot").rebuilt(lines)
}

/// What can be done about it.
fn buttons(ui: Ui) -> El {
    let unsynced = || {
        let it = mirror::status();
        it.waiting + it.quarantined + it.corrupt + it.foreign > 0
    };
    let first = move || {
        let press = if mirror::session(|it| it.active().is_some()) {
            button("btn btn--primary", || browser::dispatch(Intent::Sync(SyncIntent::SyncNow)))
                .text(text::SYNC_NOW)
        } else {
            button("btn btn--primary", move || ui.panel.set(Some(Panel::Account)))
                .text(text::SIGN_IN)
        };
        vec![press]
    };
    el("div", "buttons").rebuilt(first).when(unsynced, export_button)
}

/// The button that saves everything that is not on the server as a file.
pub(super) fn export_button() -> El {
    button("btn btn--plain", || browser::dispatch(Intent::Sync(SyncIntent::ExportUnsynced)))
        .text(text::EXPORT)
}
