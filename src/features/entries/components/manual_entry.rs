//! The form that adds an entry manually.

use leptos::prelude::*;
use wizitime_domain::{
    DESCRIPTION_CHARS_MAX, Day, DurationMs, ProjectId, Timestamp, day_of, day_start,
};

use crate::browser;
use crate::browser::clock::{BrowserZone, server_now};
use crate::features::projects::components::{ProjectChoice, ProjectPicker};
use crate::features::{EntryIntent, Intent};
use crate::parse::{
    EndBound, EndField, StartField, date_text, day_from_date_text, hms_text, instant_at, ms_of_day,
};
use crate::ui::context::{format_time, use_ui};
use crate::ui::dom::focus_on_mount;
use crate::ui::texts;
use crate::ui::widgets::{
    Labelled, ParsedField, Submitted, Titled, ValidationError, parse_duration_input,
    parse_end_input, parse_start_input,
};

/// What is filled in.
#[derive(Clone, Default)]
struct Draft {
    description: String,
    project_id: Option<ProjectId>,
    /// None while the date field is empty.
    day: Option<Day>,
    start: Option<Timestamp>,
    end: Option<Timestamp>,
    /// Why it cannot be saved.
    error: Option<&'static str>,
}

impl Draft {
    fn set_start(&mut self, today: Day, input: &Submitted) -> Result<(), ValidationError> {
        let day = self.day.unwrap_or(today);
        let field = StartField { day, current: self.start, end: EndBound::Unknown };
        let start = parse_start_input(field, input)?;
        self.start = Some(start);
        self.day = Some(day_of(start, &BrowserZone));
        // An end that was typed before its start stays if it can.
        self.end = self.end.filter(|end| *end >= start);
        self.error = None;
        Ok(())
    }

    /// Without a start, the end is on the chosen day.
    fn set_end(&mut self, today: Day, input: &Submitted) -> Result<(), ValidationError> {
        let day = self.day.unwrap_or(today);
        let start = self.start.unwrap_or_else(|| day_start(day, &BrowserZone));
        self.end = Some(parse_end_input(EndField { start, current: None }, input)?);
        self.error = None;
        Ok(())
    }

    /// Keeps the start, or else the end; with neither, the entry ends now.
    fn set_duration(&mut self, input: &Submitted) -> Result<(), ValidationError> {
        let duration = parse_duration_input(input)?;
        if let Some(start) = self.start {
            self.end = Some(start.saturating_add(duration));
        } else {
            let end = self.end.unwrap_or_else(server_now);
            let start = end.saturating_add(DurationMs::ZERO.saturating_sub(duration));
            self.start = Some(start);
            self.end = Some(end);
            self.day = Some(day_of(start, &BrowserZone));
        }
        self.error = None;
        Ok(())
    }

    /// Moves the entry to another day, at the same times of day.
    fn set_day(&mut self, date: &str) {
        self.day = day_from_date_text(date);
        let (Some(day), Some(start)) = (self.day, self.start) else { return };
        let moved = instant_at(day, ms_of_day(start, &BrowserZone), &BrowserZone);
        self.end = self.end.map(|end| moved.saturating_add(end.since(start)));
        self.start = Some(moved);
    }

    fn duration(&self) -> Option<DurationMs> {
        Some(self.end?.since(self.start?))
    }

    /// The intent that records the entry.
    ///
    /// # Errors
    /// What is missing.
    fn intent(&self) -> Result<Intent, &'static str> {
        self.day.ok_or(texts::NEEDS_DAY)?;
        Ok(Intent::Entry(EntryIntent::Add {
            started_at: self.start.ok_or(texts::NEEDS_START)?,
            stopped_at: self.end.ok_or(texts::NEEDS_END)?,
            description: self.description.trim().to_owned(),
            project_id: self.project_id,
        }))
    }
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

/// The form; Escape closes it.
#[component]
pub(crate) fn ManualEntry() -> AnyView {
    let ui = use_ui();
    let open = ui.manual_entry_open;
    let day = Some(ui.clock.today.get_untracked());
    let draft = RwSignal::new(Draft { day, ..<_>::default() });
    let save = move || match draft.with_untracked(Draft::intent) {
        Ok(intent) => {
            browser::dispatch(intent);
            open.set(false);
        }
        Err(error) => draft.update(|draft| draft.error = Some(error)),
    };
    let error = move || match draft.with(|draft| draft.error) {
        Some(error) => view! { <p class="form__error" role="alert">{error}</p> }.into_any(),
        None => ().into_any(),
    };
    view! {
        <form class="manual" aria-label=texts::ADD_MANUALLY novalidate
            on:submit=move |event| {
                event.prevent_default();
                save();
            }
            on:keydown=move |event| {
                if event.key() == "Escape" {
                    open.set(false);
                }
            }>
            <div class="manual__fields">
                <Labelled label=texts::DESCRIPTION class="labelled manual__wide">
                    <input class="boxed" type="text" maxlength=DESCRIPTION_CHARS_MAX.to_string()
                        autocomplete="off" use:focus_on_mount
                        on:input=move |event| {
                            let text = event_target_value(&event);
                            draft.update(|draft| draft.description = text);
                        }/>
                </Labelled>
                <Titled label=texts::PROJECT>
                    <ProjectPicker project_id=move || draft.with(|draft| draft.project_id)
                        on_choose=move |choice: ProjectChoice| {
                            let project_id = choice.resolve();
                            draft.update(|draft| draft.project_id = project_id);
                        }/>
                </Titled>
                <TimeFields draft/>
            </div>
            {move || error()}
            <div class="buttons">
                <button type="submit" class="btn btn--primary">{texts::SAVE_ENTRY}</button>
                <button type="button" class="btn btn--quiet" on:click=move |_| open.set(false)>
                    {texts::CANCEL}
                </button>
            </div>
        </form>
    }
    .into_any()
}

/// Day, start, end and duration.
#[component]
fn TimeFields(draft: RwSignal<Draft>) -> AnyView {
    let today = use_ui().clock.today;
    let text = |at: Option<Timestamp>| at.map(format_time).unwrap_or_default();
    view! {
        <Labelled label=texts::DAY>
            <input class="boxed" type="date"
                prop:value=move || draft.with(|it| it.day).map(date_text).unwrap_or_default()
                on:change=move |event| {
                    let date = event_target_value(&event);
                    draft.update(|draft| draft.set_day(&date));
                }/>
        </Labelled>
        <Titled label=texts::START_TIME>
            <ParsedField label=texts::START_TIME class="boxed digits"
                placeholder=texts::TIME_EXAMPLE
                value=move || text(draft.with(|draft| draft.start))
                on_submit=move |input: Submitted| {
                    try_update(draft, |draft| draft.set_start(today.get_untracked(), &input))
                }/>
        </Titled>
        <Titled label=texts::END_TIME>
            <ParsedField label=texts::END_TIME class="boxed digits"
                placeholder=texts::TIME_EXAMPLE
                value=move || text(draft.with(|draft| draft.end))
                on_submit=move |input: Submitted| {
                    try_update(draft, |draft| draft.set_end(today.get_untracked(), &input))
                }/>
        </Titled>
        <Titled label=texts::DURATION>
            <ParsedField label=texts::DURATION class="boxed digits"
                placeholder=texts::DURATION_EXAMPLE
                value=move || draft.with(Draft::duration).map(hms_text).unwrap_or_default()
                on_submit=move |input: Submitted| {
                    try_update(draft, |draft| draft.set_duration(&input))
                }/>
        </Titled>
    }
    .into_any()
}
