//! The form that corrects a quarantined event: its text, its start, its end.

use std::sync::Arc;

use leptos::prelude::*;
use wizitime_domain::{
    DESCRIPTION_CHARS_MAX, Day, EntityKey, Event, EventId, NAME_CHARS_MAX, Timestamp, day_of,
};

use crate::browser;
use crate::browser::clock::BrowserZone;
use crate::features::{Intent, QuarantineFix, SyncIntent};
use crate::parse::{
    EndBound, EndField, StartField, check_length, confirmed_time, date_text, instant_at, ms_of_day,
    parse_date,
};
use crate::ui::context::format_time;
use crate::ui::texts;
use crate::ui::widgets::{
    Labelled, ParsedField, ShowIf, Submitted, Titled, ValidationError, parse_end_input,
    parse_start_input, time_error,
};

/// The fields of an event that can be corrected, with their values.
fn fields(event: &Event) -> QuarantineFix {
    let text = |text: &str| Some(text.to_owned());
    let named = |name: &Option<String>| QuarantineFix { text: name.clone(), ..Default::default() };
    match event {
        Event::StartClock(it) => QuarantineFix {
            text: text(&it.description),
            started_at: Some(it.started_at),
            stopped_at: None,
        },
        Event::StopClock(it) => {
            QuarantineFix { stopped_at: Some(it.stopped_at), ..Default::default() }
        }
        Event::CreateTimeEntry(it) => QuarantineFix {
            text: text(&it.description),
            started_at: Some(it.started_at),
            stopped_at: Some(it.stopped_at),
        },
        Event::UpdateTimeEntry(it) => QuarantineFix {
            text: it.changes.description.clone(),
            started_at: it.changes.started_at,
            stopped_at: it.changes.stopped_at,
        },
        Event::CreateProject(it) => named(&text(&it.name)),
        Event::CreateClient(it) => named(&text(&it.name)),
        Event::CreateTask(it) => named(&text(&it.name)),
        Event::CreateTag(it) => named(&text(&it.name)),
        Event::UpdateProject(it) => named(&it.changes.name),
        Event::UpdateClient(it) => named(&it.changes.name),
        Event::UpdateTask(it) => named(&it.changes.name),
        Event::UpdateTag(it) => named(&it.changes.name),
        Event::DeleteTimeEntry(_)
        | Event::RestoreTimeEntry(_)
        | Event::SplitTimeEntry(_)
        | Event::ArchiveProject(_)
        | Event::RestoreProject(_)
        | Event::ArchiveClient(_)
        | Event::RestoreClient(_)
        | Event::ArchiveTask(_)
        | Event::RestoreTask(_)
        | Event::ArchiveTag(_)
        | Event::RestoreTag(_)
        | Event::UpdateSettings(_) => QuarantineFix::default(),
    }
}

/// Whether an event has fields that can be corrected.
pub(super) fn can_edit(event: &Event) -> bool {
    fields(event) != QuarantineFix::default()
}

/// What is filled in.
#[derive(Clone)]
struct Draft {
    fix: QuarantineFix,
    /// When the entry started, for an event that only ends it.
    known_start: Option<Timestamp>,
}

impl Draft {
    fn day(&self) -> Option<Day> {
        let at = self.fix.started_at.or(self.fix.stopped_at);
        at.map(|at| day_of(at, &BrowserZone))
    }

    /// Moves start and end to another day, at the same times of day.
    fn set_day(&mut self, to: Day) {
        let Some(from) = self.day() else { return };
        let days = to.as_days() - from.as_days();
        for at in [&mut self.fix.started_at, &mut self.fix.stopped_at] {
            *at = at.map(|at| {
                let day = day_of(at, &BrowserZone).plus(days);
                instant_at(day, ms_of_day(at, &BrowserZone), &BrowserZone).first()
            });
        }
    }

    fn set_start(&mut self, input: &Submitted) -> Result<(), ValidationError> {
        let field = on_current_day(self.fix.started_at);
        let start = parse_start_input(field, input)?;
        if let Some(end) = self.fix.stopped_at {
            let checked = check_length(start, end.since(start), None);
            confirmed_time(checked, input.confirmed).map_err(|it| time_error(it, field.day))?;
        }
        self.fix.started_at = Some(start);
        Ok(())
    }

    fn set_end(&mut self, input: &Submitted) -> Result<(), ValidationError> {
        let current = self.fix.stopped_at;
        let end = match self.fix.started_at.or(self.known_start) {
            // An end before the start may be what was rejected: it is no reference.
            Some(start) => {
                let current = current.filter(|end| *end >= start);
                parse_end_input(EndField { start, current }, input)?
            }
            None => parse_start_input(on_current_day(current), input)?,
        };
        self.fix.stopped_at = Some(end);
        Ok(())
    }
}

