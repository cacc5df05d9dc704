//! The field that asks what the user is working on, with suggestions from the history. Choosing a
//! suggestion starts the clock with it, or applies it to the running entry.

use leptos::prelude::*;
use web_sys::KeyboardEvent;
use wizitime_domain::{DESCRIPTION_CHARS_MAX, ProjectId, TimeEntryChanges};

use crate::browser;
use crate::features::projects::components::color_dot;
use crate::features::{EntryIntent, Intent};
use crate::features::{Suggestion, select_suggestions};
use crate::ui::context::{DESCRIPTION_ID, Ui, use_ui};
use crate::ui::store::{use_project, use_running, use_running_id};
use crate::ui::texts;
use crate::ui::widgets::{ListOption, Listbox};

/// The state of the field.
#[derive(Clone, Copy)]
struct Input {
    ui: Ui,
    /// What is typed while a clock runs, until it is submitted.
    edit: RwSignal<Option<String>>,
    suggestions: RwSignal<Vec<Suggestion>>,
    listbox: Listbox,
}

impl Input {
    fn text(self) -> String {
        match use_running() {
            None => self.ui.description.get(),
            Some(entry) => self.edit.get().unwrap_or_else(|| entry.description.clone()),
        }
    }

    /// Applies the text to the running entry if it differs.
    fn submit_edit(self) {
        let Some(description) = self.edit.get_untracked().map(|it| it.trim().to_owned()) else {
            return;
        };
        self.edit.set(None);
        let running = untrack(use_running);
        if let Some(entry) = running.filter(|entry| entry.description != description) {
            let changes = TimeEntryChanges { description: Some(description), ..<_>::default() };
            let changes = Box::new(changes);
            browser::dispatch(Intent::Entry(EntryIntent::Edit { entry_id: entry.id, changes }));
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

    fn type_text(self, text: String) {
        if text.trim().is_empty() {
            self.close();
        } else {
            self.suggest(&text);
        }
        match untrack(use_running_id) {
            None => self.ui.description.set(text),
            Some(_) => self.edit.set(Some(text)),
        }
    }

    fn choose(self, key: u64) {
        let index = usize::try_from(key).unwrap_or(usize::MAX);
        let suggestion = self.suggestions.get_untracked().into_iter().nth(index);
        self.close();
        let Some(suggestion) = suggestion else { return };
        let project_id = suggestion.project_with(self.chosen_project());
        let description = suggestion.description;
        self.edit.set(None);
        match untrack(use_running_id) {
            None => self.ui.start_clock(description, project_id),
            Some(entry_id) => {
                let changes = Box::new(TimeEntryChanges {
                    description: Some(description),
                    project_id: Some(project_id),
                    ..<_>::default()
                });
                browser::dispatch(Intent::Entry(EntryIntent::Edit { entry_id, changes }));
            }
        }
    }

    /// The project that the timer card shows.
    fn chosen_project(self) -> Option<ProjectId> {
        match untrack(use_running) {
            None => self.ui.project_id.get_untracked(),
            Some(entry) => entry.project_id,
        }
    }

    fn enter(self) {
        match self.listbox.active.get_untracked() {
            Some(key) => self.choose(key),
            None if untrack(use_running_id).is_some() => self.submit_edit(),
            None => self.ui.toggle_clock(),
        }
        self.close();
    }

    fn step(self, down: bool) {
        if self.suggestions.get_untracked().is_empty() {
            self.suggest(untrack(|| self.text()).trim());
        }
        let count = self.suggestions.get_untracked().len();
        let keys: Vec<u64> = (0..count as u64).collect();
        self.listbox.step(down, &keys, true);
    }

    fn handle_key(self, event: &KeyboardEvent) {
        match event.key().as_str() {
            "Enter" if !event.is_composing() => self.enter(),
            "ArrowDown" => self.step(true),
            "ArrowUp" => self.step(false),
            "Escape" if self.suggestions.get_untracked().is_empty() => self.edit.set(None),
            "Escape" => self.close(),
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
        let project_id = suggestion.project_with(self.chosen_project());
        let project = untrack(|| project_id.and_then(use_project)).map(|project| {
            let dot = color_dot(Some(project.color));
            view! { <span class="option__aside">{dot}{project.name.clone()}</span> }.into_any()
        });
        view! {
            <ListOption listbox=self.listbox key on_choose=move |key| self.choose(key)>
                <span class="option__text">{suggestion.description}</span>
                {project}
            </ListOption>
        }
        .into_any()
    }
}

/// The field with its suggestions.
#[component]
pub(crate) fn DescriptionInput() -> AnyView {
    let (edit, suggestions) = (RwSignal::new(None), RwSignal::new(Vec::new()));
    let input = Input { ui: use_ui(), edit, suggestions, listbox: Listbox::new(None) };
    view! {
        <div class="timer__description">
            <input class="timer__input" type="text" id=DESCRIPTION_ID
                aria-label=texts::DESCRIPTION_PROMPT placeholder=texts::DESCRIPTION_PROMPT
                maxlength=DESCRIPTION_CHARS_MAX.to_string() autocomplete="off" enterkeyhint="go"
                aria-autocomplete="list"
                aria-controls=move || {
                    let is_open = suggestions.with(|it| !it.is_empty());
                    is_open.then(|| input.listbox.id.to_string())
                }
                aria-activedescendant=move || input.listbox.active_id()
                prop:value=move || input.text()
                on:input=move |event| input.type_text(event_target_value(&event))
                on:keydown=move |event| input.handle_key(&event)
                on:blur=move |_| {
                    input.close();
                    input.submit_edit();
                }
            />
            {move || input.list()}
        </div>
    }
    .into_any()
}
