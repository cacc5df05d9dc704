//! The menu of projects: finds one by a few letters, or creates one with a colour.

use std::sync::Arc;

use leptos::prelude::*;
use web_sys::KeyboardEvent;
use wizitime_domain::{Color, NAME_CHARS_MAX, Project};

use super::project_picker::ProjectChoice;
use crate::ui::dom::{self, focus_on_mount, scroll_into_view_on_mount};
use crate::ui::folded_name::FoldedName;
use crate::ui::store::use_projects;
use crate::ui::texts;
use crate::ui::widgets::{ListOption, Listbox, ShowIf};

/// One option of the menu.
enum Item {
    NoProject,
    Existing(Arc<Project>),
    New { name: String },
}

impl Item {
    /// What identifies the option while others come and go.
    fn key(&self) -> u64 {
        match self {
            Self::NoProject => NO_PROJECT,
            Self::New { .. } => NEW_PROJECT,
            // Its second half is random.
            Self::Existing(project) => u128::from_be_bytes(*project.id.as_bytes()) as u64,
        }
    }
}

/// Keys that no project has.
const NO_PROJECT: u64 = 0;
const NEW_PROJECT: u64 = 1;

/// The projects that match every word of the query whatever their accents, and a new one if none
/// has that name. Names that differ in an accent only, such as Müller and Muller, are two names:
/// the existing one comes first.
fn find_items(query: &str) -> Vec<Item> {
    let name = query.trim();
    let query = FoldedName::new(name);
    let mut items = Vec::new();
    if name.is_empty() {
        items.push(Item::NoProject);
    }
    let mut exists = name.is_empty();
    for project in use_projects().iter() {
        let name = FoldedName::new(&project.name);
        exists |= name.exact == query.exact;
        if query.without_accents.split_whitespace().all(|it| name.without_accents.contains(it)) {
            items.push(Item::Existing(project.clone()));
        }
    }
    if !exists {
        items.push(Item::New { name: name.to_owned() });
    }
    items
}

/// The colour that the fewest projects have.
fn least_used_color() -> Color {
    let projects = untrack(use_projects);
    let uses = |color: &Color| projects.iter().filter(|it| it.color == *color).count();
    Color::ALL.into_iter().min_by_key(uses).unwrap_or_default()
}

/// The state of the menu.
#[derive(Clone, Copy)]
struct Menu {
    query: RwSignal<String>,
    color: RwSignal<Color>,
    listbox: Listbox,
    on_choose: Callback<ProjectChoice>,
}

impl Menu {
    fn choose(self, key: u64) {
        let item = untrack(|| self.items()).into_iter().find(|item| item.key() == key);
        let Some(item) = item else { return };
        self.on_choose.run(match item {
            Item::NoProject => ProjectChoice::Existing(None),
            Item::Existing(project) => ProjectChoice::Existing(Some(project.id)),
            Item::New { name } => ProjectChoice::New { name, color: self.color.get_untracked() },
        });
    }

    fn items(self) -> Vec<Item> {
        self.query.with(|query| find_items(query))
    }

    fn keys(self) -> Vec<u64> {
        self.items().iter().map(Item::key).collect()
    }

    fn handle_key(self, event: &KeyboardEvent) {
        if dom::is_composing(event) {
            return;
        }
        let step = |down| self.listbox.step(down, &untrack(|| self.keys()), false);
        match event.key().as_str() {
            "ArrowDown" => step(true),
            "ArrowUp" => step(false),
            "Enter" => {
                if let Some(key) = self.listbox.active.get_untracked() {
                    self.choose(key);
                }
            }
            _ => return,
        }
        event.prevent_default();
    }

    fn options(self) -> Vec<AnyView> {
        let option = |item: Item| {
            let key = item.key();
            let (color, text) = match item {
                Item::NoProject => (None, texts::NO_PROJECT.to_owned()),
                Item::Existing(project) => (Some(project.color), project.name.clone()),
                Item::New { name } => (Some(self.color.get()), texts::create_project(&name)),
            };
            view! {
                <ListOption listbox=self.listbox key on_choose=move |key| self.choose(key)>
                    {color_dot(color)}
                    <span class="option__text" dir="auto">{text}</span>
                </ListOption>
            }
            .into_any()
        };
        self.items().into_iter().map(option).collect()
    }

    fn offers_new(self) -> bool {
        matches!(self.items().last(), Some(Item::New { .. }))
    }
}

/// The menu; it takes the focus when it opens.
#[component]
pub(crate) fn ProjectMenu(#[prop(into)] on_choose: Callback<ProjectChoice>) -> AnyView {
    let (query, color) = (RwSignal::new(String::new()), RwSignal::new(least_used_color()));
    let menu = Menu { query, color, listbox: Listbox::new(Some(NO_PROJECT)), on_choose };
    let list_id = menu.listbox.id.to_string();
    view! {
        <div class="menu">
            <input class="menu__input" type="text" dir="auto" aria-label=texts::FIND_PROJECT
                placeholder=texts::FIND_PROJECT maxlength=NAME_CHARS_MAX.to_string()
                autocomplete="off" aria-autocomplete="list" aria-controls=list_id.clone()
                aria-activedescendant=move || menu.listbox.active_id()
                use:focus_on_mount
                on:input=move |event| {
                    query.set(event_target_value(&event));
                    menu.listbox.active.set(untrack(|| menu.keys()).first().copied());
                }
                on:keydown=move |event| menu.handle_key(&event)
            />
            <ul class="menu__list" role="listbox" id=list_id aria-label=texts::PROJECTS
                use:scroll_into_view_on_mount>{move || menu.options().into_any()}</ul>
            <ShowIf when=move || menu.offers_new()><ColorSwatches color/></ShowIf>
        </div>
    }
    .into_any()
}

/// The colours to choose from for a new project.
#[component]
fn ColorSwatches(color: RwSignal<Color>) -> AnyView {
    let swatch = |it: Color| {
        view! {
            <button type="button" class="swatch" role="radio" aria-label=it.name()
                aria-checked=move || (color.get() == it).to_string()
                // The field keeps the focus.
                on:mousedown=move |event| event.prevent_default()
                on:click=move |_| color.set(it)>
                {color_dot(Some(it))}
            </button>
        }
        .into_any()
    };
    let swatches: Vec<AnyView> = Color::ALL.into_iter().map(swatch).collect();
    view! {
        <div class="swatches" role="radiogroup" aria-label=texts::PROJECT_COLOR>{swatches}</div>
    }
    .into_any()
}

/// A dot in a project's colour.
pub(crate) fn color_dot(color: Option<Color>) -> AnyView {
    view! { <span class="dot" data-color=color.map_or("none", Color::name)></span> }.into_any()
}
