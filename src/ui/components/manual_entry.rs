//! The form for an entry by hand.

use leptos::ev;
use leptos::prelude::*;
use wizitime_domain::{
    DESCRIPTION_CHARS_MAX, Day, DurationMs, ProjectId, Timestamp, day_of, day_start,
};

use super::project_picker::{Choice, ProjectPicker};
use super::read_field::{Objection, ReadField, Typed};
use super::time_texts::{read_duration, read_end, read_start};
use crate::browser;
use crate::browser::clock::{BrowserZone, corrected_now};
use crate::dispatchers::Intent;
use crate::fields::{
    EndField, StartField, Until, date_text, day_from_date_text, hms_text, instant_at, ms_of_day,
};
use crate::ui::context::{Ui, use_ui};
use crate::ui::{dom, text};

const FIRST_FIELD_ID: &str = "manual-description";

/// What is filled in so far.
#[derive(Clone, Copy)]
struct Form {
    description: RwSignal<String>,
    project_id: RwSignal<Option<ProjectId>>,
    /// None while the date field is empty.
    day: RwSignal<Option<Day>>,
    start: RwSignal<Option<Timestamp>>,
    end: RwSignal<Option<Timestamp>>,
    /// Why it cannot be saved.
    problem: RwSignal<Option<&'static str>>,
}

impl Form {
    fn new(ui: Ui) -> Self {
        Self {
            description: RwSignal::new(String::new()),
            project_id: RwSignal::new(None),
            day: RwSignal::new(Some(ui.tick.today.get_untracked())),
            start: RwSignal::new(None),
            end: RwSignal::new(None),
            problem: RwSignal::new(None),
        }
    }

    fn take_start(self, ui: Ui, typed: &Typed) -> Result<(), Objection> {
        let day = self.day.get_untracked().unwrap_or_else(|| ui.tick.today.get_untracked());
        let field = StartField { day, was: self.start.get_untracked(), until: Until::Unknown };
        let start = read_start(ui, field, typed)?;
        self.start.set(Some(start));
        self.day.set(Some(day_of(start, &BrowserZone)));
        // An end that came before its start was known stays if it can.
        if self.end.get_untracked().is_some_and(|end| end < start) {
            self.end.set(None);
        }
        self.problem.set(None);
        Ok(())
    }

    /// Without a start yet, an end is meant on the chosen day.
    fn take_end(self, ui: Ui, typed: &Typed) -> Result<(), Objection> {
        let day = self.day.get_untracked().unwrap_or_else(|| ui.tick.today.get_untracked());
        let start = self.start.get_untracked().unwrap_or_else(|| day_start(day, &BrowserZone));
        let field = EndField { start, was: None };
        self.end.set(Some(read_end(ui, field, typed)?));
        self.problem.set(None);
        Ok(())
    }

    /// Keeps what is known of start and end; with neither, the time up to now.
    fn take_duration(self, typed: &Typed) -> Result<(), Objection> {
        let length = read_duration(typed)?;
        let before = |at: Timestamp| at.saturating_add(DurationMs::ZERO.saturating_sub(length));
        match (self.start.get_untracked(), self.end.get_untracked()) {
            (Some(start), _) => self.end.set(Some(start.saturating_add(length))),
            (None, end) => {
                let end = end.unwrap_or_else(corrected_now);
                let start = before(end);
                self.start.set(Some(start));
                self.end.set(Some(end));
                self.day.set(Some(day_of(start, &BrowserZone)));
            }
        }
        self.problem.set(None);
        Ok(())
    }

    /// Another day: the same times on it.
    fn take_day(self, date: &str) {
        let day = day_from_date_text(date);
        self.day.set(day);
        let (Some(day), Some(start)) = (day, self.start.get_untracked()) else { return };
        let moved = instant_at(day, ms_of_day(start, &BrowserZone), &BrowserZone);
        let length = self.end.get_untracked().map(|end| end.since(start));
        self.start.set(Some(moved));
        self.end.set(length.map(|length| moved.saturating_add(length)));
    }

