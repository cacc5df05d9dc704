//! The clock: what one is working on, its project, the running time, and the one big button.

use leptos::prelude::*;
use wizitime_domain::{DurationMs, TimeEntryChanges};

use super::icons;
use super::project_picker::{Choice, ProjectPicker};
use super::since::Since;
use super::what_field::WhatField;
use crate::browser;
use crate::dispatchers::Intent;
use crate::fields::hms_text;
use crate::ui::context::{Ui, use_ui};
use crate::ui::text;

fn choose_project(ui: Ui, choice: Choice) {
    let Some(entry_id) = ui.mirror.running_id.get_untracked() else {
        ui.draft.project_id.set(choice.resolve(None));
        return;
    };
    match choice {
        new @ Choice::New { .. } => {
            new.resolve(Some(entry_id));
        }
        Choice::Existing(project_id) => {
            let changes = TimeEntryChanges { project_id: Some(project_id), ..Default::default() };
            browser::dispatch(Intent::EditEntry { entry_id, changes: Box::new(changes) });
        }
    }
}

/// The card.
#[component]
pub(super) fn TimerCard() -> AnyView {
    let ui = use_ui();
    let runs = move || ui.mirror.running_id.with(Option::is_some);
    let project_id = Signal::derive(move || match ui.mirror.running.get() {
        None => ui.draft.project_id.get(),
        Some(entry) => entry.project_id,
    });
    let running_time = move || {
        ui.mirror.running.with(|running| {
            let time = running.as_ref().map(|entry| entry.duration(ui.tick.now.get()));
            hms_text(time.unwrap_or(DurationMs::ZERO))
        })
    };
    let button = move || {
        if runs() {
            (icons::stop(), text::STOP).into_any()
        } else {
            (icons::play(), text::START).into_any()
        }
    };
    view! {
        <section class="timer" data-running=move || if runs() { "true" } else { "false" }>
            <div class="timer__about">
                <WhatField />
                <div class="timer__meta">
                    <ProjectPicker
                        project_id=project_id
                        choose=Callback::new(move |choice| choose_project(ui, choice))
                    />
                    <Show when=runs>
                        <Since />
                    </Show>
                </div>
            </div>
            <div class="timer__clock digits" role="timer" aria-label=text::RUNNING_TIME>
                {running_time}
            </div>
            <button
                type="button"
                class="btn btn--primary timer__go"
                on:click=move |_| ui.toggle_clock()
            >
                {button}
            </button>
        </section>
    }
    .into_any()
}