/// A time that is parsed by itself, on the day that it is on.
fn on_current_day(current: Option<Timestamp>) -> StartField {
    let day = day_of(current.unwrap_or(Timestamp::MIN), &BrowserZone);
    StartField { day, current, end: EndBound::Unknown }
}

fn known_start(event: &Event) -> Option<Timestamp> {
    let entry_id = event.subjects().into_iter().find_map(|key| match key {
        EntityKey::TimeEntry(id) => Some(id),
        EntityKey::Project(_)
        | EntityKey::Client(_)
        | EntityKey::Task(_)
        | EntityKey::Tag(_)
        | EntityKey::Settings => None,
    })?;
    browser::with_core(|core| {
        core.state().ledger.shown().entry(entry_id).map(|entry| entry.started_at)
    })
}

fn is_of_entry(event: &Event) -> bool {
    matches!(event.subjects().first(), Some(EntityKey::TimeEntry(_)))
}

/// Changes a copy of the draft, and keeps it only if that succeeds.
fn try_update(
    draft: RwSignal<Draft>,
    change: impl FnOnce(&mut Draft) -> Result<(), ValidationError>,
) -> Result<(), ValidationError> {
    let mut changed = draft.get_untracked();
    change(&mut changed)?;
    draft.set(changed);
    Ok(())
}

/// The form, with a field for each part of the event that can be corrected. It closes when it is
/// saved.
#[component]
pub(crate) fn QuarantineForm(
    event_id: EventId,
    event: Arc<Event>,
    editing: RwSignal<bool>,
) -> AnyView {
    let initial = Draft { fix: fields(&event), known_start: known_start(&event) };
    let (has_text, has_day) = (initial.fix.text.is_some(), initial.day().is_some());
    let (has_start, has_end) = (initial.fix.started_at.is_some(), initial.fix.stopped_at.is_some());
    let (text_label, chars_max) = if is_of_entry(&event) {
        (texts::DESCRIPTION, DESCRIPTION_CHARS_MAX)
    } else {
        (texts::NAME, NAME_CHARS_MAX)
    };
    let draft = RwSignal::new(initial);
    let initial_text = move || draft.get_untracked().fix.text.unwrap_or_default();
    let time = |at: Option<Timestamp>| at.map(format_time).unwrap_or_default();
    view! {
        <form class="problem__form" novalidate on:submit=move |event| {
            event.prevent_default();
            let fix = draft.get_untracked().fix;
            editing.set(false);
            browser::dispatch(Intent::Sync(SyncIntent::FixQuarantined { event_id, fix }));
        }>
            <ShowIf when=move || has_text>
                <Labelled label=text_label class="labelled labelled--wide">
                    <input class="boxed" type="text" maxlength=chars_max.to_string()
                        value=initial_text()
                        on:input=move |event| {
                            let text = event_target_value(&event);
                            draft.update(|draft| draft.fix.text = Some(text));
                        }/>
                </Labelled>
            </ShowIf>
            <ShowIf when=move || has_day>
                <Labelled label=texts::DAY class="labelled labelled--wide">
                    <input class="boxed" type="date"
                        prop:value=move || draft.with(Draft::day).map(date_text).unwrap_or_default()
                        on:change=move |event| {
                            // A year may be typed halfway.
                            if let Ok(day) = parse_date(&event_target_value(&event)) {
                                draft.update(|draft| draft.set_day(day));
                            }
                        }/>
                </Labelled>
            </ShowIf>
            <ShowIf when=move || has_start>
                <Titled label=texts::START_FIELD>
                    <ParsedField label=texts::START_FIELD class="boxed digits"
                        placeholder=texts::TIME_EXAMPLE
                        value=move || time(draft.with(|it| it.fix.started_at))
                        on_submit=move |input: Submitted| {
                            try_update(draft, |draft| draft.set_start(&input))
                        }/>
                </Titled>
            </ShowIf>
            <ShowIf when=move || has_end>
                <Titled label=texts::END_FIELD>
                    <ParsedField label=texts::END_FIELD class="boxed digits"
                        placeholder=texts::TIME_EXAMPLE
                        value=move || time(draft.with(|it| it.fix.stopped_at))
                        on_submit=move |input: Submitted| {
                            try_update(draft, |draft| draft.set_end(&input))
                        }/>
                </Titled>
            </ShowIf>
            <div class="buttons">
                <button type="submit" class="btn btn--primary">{texts::SAVE_AND_RETRY}</button>
                <button type="button" class="btn btn--quiet" on:click=move |_| editing.set(false)>
                    {texts::CANCEL}
                </button>
            </div>
        </form>
    }
    .into_any()
}
