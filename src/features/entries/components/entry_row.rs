//! One entry: every field is edited in place; continue it, delete it.

use leptos::prelude::*;
use wizitime_domain::{EntryId, StopBy, TimeEntry, TimeEntryChanges};

use super::entry_times::{DurationField, EntryTimes};
use crate::browser;
use crate::features::projects::components::{ProjectChoice, ProjectPicker};
use crate::features::{EntryIntent, Intent, TimerIntent};
use crate::ui::store::{use_entry, use_zone_name};
use crate::ui::widgets::{TextField, icons};
use crate::ui::{dom, texts};

/// Changes fields of an entry.
pub(super) fn edit(entry_id: EntryId, changes: TimeEntryChanges) {
    browser::dispatch(Intent::Entry(EntryIntent::Edit { entry_id, changes: Box::new(changes) }));
}

fn note(entry: &TimeEntry) -> Option<String> {
    let ended_by_next = entry.stop.is_some_and(|stop| stop.by == StopBy::Implied);
    let zone_name = use_zone_name();
    let mut notes = Vec::new();
    if ended_by_next {
        notes.push(texts::ENDED_BY_NEXT.to_owned());
    }
    if entry.zone.name() != zone_name {
        notes.push(texts::recorded_in(entry.zone.name(), &zone_name));
    }
    (!notes.is_empty()).then(|| notes.join(" · "))
}

/// The row.
#[component]
pub(crate) fn EntryRow(id: EntryId) -> AnyView {
    let description = move || use_entry(id).map(|it| it.description.clone()).unwrap_or_default();
    let describe = move |description: String| {
        edit(id, TimeEntryChanges { description: Some(description), ..<_>::default() });
    };
    let note = move || match use_entry(id).and_then(|entry| note(&entry)) {
        Some(note) => view! { <p class="entry__note">{note}</p> }.into_any(),
        None => ().into_any(),
    };
    view! {
        <article class="entry">
            <div class="entry__about">
                <TextField label=texts::DESCRIPTION placeholder=texts::ADD_DESCRIPTION
                    value=description on_submit=describe/>
            </div>
            <div class="entry__project">
                <ProjectPicker project_id=move || use_entry(id).and_then(|it| it.project_id)
                    on_choose=move |choice: ProjectChoice| choice.apply(id)/>
            </div>
            <EntryTimes id/>
            <DurationField id/>
            <div class="entry__actions">
                <button type="button" class="icon-btn" aria-label=texts::CONTINUE
                    title=texts::CONTINUE
                    on:click=move |_| {
                        browser::dispatch(Intent::Timer(TimerIntent::Continue { entry_id: id }));
                    }>
                    {icons::play()}
                </button>
                <button type="button" class="icon-btn" aria-label=texts::DELETE title=texts::DELETE
                    on:click=move |event| {
                        dom::focus_next_item(&event);
                        browser::dispatch(Intent::Entry(EntryIntent::Delete { entry_id: id }));
                    }>
                    {icons::trash()}
                </button>
            </div>
            {move || note()}
        </article>
    }
    .into_any()
}