    /// Records the entry; says what is missing if something is.
    fn save(self) -> Result<(), &'static str> {
        self.day.get_untracked().ok_or(text::NEEDS_DAY)?;
        let started_at = self.start.get_untracked().ok_or(text::NEEDS_START)?;
        let stopped_at = self.end.get_untracked().ok_or(text::NEEDS_END)?;
        browser::dispatch(Intent::AddEntry {
            started_at,
            stopped_at,
            description: self.description.get_untracked().trim().to_owned(),
            project_id: self.project_id.get_untracked(),
        });
        Ok(())
    }
}

/// The form; Escape closes it.
#[component]
pub(super) fn ManualEntry() -> AnyView {
    let ui = use_ui();
    let form = Form::new(ui);
    Effect::new(|| dom::focus(FIRST_FIELD_ID));
    let submit = move |event: ev::SubmitEvent| {
        event.prevent_default();
        match form.save() {
            Ok(()) => ui.manual.set(false),
            Err(problem) => form.problem.set(Some(problem)),
        }
    };
    let keydown = move |event: ev::KeyboardEvent| {
        if event.key() == "Escape" {
            ui.manual.set(false);
        }
    };
    let problem = move || {
        let problem = form.problem.get();
        problem.map(|it| view! { <p class="form__error" role="alert">{it}</p> })
    };
    view! {
        <form
            class="manual"
            aria-label=text::ADD_MANUALLY
            novalidate=true
            on:submit=submit
            on:keydown=keydown
        >
            <div class="manual__fields">
                <label class="labelled manual__wide">
                    {text::DESCRIPTION}
                    <input
                        type="text"
                        id=FIRST_FIELD_ID
                        class="boxed"
                        maxlength=DESCRIPTION_CHARS_MAX
                        autocomplete="off"
                        prop:value=move || form.description.get()
                        on:input=move |event| form.description.set(event_target_value(&event))
                    />
                </label>
                <div class="labelled">
                    <span aria-hidden="true">{text::PROJECT}</span>
                    <ProjectPicker
                        project_id=form.project_id
                        choose=Callback::new(move |choice: Choice| {
                            form.project_id.set(choice.resolve(None));
                        })
                    />
                </div>
                <When form=form />
            </div>
            {problem}
            <div class="buttons">
                <button type="submit" class="btn btn--primary">
                    {text::SAVE_ENTRY}
                </button>
                <button
                    type="button"
                    class="btn btn--quiet"
                    on:click=move |_| ui.manual.set(false)
                >
                    {text::CANCEL}
                </button>
            </div>
        </form>
    }
    .into_any()
}

/// Day, start, end and duration.
#[component]
fn When(form: Form) -> AnyView {
    let ui = use_ui();
    let time = move |at: RwSignal<Option<Timestamp>>| {
        Signal::derive(move || at.get().map(|at| ui.clock_text(at)).unwrap_or_default())
    };
    let duration = Signal::derive(move || {
        let length = form.start.get().zip(form.end.get()).map(|(start, end)| end.since(start));
        length.map(hms_text).unwrap_or_default()
    });
    view! {
        <label class="labelled">
            {text::DAY}
            <input
                type="date"
                class="boxed"
                required=true
                prop:value=move || form.day.get().map(date_text).unwrap_or_default()
                on:change=move |event| form.take_day(&event_target_value(&event))
            />
        </label>
        <div class="labelled">
            <span aria-hidden="true">{text::START_TIME}</span>
            <ReadField
                label=text::START_TIME
                class="boxed digits"
                placeholder=text::TIME_EXAMPLE
                shown=time(form.start)
                take=Callback::new(move |typed| form.take_start(ui, &typed))
            />
        </div>
        <div class="labelled">
            <span aria-hidden="true">{text::END_TIME}</span>
            <ReadField
                label=text::END_TIME
                class="boxed digits"
                placeholder=text::TIME_EXAMPLE
                shown=time(form.end)
                take=Callback::new(move |typed| form.take_end(ui, &typed))
            />
        </div>
        <div class="labelled">
            <span aria-hidden="true">{text::DURATION}</span>
            <ReadField
                label=text::DURATION
                class="boxed digits"
                placeholder=text::DURATION_EXAMPLE
                shown=duration
                take=Callback::new(move |typed| form.take_duration(&typed))
            />
        </div>
    }
    .into_any()
}
