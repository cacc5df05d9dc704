//! When the running clock started, as a field, and how long ago that is.

use leptos::prelude::*;
use wizitime_domain::{DurationMs, TimeEntryChanges, day_of};

use super::read_field::{Objection, ReadField, Typed, read_field};
use super::time_texts::read_start;
use crate::browser;
use crate::browser::clock::BrowserZone;
use crate::features::{EntryIntent, Intent};
use crate::fields::{StartField, Until};
use crate::ui::context::Ui;
use crate::ui::view::{El, el};
use crate::ui::{mirror, text};

fn take(typed: &Typed) -> Result<(), Objection> {
    let Some(entry) = untrack(mirror::running) else { return Ok(()) };
    let was = entry.started_at;
    let field = StartField { day: day_of(was, &BrowserZone), was: Some(was), until: Until::Now };
    let started_at = Some(read_start(field, typed)?);
    let changes = Box::new(TimeEntryChanges { started_at, ..<_>::default() });
    browser::dispatch(Intent::Entry(EntryIntent::Edit { entry_id: entry.id, changes }));
    Ok(())
}

/// `Started [09:12] 42 min ago`.
pub(super) fn since(ui: Ui) -> El {
    let started_at = || mirror::running().map(|entry| entry.started_at);
    let ago = move || {
        let ago = started_at().map(|at| ui.tick.now.get().since(at));
        text::ago(ago.unwrap_or(DurationMs::ZERO))
    };
    let field = read_field(ReadField {
        label: text::STARTED_AT,
        class: "field__input field__input--time",
        placeholder: text::TIME_EXAMPLE,
        shown: Box::new(move || started_at().map(|at| ui.clock_text(at)).unwrap_or_default()),
        take: Box::new(|typed| take(&typed)),
    });
    el("div", "timer__since digits")
        .text(text::STARTED)
        .child(field)
        .child(el("span", "").text_fn(ago))
}
