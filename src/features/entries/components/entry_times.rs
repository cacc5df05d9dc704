//! The start, the end and the duration of an entry.

use leptos::prelude::*;
use wizitime_domain::{DurationMs, EntryId, TimeEntryChanges, day_of};

use crate::browser::clock::BrowserZone;
use crate::features::drafts::DraftPlace;
use crate::parse::{DurationField, EndBound, EndField, StartField, hms_text};
use crate::ui::context::{edit, format_time};
use crate::ui::intl::{DateParts, format_date};
use crate::ui::store::use_entry;
use crate::ui::texts;
use crate::ui::widgets::{
    ParsedField, Submitted, ValidationError, parse_duration_input, parse_end_input,
    parse_start_input,
};

/// Changes a time of an entry. The field keeps a text that is refused; a notice says why.
fn edit_time(id: EntryId, changes: TimeEntryChanges) -> Result<(), ValidationError> {
    if edit(id, changes) { Ok(()) } else { not_saved() }
}

fn not_saved() -> Result<(), ValidationError> {
    Err(ValidationError { message: texts::NOT_SAVED.to_owned(), can_confirm: false })
}

/// Moves the start of an entry to a typed time.
pub(crate) fn submit_start(id: EntryId, input: &Submitted) -> Result<(), ValidationError> {
    let Some(entry) = untrack(|| use_entry(id)) else { return not_saved() };
    let current = entry.started_at;
    let end = entry.stop.map_or(EndBound::Now, |stop| EndBound::At(stop.at));
    let field = StartField { day: day_of(current, &BrowserZone), current: Some(current), end };
    let started_at = Some(parse_start_input(field, input)?);
    edit_time(id, TimeEntryChanges { started_at, ..<_>::default() })
}

fn submit_end(id: EntryId, input: &Submitted) -> Result<(), ValidationError> {
    let Some(entry) = untrack(|| use_entry(id)) else { return not_saved() };
    let field = EndField { start: entry.started_at, current: entry.stop.map(|stop| stop.at) };
    let stopped_at = Some(parse_end_input(field, input)?);
    edit_time(id, TimeEntryChanges { stopped_at, ..<_>::default() })
}

/// A new duration moves the end; the start stays.
fn submit_duration(id: EntryId, input: &Submitted) -> Result<(), ValidationError> {
    let Some(entry) = untrack(|| use_entry(id)) else { return not_saved() };
    let current = entry.stop.map(|stop| stop.at.since(entry.started_at));
    let duration = parse_duration_input(DurationField { current }, input)?;
    let stopped_at = Some(entry.started_at.saturating_add(duration));
    edit_time(id, TimeEntryChanges { stopped_at, ..<_>::default() })
}

/// Marks an entry that ends on a later day than the one it is listed under.
fn later_day_mark(id: EntryId) -> AnyView {
    let span = use_entry(id).and_then(|entry| Some((entry.started_at, entry.stop?.at)));
    let Some((start, end)) = span else { return ().into_any() };
    let last = day_of(end, &BrowserZone);
    let days = last.as_days() - day_of(start, &BrowserZone).as_days();
    if days < 1 {
        return ().into_any();
    }
    let text = texts::ends_on(&format_date(last, DateParts::Weekday));
    view! {
        <span class="entry__day" title=text>
            <span aria-hidden="true">{texts::days_later(days)}</span>
            <span class="sr-only">{text.clone()}</span>
        </span>
    }
    .into_any()
}

/// Start and end.
#[component]
pub(crate) fn EntryTimes(id: EntryId) -> AnyView {
    let start = move || use_entry(id).map(|it| format_time(it.started_at)).unwrap_or_default();
    let end = move || {
        let stop = use_entry(id).and_then(|it| it.stop);
        stop.map(|stop| format_time(stop.at)).unwrap_or_default()
    };
    view! {
        <div class="entry__times digits">
            <ParsedField label=texts::START_TIME class="field__input field__input--time"
                placeholder=texts::TIME_EXAMPLE value=start
                place=DraftPlace::of_entry(id, "start")
                on_submit=move |input: Submitted| submit_start(id, &input)/>
            "–"
            <ParsedField label=texts::END_TIME class="field__input field__input--time"
                placeholder=texts::TIME_EXAMPLE value=end
                place=DraftPlace::of_entry(id, "end")
                on_submit=move |input: Submitted| submit_end(id, &input)/>
            {move || later_day_mark(id)}
        </div>
    }
    .into_any()
}

/// The duration.
#[component]
pub(crate) fn EntryDuration(id: EntryId) -> AnyView {
    let duration = move || {
        let span = use_entry(id).and_then(|it| Some((it.started_at, it.stop?.at)));
        hms_text(span.map_or(DurationMs::ZERO, |(start, end)| end.since(start)))
    };
    view! {
        <div class="entry__length digits">
            <ParsedField label=texts::DURATION class="field__input field__input--duration"
                placeholder=texts::DURATION_EXAMPLE value=duration
                place=DraftPlace::of_entry(id, "duration")
                on_submit=move |input: Submitted| submit_duration(id, &input)/>
        </div>
    }
    .into_any()
}
