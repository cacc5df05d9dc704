//! The field that asks what the user is working on, with suggestions from the history. Choosing a
//! suggestion starts the clock with it, or applies it to the entry that the field shows.
//! [`MainField`] decides what a text belongs to.

use std::mem;

use leptos::prelude::*;
use web_sys::KeyboardEvent;
use wizitime_domain::{DESCRIPTION_CHARS_MAX, EntryId, ProjectId, TimeEntryChanges};

use crate::browser;
use crate::features::projects::components::color_dot;
use crate::features::{MainCommand, MainField, Suggestion, select_suggestions};
use crate::ui::context::{DESCRIPTION_ID, Ui, edit, use_ui};
use crate::ui::store::{use_entry, use_project, use_running_id};
use crate::ui::widgets::{ListOption, Listbox};
use crate::ui::{dom, focus, texts};

/// The entry that the timer card shows; the next one if none.
pub(super) fn use_shown_entry(ui: Ui) -> Option<EntryId> {
    let running = use_running_id();
    ui.main_field.with(|field| field.shown_entry(running))
}

/// The project that the timer card shows.
pub(super) fn use_shown_project(ui: Ui) -> Option<ProjectId> {
    match use_shown_entry(ui) {
        None => ui.main_field.with(|field| field.next.project_id),
        Some(entry_id) => use_entry(entry_id).and_then(|entry| entry.project_id),
    }
}

/// The state of the field.
#[derive(Clone, Copy)]
struct Input {
    ui: Ui,
    suggestions: RwSignal<Vec<Suggestion>>,
    listbox: Listbox,
}

/// The text in the field.
fn use_text(ui: Ui) -> String {
    let running = use_running_id();
    let typed = ui.main_field.with(|field| field.main_text(running).map(str::to_owned));
    let description = || use_entry(use_shown_entry(ui)?).map(|entry| entry.description.clone());
    typed.or_else(description).unwrap_or_default()
}

/// Whether the field has a text that is not submitted. None for that of the next entry, which waits
/// to be started.
fn mark(ui: Ui) -> Option<String> {
    let running = use_running_id();
    ui.main_field.with(|field| {
        let is_edited = field.is_edited();
        let is_typed = field.main_text(running).is_some_and(|text| !text.is_empty());
        (is_edited || !is_typed).then(|| is_edited.to_string())
    })
}

impl Input {
    /// Passes a key or the end of typing to the field, and carries out the command.
    fn change(self, change: fn(&mut MainField, Option<EntryId>) -> Option<MainCommand>) {
        let running = untrack(use_running_id);
        let mut command = None;
        self.ui.change_main(&mut |field| command = change(field, running));
        if let Some(command) = command {
            self.ui.run(command);
        }
    }

    fn close(self) {
        self.suggestions.set(Vec::new());
        self.listbox.active.set(None);
    }

    fn suggest(self, query: &str) {
        self.listbox.active.set(None);
        let found = browser::with_core(|core| select_suggestions(core.state(), query));
        self.suggestions.set(found);
    }

    fn type_text(self, mut text: String) {
        if text.trim().is_empty() {
            self.close();
        } else {
            self.suggest(&text);
        }
        let running = untrack(use_running_id);
        self.ui.change_main(&mut |field| field.type_main(mem::take(&mut text), running));
    }

    fn choose(self, key: u64) {
        let index = usize::try_from(key).unwrap_or(usize::MAX);
        let suggestion = self.suggestions.get_untracked().into_iter().nth(index);
        self.close();
        let Some(suggestion) = suggestion else { return };
        let project_id = suggestion.project_with(untrack(|| use_shown_project(self.ui)));
        let description = suggestion.description;
        match untrack(|| use_shown_entry(self.ui)) {
            None => self.ui.run(MainCommand::Start { description, project_id }),
            Some(entry_id) => {
                let changes = TimeEntryChanges {
                    description: Some(description),
                    project_id: Some(project_id),
                    ..<_>::default()
                };
                if edit(entry_id, changes) {
                    self.ui.change_main(&mut |field| field.described(entry_id));
                }
            }
        }
    }

