//! One entry: every field is edited in place; continue it, delete it.

use web_sys::MouseEvent;
use wizitime_domain::{EntryId, StopBy, TimeEntry, TimeEntryChanges};

use super::entry_times::{duration_field, times};
use super::icons;
use super::project_picker::project_picker;
use super::text_field::text_field;
use crate::browser;
use crate::browser::clock::zone_name;
use crate::features::{EntryIntent, Intent, TimerIntent};
use crate::ui::context::Ui;
use crate::ui::view::{El, el};
use crate::ui::{dom, mirror, text};

/// Changes fields of an entry.
pub(super) fn edit(entry_id: EntryId, changes: TimeEntryChanges) {
    browser::dispatch(Intent::Entry(EntryIntent::Edit { entry_id, changes: Box::new(changes) }));
}

/// What else there is to know about an entry.
fn note(entry: &TimeEntry) -> Option<String> {
    let implied = entry.stop.is_some_and(|stop| stop.by == StopBy::Implied);
    let here = zone_name();
    let mut notes = Vec::new();
    if implied {
        notes.push(text::ENDED_BY_NEXT.to_owned());
    }
    if entry.zone.name() != here {
        notes.push(text::recorded_in(entry.zone.name(), &here));
    }
    (!notes.is_empty()).then(|| notes.join(" · "))
}

fn icon_button(name: &'static str, icon: El) -> El {
    el("button", "icon-btn")
        .attr("type", "button")
        .attr("aria-label", name)
        .attr("title", name)
        .child(icon)
}

/// The row.
pub(super) fn entry_row(ui: Ui, id: EntryId) -> El {
    let description = text_field(
        text::DESCRIPTION,
        text::ADD_DESCRIPTION,
        move || mirror::entry(id).map(|it| it.description.clone()).unwrap_or_default(),
        move |description| {
            edit(id, TimeEntryChanges { description: Some(description), ..<_>::default() });
        },
    );
    let project = project_picker(
        move || mirror::entry(id).and_then(|it| it.project_id),
        move |choice| choice.apply(id),
    );
    let actions = el("div", "entry__actions")
        .child(icon_button(text::CONTINUE, icons::play()).on_click(move || {
            browser::dispatch(Intent::Timer(TimerIntent::Continue { entry_id: id }))
        }))
        .child(icon_button(text::DELETE, icons::trash()).on("click", move |event: MouseEvent| {
            dom::focus_next_item(&event);
            browser::dispatch(Intent::Entry(EntryIntent::Delete { entry_id: id }));
        }));
    let notes = move || {
        let note = mirror::entry(id).and_then(|entry| note(&entry));
        note.map(|note| el("p", "entry__note").text(&note)).into_iter().collect()
    };
    el("article", "entry")
        .child(el("div", "entry__about").child(description))
        .child(el("div", "entry__project").child(project))
        .child(times(ui, id))
        .child(duration_field(id))
        .child(actions)
        .rebuilt(notes)
}
