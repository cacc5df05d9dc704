//! One entry: every field is edited in place; continue it, delete it.

use leptos::prelude::*;
use wizitime_domain::{EntryId, TimeEntryChanges};

use super::entry_note::entry_note;
use super::entry_times::{EntryDuration, EntryTimes};
use crate::browser;
use crate::features::drafts::DraftPlace;
use crate::features::projects::components::{ProjectChoice, ProjectPicker};
use crate::features::{Intent, TimerIntent};
use crate::ui::context::{edit, use_ui};
use crate::ui::store::use_entry;
use crate::ui::widgets::{TextField, icons};
use crate::ui::{dom, focus, texts};

/// The row.
#[component]
pub(crate) fn EntryRow(id: EntryId) -> AnyView {
    let ui = use_ui();
    let description = move || use_entry(id).map(|it| it.description.clone()).unwrap_or_default();
    let describe = move |description: String| {
        edit(id, TimeEntryChanges { description: Some(description), ..<_>::default() })
    };
    view! {
        <article class="entry" tabindex="-1">
            <div class="entry__about">
                <TextField label=texts::DESCRIPTION placeholder=texts::ADD_DESCRIPTION
                    place=DraftPlace::of_entry(id, "description")
                    value=description on_submit=describe/>
            </div>
            <div class="entry__project">
                <ProjectPicker project_id=move || use_entry(id).and_then(|it| it.project_id)
                    on_choose=move |choice: ProjectChoice| choice.apply(id)/>
            </div>
            <EntryTimes id/>
            <EntryDuration id/>
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
                        ui.delete(id);
                        focus::settle();
                    }>
                    {icons::trash()}
                </button>
            </div>
            {move || entry_note(id)}
        </article>
    }
    .into_any()
}