    fn enter(self) {
        match self.listbox.active.get_untracked() {
            Some(key) => self.choose(key),
            None => self.change(|field, running| field.enter_main(running)),
        }
        self.close();
    }

    fn step(self, down: bool) {
        if self.suggestions.get_untracked().is_empty() {
            self.suggest(untrack(|| use_text(self.ui)).trim());
        }
        let count = self.suggestions.get_untracked().len();
        let keys: Vec<u64> = (0..count as u64).collect();
        self.listbox.step(down, &keys, true);
    }

    fn handle_key(self, event: &KeyboardEvent) {
        if dom::is_composing(event) {
            return;
        }
        match event.key().as_str() {
            // A key that is held starts one clock.
            "Enter" if event.repeat() => (),
            "Enter" => self.enter(),
            "ArrowDown" => self.step(true),
            "ArrowUp" => self.step(false),
            "Escape" if !self.suggestions.get_untracked().is_empty() => self.close(),
            "Escape" if self.ui.main_field.with_untracked(MainField::is_edited) => {
                self.ui.change_main(&mut MainField::escape_main);
            }
            _ => return,
        }
        event.prevent_default();
    }

    fn list(self) -> AnyView {
        let suggestions = self.suggestions.get();
        if suggestions.is_empty() {
            return ().into_any();
        }
        let options = suggestions.into_iter().zip(0..);
        let options: Vec<AnyView> = options.map(|(it, key)| self.option(key, it)).collect();
        view! {
            <ul class="suggest" role="listbox" id=self.listbox.id.to_string()
                aria-label=texts::SUGGESTIONS>{options}</ul>
        }
        .into_any()
    }

    /// Shows the project that accepting the suggestion leads to.
    fn option(self, key: u64, suggestion: Suggestion) -> AnyView {
        let project_id = suggestion.project_with(untrack(|| use_shown_project(self.ui)));
        let project = untrack(|| project_id.and_then(use_project)).map(|project| {
            let dot = color_dot(Some(project.color));
            view! { <span class="option__aside">{dot}<bdi>{project.name.clone()}</bdi></span> }
                .into_any()
        });
        view! {
            <ListOption listbox=self.listbox key on_choose=move |key| self.choose(key)>
                <span class="option__text" dir="auto">{suggestion.description}</span>
                {project}
            </ListOption>
        }
        .into_any()
    }
}

/// The field with its suggestions.
#[component]
pub(crate) fn DescriptionInput() -> AnyView {
    let suggestions = RwSignal::new(Vec::new());
    let input = Input { ui: use_ui(), suggestions, listbox: Listbox::new(None) };
    view! {
        <div class="timer__description">
            <input class="timer__input" type="text" id=DESCRIPTION_ID dir="auto"
                aria-label=texts::DESCRIPTION_PROMPT placeholder=texts::DESCRIPTION_PROMPT
                maxlength=DESCRIPTION_CHARS_MAX.to_string() autocomplete="off" enterkeyhint="go"
                aria-autocomplete="list"
                aria-controls=move || {
                    let is_open = suggestions.with(|it| !it.is_empty());
                    is_open.then(|| input.listbox.id.to_string())
                }
                aria-activedescendant=move || input.listbox.active_id()
                data-draft=move || mark(input.ui)
                prop:value=move || use_text(input.ui)
                on:input=move |event| input.type_text(event_target_value(&event))
                on:keydown=move |event| input.handle_key(&event)
                on:blur=move |event| {
                    focus::on_leave(&event, Box::new(move || {
                        input.close();
                        input.change(MainField::leave_main);
                    }));
                }
            />
            {move || input.list()}
        </div>
    }
    .into_any()
}
