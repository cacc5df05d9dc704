//! Mending a change that was set aside: its text, its start, its end.

use leptos::prelude::*;
use web_sys::Event as DomEvent;
use wizitime_domain::{DESCRIPTION_CHARS_MAX, Day, EntityKey, Event, EventId, Timestamp, day_of};

use super::manual_entry::titled;
use super::read_field::{Objection, ReadField, Typed, read_field};
use super::time_texts::{read_end, read_start};
use crate::browser;
use crate::browser::clock::BrowserZone;
use crate::features::{Intent, QuarantineFix, SyncIntent};
use crate::fields::{
    EndField, StartField, Until, date_text, day_from_date_text, instant_at, ms_of_day,
};
use crate::ui::context::Ui;
use crate::ui::text;
use crate::ui::view::{El, Var, button, el};

/// What of an event can be mended, as it is.
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

/// Whether there is anything to mend in an event.
pub(super) fn can_edit(event: &Event) -> bool {
    fields(event) != QuarantineFix::default()
}

/// What is filled in.
#[derive(Clone, Copy)]
struct Form {
    text: Var<Option<String>>,
    start: Var<Option<Timestamp>>,
    end: Var<Option<Timestamp>>,
    /// When the entry started, for a change that only ends it.
    known_start: Option<Timestamp>,
}

impl Form {
    fn new(event: &Event) -> Self {
        let QuarantineFix { text, started_at, stopped_at } = fields(event);
        Self {
            text: Var::new(text),
            start: Var::new(started_at),
            end: Var::new(stopped_at),
            known_start: known_start(event),
        }
    }

    fn day(self) -> Option<Day> {
        self.start.get().or(self.end.get()).map(|at| day_of(at, &BrowserZone))
    }

    /// Another day: the same times on it, and the end as much later as it was.
    fn take_day(self, date: &str) {
        let Some((to, from)) = day_from_date_text(date).zip(untrack(|| self.day())) else { return };
        let days = to.as_days() - from.as_days();
        for at in [self.start, self.end] {
            let moved = |at: Timestamp| {
                let day = day_of(at, &BrowserZone).plus(days);
                instant_at(day, ms_of_day(at, &BrowserZone), &BrowserZone)
            };
            at.update(|at| *at = at.map(moved));
        }
    }

    fn take_start(self, typed: &Typed) -> Result<(), Objection> {
        let field = on_its_day(self.start.get_untracked());
        self.start.set(Some(read_start(field, typed)?));
        Ok(())
    }

    fn take_end(self, typed: &Typed) -> Result<(), Objection> {
        let was = self.end.get_untracked();
        let end = match self.start.get_untracked().or(self.known_start) {
            // What is wrong may be just that the end is before the start: it is no guide.
            Some(start) => {
                let was = was.filter(|was| *was >= start);
                read_end(EndField { start, was }, typed)?
            }
            None => read_start(on_its_day(was), typed)?,
        };
        self.end.set(Some(end));
        Ok(())
    }
}

/// A time that is read for itself, on the day that it is on.
fn on_its_day(was: Option<Timestamp>) -> StartField {
    let day = day_of(was.unwrap_or(Timestamp::MIN), &BrowserZone);
    StartField { day, was, until: Until::Unknown }
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
    browser::with_core(|client| {
        client.state().ledger.shown().entry(entry_id).map(|entry| entry.started_at)
    })
}

/// The form; it closes itself when it is saved.
pub(super) fn quarantine_form(ui: Ui, event_id: EventId, event: &Event, editing: Var<bool>) -> El {
    let form = Form::new(event);
    let names = event.creates().is_some_and(|key| !matches!(key, EntityKey::TimeEntry(_)));
    let label = if names { text::NAME } else { text::DESCRIPTION };
    let description = form.text.get_untracked().map(|old| {
        let field = el("input", "boxed")
            .attr("type", "text")
            .attr("maxlength", &DESCRIPTION_CHARS_MAX.to_string())
            .attr("value", &old)
            .on_input(move |text| form.text.set(Some(text)));
        el("label", "labelled labelled--wide").text(label).child(field)
    });
    let day = untrack(|| form.day()).map(|_| {
        let field = el("input", "boxed")
            .attr("type", "date")
            .value_fn(move || form.day().map(date_text).unwrap_or_default());
        let input = field.input().clone();
        let field = field.on("change", move |_: DomEvent| form.take_day(&input.value()));
        el("label", "labelled labelled--wide").text(text::DAY).child(field)
    });
    let start = time_field(ui, text::STARTS, form.start, move |typed| form.take_start(&typed));
    let end = time_field(ui, text::ENDS, form.end, move |typed| form.take_end(&typed));
    let save = el("button", "btn btn--primary").attr("type", "submit").text(text::SAVE_AND_RETRY);
    let cancel = button("btn btn--quiet", move || editing.set(false)).text(text::CANCEL);
    el("form", "problem__form")
        .attr("novalidate", "")
        .on("submit", move |event: DomEvent| {
            event.prevent_default();
            let fix = QuarantineFix {
                text: form.text.get_untracked(),
                started_at: form.start.get_untracked(),
                stopped_at: form.end.get_untracked(),
            };
            editing.set(false);
            browser::dispatch(Intent::Sync(SyncIntent::FixQuarantined { event_id, fix }));
        })
        .children([description, day, start, end].into_iter().flatten())
        .child(el("div", "buttons").child(save).child(cancel))
}

/// A start or an end, if the change has one.
fn time_field(
    ui: Ui,
    label: &'static str,
    at: Var<Option<Timestamp>>,
    take: impl Fn(Typed) -> Result<(), Objection> + 'static,
) -> Option<El> {
    at.get_untracked()?;
    let field = read_field(ReadField {
        label,
        class: "boxed digits",
        placeholder: text::TIME_EXAMPLE,
        shown: Box::new(move || at.get().map(|at| ui.clock_text(at)).unwrap_or_default()),
        take: Box::new(take),
    });
    Some(titled(label, field))
}
