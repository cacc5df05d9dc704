//! One change that was set aside: what it is, why it cannot be taken, and what to do about it.

use leptos::prelude::*;

use super::confirm::confirm;
use super::quarantine_form::{can_edit, quarantine_form};
use super::sync_dialog::export_button;
use super::sync_facts::{event_words, when};
use crate::browser;
use crate::features::{Intent, SyncIntent};
use crate::sync::record::Quarantined;
use crate::ui::context::Ui;
use crate::ui::text;
use crate::ui::view::{El, Var, button, el};

/// The change.
pub(super) fn quarantine_item(ui: Ui, item: &Quarantined) -> El {
    let envelope = &item.event.envelope;
    let event_id = envelope.id;
    let editing = Var::new(false);
    let discarding = Var::new(false);
    let why = text::quarantine_reason(&item.reason, &envelope.event);
    let retry = move || {
        button("btn btn--plain", move || {
            browser::dispatch(Intent::Sync(SyncIntent::RetryQuarantined { event_id }))
        })
        .text(text::RETRY)
    };
    let edit = move || button("btn btn--plain", move || editing.set(true)).text(text::EDIT);
    let discard =
        move || button("btn btn--danger", move || discarding.set(true)).text(text::DISCARD);
    let event = envelope.event.clone();
    let actions = move || match (editing.get(), discarding.get()) {
        (true, _) => vec![quarantine_form(ui, event_id, &event, editing)],
        (false, true) => confirm(
            text::DISCARD_QUESTION,
            (text::DISCARD_REALLY, move || {
                browser::dispatch(Intent::Sync(SyncIntent::DiscardQuarantined { event_id }));
            }),
            (text::KEEP, move || discarding.set(false)),
        ),
        (false, false) => {
            let edit = can_edit(&event).then(edit);
            let all = el("div", "buttons").child(retry()).children(edit);
            vec![all.child(discard()).child(export_button())]
        }
    };
    let what = el("p", "problem__what").text(&event_words(&envelope.event)).text(" ");
    let at = envelope.at;
    let at = el("span", "waiting__when digits").text(&untrack(|| when(ui, at)));
    el("article", "problem")
        .child(what.child(at))
        .child(el("p", "problem__why").text(&why))
        .rebuilt(actions)
}
