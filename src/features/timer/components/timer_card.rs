//! The timer card: the description, the project, the running time, and the start button.

use leptos::prelude::*;
use wizitime_domain::{DurationMs, TimeEntry};

use super::description_input::{DescriptionInput, use_shown_entry, use_shown_project};
use super::draft_hint::draft_hint;
use super::started_at_field::StartedAtField;
use crate::browser;
use crate::features::projects::components::{ProjectChoice, ProjectPicker};
use crate::features::{TimerNote, select_timer_note};
use crate::parse::hms_text;
use crate::ui::context::{DESCRIPTION_ID, Ui, use_ui};
use crate::ui::store::{use_running, use_running_id};
use crate::ui::widgets::{KeyedList, ShowIf, icons};
use crate::ui::{dom, texts};

fn timer_note(ui: Ui, entry: &TimeEntry) -> Option<TimerNote> {
    let wall = browser::clock::now().wall;
    let now = ui.clock.now.get();
    browser::with_core(|core| select_timer_note(core.state(), entry.started_at, wall, now))
}

const fn note_text(note: TimerNote) -> &'static str {
    match note {
        TimerNote::StillRunning => texts::STILL_RUNNING,
        TimerNote::CheckClock => texts::CHECK_CLOCK,
    }
}

/// The card.
#[component]
pub(crate) fn TimerCard() -> AnyView {
    let ui = use_ui();
    let is_running = || use_running_id().is_some();
    // What the card showed when the menu opened.
    let bound = StoredValue::new(None);
    let choose = move |choice: ProjectChoice| match bound.get_value() {
        None => {
            let project_id = choice.resolve();
            ui.change_main(&mut |field| field.next.project_id = project_id);
        }
        Some(entry_id) => choice.apply(entry_id),
    };
    let discard = move |_| {
        let Some(entry_id) = untrack(use_running_id) else { return };
        ui.delete(entry_id);
        dom::focus(DESCRIPTION_ID);
    };
    let running_time = move || {
        let time = use_running().map(|entry| entry.duration(ui.clock.now.get()));
        hms_text(time.unwrap_or(DurationMs::ZERO))
    };
    let clock_note = move || {
        let note = use_running().and_then(|entry| timer_note(ui, &entry))?;
        Some(note_text(note).to_owned())
    };
    let note = move || match draft_hint(ui).or_else(clock_note) {
        Some(note) => view! { <p class="timer__note" role="status">{note}</p> }.into_any(),
        None => ().into_any(),
    };
    view! {
        <section class="timer" tabindex="-1" data-running=move || is_running().to_string()>
            <div class="timer__about">
                <DescriptionInput/>
                <div class="timer__meta">
                    <ProjectPicker project_id=move || use_shown_project(ui) on_choose=choose
                        on_open=move |()| bound.set_value(untrack(|| use_shown_entry(ui)))/>
                    <KeyedList keys=|| Vec::from_iter(use_running_id())
                        children=|id| view! { <StartedAtField id/> }/>
                    <ShowIf when=is_running>
                        <button type="button" class="btn btn--quiet" on:click=discard>
                            {texts::DISCARD}
                        </button>
                    </ShowIf>
                </div>
                {move || note()}
            </div>
            <div class="timer__clock digits" role="timer" aria-label=texts::RUNNING_TIME
                prop:textContent=running_time></div>
            <button type="button" class="btn btn--primary timer__go"
                on:click=move |_| ui.toggle_clock()>
                {move || if is_running() { icons::stop() } else { icons::play() }}
                <span prop:textContent=move || {
                    if is_running() { texts::STOP } else { texts::START }.to_owned()
                }></span>
            </button>
        </section>
    }
    .into_any()
}
