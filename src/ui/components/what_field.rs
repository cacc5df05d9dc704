//! The field that asks what one is working on. It offers what one worked on before; choosing an
//! offer starts the clock with it, or gives it to the clock that runs.

use leptos::ev;
use leptos::prelude::*;
use wizitime_domain::{DESCRIPTION_CHARS_MAX, TimeEntryChanges};

use crate::browser;
use crate::dispatchers::Intent;
use crate::selectors::{Suggestion, select_suggestions};
use crate::ui::context::{Ui, WHAT_ID, use_ui};
use crate::ui::{dom, mirror, text};

/// What is typed while a clock runs, until it is taken over.
type Edit = RwSignal<Option<String>>;

/// Gives the text to the clock that runs, if it is another one.
fn take_over(ui: Ui, edit: Edit) {
    let Some(description) = edit.get_untracked().map(|it| it.trim().to_owned()) else { return };
    edit.set(None);
    let running = ui.mirror.running.get_untracked();
    if let Some(entry) = running.filter(|entry| entry.description != description) {
        let changes = TimeEntryChanges { description: Some(description), ..Default::default() };
        let changes = Box::new(changes);
        browser::dispatch(Intent::EditEntry { entry_id: entry.id, changes });
    }
}

fn choose(ui: Ui, edit: Edit, suggestion: Suggestion) {
    let Suggestion { description, project_id } = suggestion;
    edit.set(None);
    match ui.mirror.running_id.get_untracked() {
        None => ui.start(description, project_id),
        Some(entry_id) => {
            let changes = Box::new(TimeEntryChanges {
                description: Some(description),
                project_id: Some(project_id),
                ..Default::default()
            });
            browser::dispatch(Intent::EditEntry { entry_id, changes });
        }
    }
}

/// The field with its suggestions.
#[component]
pub(super) fn WhatField() -> AnyView {
    let ui = use_ui();
    let edit: Edit = RwSignal::new(None);
    let offers = RwSignal::new(Vec::<Suggestion>::new());
    let active = RwSignal::new(None::<usize>);
    let id = StoredValue::new(dom::fresh_id());

    let shown = move || match ui.mirror.running.get() {
        None => ui.draft.description.get(),
        Some(entry) => edit.get().unwrap_or_else(|| entry.description.clone()),
    };
    let close = move || {
        offers.set(Vec::new());
        active.set(None);
    };
    let offer = move |query: &str| {
        active.set(None);
        offers.set(browser::with_client(|client| select_suggestions(client.state(), query)));
    };
    let input = move |event: ev::Event| {
        let typed = event_target_value(&event);
        if typed.trim().is_empty() {
            close()
        } else {
            offer(&typed)
        }
        match ui.mirror.running_id.get_untracked() {
            None => ui.draft.description.set(typed),
            Some(_) => edit.set(Some(typed)),
        }
    };
    let pick = move |suggestion| {
        close();
        choose(ui, edit, suggestion);
    };
    let enter = move || {
        let index = active.get_untracked();
        let picked = index.and_then(|index| offers.with_untracked(|it| it.get(index).cloned()));
        match picked {
            Some(suggestion) => pick(suggestion),
            None if ui.mirror.running_id.get_untracked().is_some() => take_over(ui, edit),
            None => ui.toggle_clock(),
        }
        close();
    };
    let step = move |down: bool| {
        if offers.with_untracked(Vec::is_empty) {
            offer(untrack(shown).trim());
        }
        let count = offers.with_untracked(Vec::len);
        active.update(|active| {
            *active = match (*active, down) {
                _ if count == 0 => None,
                (None, true) => Some(0),
                (None, false) => Some(count - 1),
                (Some(at), true) => (at + 1 < count).then_some(at + 1),
                (Some(at), false) => at.checked_sub(1),
            }
        });
    };
    let keydown = move |event: ev::KeyboardEvent| {
        match event.key().as_str() {
            "Enter" if !event.is_composing() => enter(),
            "ArrowDown" => step(true),
            "ArrowUp" => step(false),
            "Escape" if offers.with_untracked(Vec::is_empty) => edit.set(None),
            "Escape" => close(),
            _ => return,
        }
        event.prevent_default();
    };
    let blur = move |_| {
        close();
        take_over(ui, edit);
    };
    let option_id = move |index: usize| id.with_value(|id| format!("{id}-{index}"));
    let option = move |(index, suggestion): (usize, Suggestion)| {
        let project = suggestion.project_id.and_then(|id| mirror::project(id).get_untracked());
        let aside = project.map(|project| {
            view! {
                <span class="option__aside">
                    <span class="dot" data-color=project.color.name()></span>
                    {project.name.clone()}
                </span>
            }
        });
        let description = suggestion.description.clone();
        view! {
            <li
                class="option"
                role="option"
                id=option_id(index)
                aria-selected=move || if active.get() == Some(index) { "true" } else { "false" }
                data-active=move || if active.get() == Some(index) { "true" } else { "false" }
                on:mousedown=|event| event.prevent_default()
                on:mousemove=move |_| active.set(Some(index))
                on:click=move |_| pick(suggestion.clone())
            >
                <span class="option__text">{description}</span>
                {aside}
            </li>
        }
        .into_any()
    };
    let list = move || {
        let offers = offers.get();
        (!offers.is_empty()).then(|| {
            view! {
                <ul class="suggest" role="listbox" id=id.get_value() aria-label=text::SUGGESTIONS>
                    {offers.into_iter().enumerate().map(option).collect_view()}
                </ul>
            }
        })
    };
    view! {
        <div class="timer__what">
            <input
                type="text"
                id=WHAT_ID
                class="timer__input"
                aria-label=text::WHAT
                placeholder=text::WHAT
                maxlength=DESCRIPTION_CHARS_MAX
                autocomplete="off"
                enterkeyhint="go"
                aria-autocomplete="list"
                aria-controls=move || offers.with(|it| !it.is_empty()).then(|| id.get_value())
                aria-activedescendant=move || active.get().map(option_id)
                prop:value=shown
                on:input=input
                on:keydown=keydown
                on:blur=blur
            />
            {list}
        </div>
    }
    .into_any()
}
