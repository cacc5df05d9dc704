//! The form for an entry by hand.

use web_sys::{Event, KeyboardEvent};
use wizitime_domain::{
    DESCRIPTION_CHARS_MAX, Day, DurationMs, ProjectId, Timestamp, day_of, day_start,
};

use super::project_picker::project_picker;
use super::read_field::{Objection, ReadField, Typed, read_field};
use super::time_texts::{read_duration, read_end, read_start};
use crate::browser;
use crate::browser::clock::{BrowserZone, server_now};
use crate::features::{EntryIntent, Intent};
use crate::fields::{
    EndField, StartField, Until, date_text, day_from_date_text, hms_text, instant_at, ms_of_day,
};
use crate::ui::context::Ui;
use crate::ui::view::{El, Var, button, el, once_placed};
use crate::ui::{dom, text};

/// What is filled in so far.
#[derive(Clone, Copy)]
struct Form {
    description: Var<String>,
    project_id: Var<Option<ProjectId>>,
    /// None while the date field is empty.
    day: Var<Option<Day>>,
    start: Var<Option<Timestamp>>,
    end: Var<Option<Timestamp>>,
    /// Why it cannot be saved.
    problem: Var<Option<&'static str>>,
}

impl Form {
    fn new(ui: Ui) -> Self {
        Self {
            description: Var::new(String::new()),
            project_id: Var::new(None),
            day: Var::new(Some(ui.tick.today.get_untracked())),
            start: Var::new(None),
            end: Var::new(None),
            problem: Var::new(None),
        }
    }

    fn take_start(self, ui: Ui, typed: &Typed) -> Result<(), Objection> {
        let day = self.day.get_untracked().unwrap_or_else(|| ui.tick.today.get_untracked());
        let field = StartField { day, was: self.start.get_untracked(), until: Until::Unknown };
        let start = read_start(field, typed)?;
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
        self.end.set(Some(read_end(field, typed)?));
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
                let end = end.unwrap_or_else(server_now);
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
        browser::dispatch(Intent::Entry(EntryIntent::Add {
            started_at,
            stopped_at,
            description: self.description.get_untracked().trim().to_owned(),
            project_id: self.project_id.get_untracked(),
        }));
        Ok(())
    }
}

/// A field with its name above it.
pub(super) fn labelled(label: &'static str, field: El) -> El {
    el("label", "labelled").text(label).child(field)
}

/// A field that says its own name, with that name above it for those who see.
pub(super) fn titled(label: &'static str, field: El) -> El {
    let title = el("span", "").attr("aria-hidden", "true").text(label);
    el("div", "labelled").child(title).child(field)
}

/// The form; Escape closes it.
pub(super) fn manual_entry(ui: Ui) -> El {
    let form = Form::new(ui);
    let description = el("input", "boxed")
        .attr("type", "text")
        .attr("maxlength", &DESCRIPTION_CHARS_MAX.to_string())
        .attr("autocomplete", "off")
        .on_input(move |text| form.description.set(text));
    let first = description.element().clone();
    once_placed(move || dom::focus_on(&first));
    let project = project_picker(
        move || form.project_id.get(),
        move |choice| form.project_id.set(choice.resolve()),
    );
    let description =
        el("label", "labelled manual__wide").text(text::DESCRIPTION).child(description);
    let fields = el("div", "manual__fields")
        .child(description)
        .child(titled(text::PROJECT, project))
        .children(when_fields(ui, form));
    let problem = move || {
        let problem = form.problem.get();
        let line = |it| el("p", "form__error").attr("role", "alert").text(it);
        problem.map(line).into_iter().collect()
    };
    let save = el("button", "btn btn--primary").attr("type", "submit").text(text::SAVE_ENTRY);
    let cancel = button("btn btn--quiet", move || ui.manual.set(false)).text(text::CANCEL);
    el("form", "manual")
        .attr("aria-label", text::ADD_MANUALLY)
        .attr("novalidate", "")
        .on("submit", move |event: Event| {
            event.prevent_default();
            match form.save() {
                Ok(()) => ui.manual.set(false),
                Err(problem) => form.problem.set(Some(problem)),
            }
        })
        .on_key(move |event: KeyboardEvent| {
            if event.key() == "Escape" {
                ui.manual.set(false);
            }
        })
        .child(fields)
        .rebuilt(problem)
        .child(el("div", "buttons").child(save).child(cancel))
}

/// Day, start, end and duration.
fn when_fields(ui: Ui, form: Form) -> [El; 4] {
    let date = el("input", "boxed")
        .attr("type", "date")
        .value_fn(move || form.day.get().map(date_text).unwrap_or_default());
    let field = date.input().clone();
    let date = date.on("change", move |_: Event| form.take_day(&field.value()));
    let time = move |at: Var<Option<Timestamp>>| -> Box<dyn Fn() -> String> {
        Box::new(move || at.get().map(|at| ui.clock_text(at)).unwrap_or_default())
    };
    let start = read_field(ReadField {
        label: text::START_TIME,
        class: "boxed digits",
        placeholder: text::TIME_EXAMPLE,
        shown: time(form.start),
        take: Box::new(move |typed| form.take_start(ui, &typed)),
    });
    let end = read_field(ReadField {
        label: text::END_TIME,
        class: "boxed digits",
        placeholder: text::TIME_EXAMPLE,
        shown: time(form.end),
        take: Box::new(move |typed| form.take_end(ui, &typed)),
    });
    let duration = read_field(ReadField {
        label: text::DURATION,
        class: "boxed digits",
        placeholder: text::DURATION_EXAMPLE,
        shown: Box::new(move || {
            let span = form.start.get().zip(form.end.get());
            span.map(|(start, end)| hms_text(end.since(start))).unwrap_or_default()
        }),
        take: Box::new(move |typed| form.take_duration(&typed)),
    });
    [
        labelled(text::DAY, date),
        titled(text::START_TIME, start),
        titled(text::END_TIME, end),
        titled(text::DURATION, duration),
    ]
}
