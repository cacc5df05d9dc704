//! One entry: every field is edited in place; continue it, delete it.

use std::sync::Arc;

use leptos::prelude::*;
use wizitime_domain::{
    DurationMs, EntryId, StopBy, TimeEntry, TimeEntryChanges, Timestamp, day_of,
};

use super::icons;
use super::project_picker::{Choice, ProjectPicker};
use super::read_field::{Objection, ReadField, Typed};
use super::text_field::TextField;
use super::time_texts::{read_duration, read_end, read_start};
use crate::browser;
use crate::browser::clock::{BrowserZone, zone_name};
use crate::dispatchers::Intent;
use crate::fields::{EndField, StartField, Until, hms_text};
use crate::ui::context::{Ui, use_ui};
use crate::ui::intl::{DateParts, date_words};
use crate::ui::{dom, mirror, text};

/// An entry as a row sees it; none while it goes away.
type Entry = RwSignal<Option<Arc<TimeEntry>>>;

fn edit(entry_id: EntryId, changes: TimeEntryChanges) {
    browser::dispatch(Intent::EditEntry { entry_id, changes: Box::new(changes) });
}

fn take_start(ui: Ui, entry: Entry, typed: &Typed) -> Result<(), Objection> {
    let Some(entry) = entry.get_untracked() else { return Ok(()) };
    let was = entry.started_at;
    let until = entry.stop.map_or(Until::Now, |stop| Until::At(stop.at));
    let field = StartField { day: day_of(was, &BrowserZone), was: Some(was), until };
    let started_at = Some(read_start(ui, field, typed)?);
    edit(entry.id, TimeEntryChanges { started_at, ..Default::default() });
    Ok(())
}

fn take_end(ui: Ui, entry: Entry, typed: &Typed) -> Result<(), Objection> {
    let Some(entry) = entry.get_untracked() else { return Ok(()) };
    let field = EndField { start: entry.started_at, was: entry.stop.map(|stop| stop.at) };
    let stopped_at = Some(read_end(ui, field, typed)?);
    edit(entry.id, TimeEntryChanges { stopped_at, ..Default::default() });
    Ok(())
}

/// Another duration moves the end; the start stays.
fn take_duration(entry: Entry, typed: &Typed) -> Result<(), Objection> {
    let Some(entry) = entry.get_untracked() else { return Ok(()) };
    let stopped_at = Some(entry.started_at.saturating_add(read_duration(typed)?));
    edit(entry.id, TimeEntryChanges { stopped_at, ..Default::default() });
    Ok(())
}

fn choose_project(entry_id: EntryId, choice: Choice) {
    match choice {
        new @ Choice::New { .. } => {
            new.resolve(Some(entry_id));
        }
        Choice::Existing(project_id) => {
            edit(entry_id, TimeEntryChanges { project_id: Some(project_id), ..Default::default() });
        }
    }
}

/// What else there is to know about an entry.
fn note(entry: &TimeEntry) -> Option<String> {
    let implied = entry.stop.is_some_and(|stop| stop.by == StopBy::Implied);
    let here = zone_name();
    let elsewhere = entry.zone.name() != here;
    let implied = implied.then(|| text::ENDED_BY_NEXT.to_owned());
    let elsewhere = elsewhere.then(|| text::recorded_in(entry.zone.name(), &here));
    let notes: Vec<String> = implied.into_iter().chain(elsewhere).collect();
    (!notes.is_empty()).then(|| notes.join(" · "))
}

/// The row.
#[component]
pub(super) fn EntryRow(id: EntryId) -> AnyView {
    let entry = Entry::from(mirror::entry(id));
    let description = Signal::derive(move || {
        entry.with(|it| it.as_ref().map(|it| it.description.clone()).unwrap_or_default())
    });
    let project_id =
        Signal::derive(move || entry.with(|it| it.as_ref().and_then(|it| it.project_id)));
    let take_description = Callback::new(move |description: String| {
        edit(id, TimeEntryChanges { description: Some(description), ..Default::default() });
    });
    let note = move || {
        let note = entry.with(|entry| entry.as_ref().and_then(|entry| note(entry)));
        note.map(|note| view! { <p class="entry__note">{note}</p> })
    };
    view! {
        <article class="entry">
            <div class="entry__about">
                <TextField
                    label=text::DESCRIPTION
                    class="field__input entry__text"
                    placeholder=text::ADD_DESCRIPTION
                    shown=description
                    take=take_description
                />
            </div>
            <div class="entry__project">
                <ProjectPicker
                    project_id=project_id
                    choose=Callback::new(move |choice| choose_project(id, choice))
                />
            </div>
            <Times entry=entry />
            <div class="entry__actions">
                <button
                    type="button"
                    class="icon-btn"
                    aria-label=text::CONTINUE
                    title=text::CONTINUE
                    on:click=move |_| browser::dispatch(Intent::ContinueEntry { entry_id: id })
                >
                    {icons::play()}
                </button>
                <button
                    type="button"
                    class="icon-btn"
                    aria-label=text::DELETE
                    title=text::DELETE
                    on:click=move |event| {
                        dom::focus_next_item(&event);
                        browser::dispatch(Intent::DeleteEntry { entry_id: id });
                    }
                >
                    {icons::trash()}
                </button>
            </div>
            {note}
        </article>
    }
    .into_any()
}

/// Start, end and duration.
#[component]
fn Times(entry: Entry) -> AnyView {
    let ui = use_ui();
    let time = move |pick: fn(&TimeEntry) -> Option<Timestamp>| {
        Signal::derive(move || {
            let at = entry.with(|it| it.as_ref().and_then(|it| pick(it)));
            at.map(|at| ui.clock_text(at)).unwrap_or_default()
        })
    };
    let start = time(|entry| Some(entry.started_at));
    let end = time(|entry| entry.stop.map(|stop| stop.at));
    let duration = Signal::derive(move || {
        let ended = |entry: &Arc<TimeEntry>| entry.stop.map(|it| it.at.since(entry.started_at));
        let length = entry.with(|it| it.as_ref().and_then(ended));
        hms_text(length.unwrap_or(DurationMs::ZERO))
    });
    let days_later = move || {
        let (start, end) =
            entry.with(|it| it.as_ref().and_then(|it| Some((it.started_at, it.stop?.at))))?;
        let last = day_of(end, &BrowserZone);
        let days = last.as_days() - day_of(start, &BrowserZone).as_days();
        let words = text::ends_on(&date_words(last, DateParts::Weekday));
        (days > 0).then(|| {
            let title = words.clone();
            view! {
                <span class="entry__day" title=title>
                    <span aria-hidden="true">{text::days_later(days)}</span>
                    <span class="said">{words}</span>
                </span>
            }
        })
    };
    view! {
        <div class="entry__times digits">
            <ReadField
                label=text::START_TIME
                class="field__input field__input--time"
                placeholder=text::TIME_EXAMPLE
                shown=start
                take=Callback::new(move |typed| take_start(ui, entry, &typed))
            />
            "–"
            <ReadField
                label=text::END_TIME
                class="field__input field__input--time"
                placeholder=text::TIME_EXAMPLE
                shown=end
                take=Callback::new(move |typed| take_end(ui, entry, &typed))
            />
            {days_later}
        </div>
        <div class="entry__length digits">
            <ReadField
                label=text::DURATION
                class="field__input field__input--duration"
                placeholder=text::DURATION_EXAMPLE
                shown=duration
                take=Callback::new(move |typed| take_duration(entry, &typed))
            />
        </div>
    }
    .into_any()
}
