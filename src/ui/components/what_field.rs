//! The field that asks what one is working on. It offers what one worked on before; choosing an
//! offer starts the clock with it, or gives it to the clock that runs.

use std::rc::Rc;

use leptos::prelude::*;
use web_sys::{Event, KeyboardEvent};
use wizitime_domain::{DESCRIPTION_CHARS_MAX, TimeEntryChanges};

use super::listbox::{Listbox, dot};
use crate::browser;
use crate::features::{EntryIntent, Intent};
use crate::features::{Suggestion, select_suggestions};
use crate::ui::context::{Ui, WHAT_ID};
use crate::ui::view::{El, Var, el};
use crate::ui::{mirror, text};

/// What happens in the field.
struct What {
    ui: Ui,
    /// What is typed while a clock runs, until it is taken over.
    edit: Var<Option<String>>,
    offers: Var<Vec<Suggestion>>,
    listbox: Listbox,
}

impl What {
    fn shown(&self) -> String {
        match mirror::running() {
            None => self.ui.description.get(),
            Some(entry) => self.edit.get().unwrap_or_else(|| entry.description.clone()),
        }
    }

    /// Gives the text to the clock that runs, if it is another one.
    fn take_over(&self) {
        let Some(description) = self.edit.get_untracked().map(|it| it.trim().to_owned()) else {
            return;
        };
        self.edit.set(None);
        let running = untrack(mirror::running);
        if let Some(entry) = running.filter(|entry| entry.description != description) {
            let changes = TimeEntryChanges { description: Some(description), ..<_>::default() };
            let changes = Box::new(changes);
            browser::dispatch(Intent::Entry(EntryIntent::Edit { entry_id: entry.id, changes }));
        }
    }

    fn close(&self) {
        self.offers.set(Vec::new());
        self.listbox.active.set(None);
    }

    fn offer(&self, query: &str) {
        self.listbox.active.set(None);
        self.offers.set(browser::with_core(|client| select_suggestions(client.state(), query)));
    }

    fn typed(&self, typed: String) {
        if typed.trim().is_empty() {
            self.close();
        } else {
            self.offer(&typed);
        }
        match untrack(mirror::running_id) {
            None => self.ui.description.set(typed),
            Some(_) => self.edit.set(Some(typed)),
        }
    }

    fn choose(&self, index: usize) {
        let suggestion = self.offers.get_untracked().into_iter().nth(index);
        self.close();
        let Some(Suggestion { description, project_id }) = suggestion else { return };
        self.edit.set(None);
        match untrack(mirror::running_id) {
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

    fn enter(&self) {
        match self.listbox.active.get_untracked() {
            Some(index) => self.choose(index),
            None if untrack(mirror::running_id).is_some() => self.take_over(),
            None => self.ui.toggle_clock(),
        }
        self.close();
    }

    fn step(&self, down: bool) {
        if self.offers.get_untracked().is_empty() {
            self.offer(untrack(|| self.shown()).trim());
        }
        self.listbox.step(down, self.offers.get_untracked().len(), true);
    }

    fn key(&self, event: &KeyboardEvent) {
        match event.key().as_str() {
            "Enter" if !event.is_composing() => self.enter(),
            "ArrowDown" => self.step(true),
            "ArrowUp" => self.step(false),
            "Escape" if self.offers.get_untracked().is_empty() => self.edit.set(None),
            "Escape" => self.close(),
            _ => return,
        }
        event.prevent_default();
    }

    fn list(self: &Rc<Self>) -> Vec<El> {
        let offers = self.offers.get();
        if offers.is_empty() {
            return Vec::new();
        }
        let option = |(index, Suggestion { description, project_id })| {
            let project = untrack(|| project_id.and_then(mirror::project));
            let aside = project.map(|project| {
                let dot = dot(Some(project.color.name()));
                el("span", "option__aside").child(dot).text(&project.name)
            });
            let mut content = vec![el("span", "option__text").text(&description)];
            content.extend(aside);
            let it = self.clone();
            self.listbox.option(index, content, move || it.choose(index))
        };
        let list = el("ul", "suggest")
            .attr("role", "listbox")
            .attr("id", &self.listbox.id)
            .attr("aria-label", text::SUGGESTIONS);
        vec![list.children(offers.into_iter().enumerate().map(option))]
    }
}

/// The field with its suggestions.
pub(super) fn what_field(ui: Ui) -> El {
    let it = Rc::new(What {
        ui,
        edit: Var::new(None),
        offers: Var::new(Vec::new()),
        listbox: Listbox::new(None),
    });
    let (shown, typed, key, left) = (it.clone(), it.clone(), it.clone(), it.clone());
    let (controls, active) = (it.clone(), it.clone());
    let input = el("input", "timer__input")
        .attr("type", "text")
        .attr("id", WHAT_ID)
        .attr("aria-label", text::WHAT)
        .attr("placeholder", text::WHAT)
        .attr("maxlength", &DESCRIPTION_CHARS_MAX.to_string())
        .attr("autocomplete", "off")
        .attr("enterkeyhint", "go")
        .attr("aria-autocomplete", "list")
        .attr_opt("aria-controls", move || {
            (!controls.offers.with(Vec::is_empty)).then(|| controls.listbox.id.clone())
        })
        .attr_opt("aria-activedescendant", move || active.listbox.active_id())
        .value_fn(move || shown.shown())
        .on_input(move |text| typed.typed(text))
        .on_key(move |event| key.key(&event))
        .on("blur", move |_: Event| {
            left.close();
            left.take_over();
        });
    el("div", "timer__what").child(input).rebuilt(move || it.list())
}
