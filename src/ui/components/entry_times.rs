//! The start, the end and the duration of an entry.

use leptos::prelude::*;
use wizitime_domain::{DurationMs, EntryId, TimeEntryChanges, day_of};

use super::entry_row::edit;
use super::read_field::{Objection, ReadField, Typed, read_field};
use super::time_texts::{read_duration, read_end, read_start};
use crate::browser::clock::BrowserZone;
use crate::fields::{EndField, StartField, Until, hms_text};
use crate::ui::context::Ui;
use crate::ui::intl::{DateParts, date_words};
use crate::ui::view::{El, el};
use crate::ui::{mirror, text};

fn take_start(id: EntryId, typed: &Typed) -> Result<(), Objection> {
    let Some(entry) = untrack(|| mirror::entry(id)) else { return Ok(()) };
    let was = entry.started_at;
    let until = entry.stop.map_or(Until::Now, |stop| Until::At(stop.at));
    let field = StartField { day: day_of(was, &BrowserZone), was: Some(was), until };
    let started_at = Some(read_start(field, typed)?);
    edit(id, TimeEntryChanges { started_at, ..<_>::default() });
    Ok(())
}

fn take_end(id: EntryId, typed: &Typed) -> Result<(), Objection> {
    let Some(entry) = untrack(|| mirror::entry(id)) else { return Ok(()) };
    let field = EndField { start: entry.started_at, was: entry.stop.map(|stop| stop.at) };
    let stopped_at = Some(read_end(field, typed)?);
    edit(id, TimeEntryChanges { stopped_at, ..<_>::default() });
    Ok(())
}

/// Another duration moves the end; the start stays.
fn take_duration(id: EntryId, typed: &Typed) -> Result<(), Objection> {
    let Some(entry) = untrack(|| mirror::entry(id)) else { return Ok(()) };
    let stopped_at = Some(entry.started_at.saturating_add(read_duration(typed)?));
    edit(id, TimeEntryChanges { stopped_at, ..<_>::default() });
    Ok(())
}

/// How many days after the day that it is listed under an entry ends, if any.
fn days_later(id: EntryId) -> Vec<El> {
    let span = mirror::entry(id).and_then(|entry| Some((entry.started_at, entry.stop?.at)));
    let Some((start, end)) = span else { return Vec::new() };
    let last = day_of(end, &BrowserZone);
    let days = last.as_days() - day_of(start, &BrowserZone).as_days();
    if days < 1 {
        return Vec::new();
    }
    let words = text::ends_on(&date_words(last, DateParts::Weekday));
    let mark = el("span", "").attr("aria-hidden", "true").text(&text::days_later(days));
    let said = el("span", "said").text(&words);
    vec![el("span", "entry__day").attr("title", &words).child(mark).child(said)]
}

/// Start and end.
pub(super) fn times(ui: Ui, id: EntryId) -> El {
    let start = read_field(ReadField {
        label: text::START_TIME,
        class: "field__input field__input--time",
        placeholder: text::TIME_EXAMPLE,
        shown: Box::new(move || {
            mirror::entry(id).map(|it| ui.clock_text(it.started_at)).unwrap_or_default()
        }),
        take: Box::new(move |typed| take_start(id, &typed)),
    });
    let end = read_field(ReadField {
        label: text::END_TIME,
        class: "field__input field__input--time",
        placeholder: text::TIME_EXAMPLE,
        shown: Box::new(move || {
            let stop = mirror::entry(id).and_then(|it| it.stop);
            stop.map(|stop| ui.clock_text(stop.at)).unwrap_or_default()
        }),
        take: Box::new(move |typed| take_end(id, &typed)),
    });
    el("div", "entry__times digits")
        .child(start)
        .text("–")
        .child(end)
        .rebuilt(move || days_later(id))
}

/// The duration.
pub(super) fn duration_field(id: EntryId) -> El {
    let field = read_field(ReadField {
        label: text::DURATION,
        class: "field__input field__input--duration",
        placeholder: text::DURATION_EXAMPLE,
        shown: Box::new(move || {
            let span = mirror::entry(id).and_then(|it| Some((it.started_at, it.stop?.at)));
            hms_text(span.map_or(DurationMs::ZERO, |(start, end)| end.since(start)))
        }),
        take: Box::new(move |typed| take_duration(id, &typed)),
    });
    el("div", "entry__length digits").child(field)
}
