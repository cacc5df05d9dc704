//! The menu of projects: find one by a few letters, or create one with a colour.

use std::sync::Arc;

use leptos::ev;
use leptos::prelude::*;
use wizitime_domain::{Color, NAME_CHARS_MAX, Project};

use super::project_picker::Choice;
use crate::ui::context::{Ui, use_ui};
use crate::ui::{dom, text};

/// One line of the menu.
#[derive(Clone, PartialEq)]
enum Line {
    None,
    Existing(Arc<Project>),
    New { name: String },
}

impl Line {
    fn text(&self) -> String {
        match self {
            Self::None => text::NO_PROJECT.to_owned(),
            Self::Existing(project) => project.name.clone(),
            Self::New { name } => text::create_project(name),
        }
    }
}

/// All projects that the query finds; and the one that would be new, if no name is the same.
fn lines(ui: Ui, query: &str) -> Vec<Line> {
    let name = query.trim();
    let wanted = name.to_lowercase();
    let mut lines = Vec::new();
    if wanted.is_empty() {
        lines.push(Line::None);
    }
    let mut known = wanted.is_empty();
    ui.mirror.projects.with(|projects| {
        for project in projects.iter() {
            let have = project.name.to_lowercase();
            known |= have == wanted;
            if wanted.split_whitespace().all(|word| have.contains(word)) {
                lines.push(Line::Existing(project.clone()));
            }
        }
    });
    if !known {
        lines.push(Line::New { name: name.to_owned() });
    }
    lines
}

/// The colour that is used least so far.
fn next_color(ui: Ui) -> Color {
    ui.mirror.projects.with_untracked(|projects| {
        let uses = |color: &Color| projects.iter().filter(|it| it.color == *color).count();
        Color::ALL.into_iter().min_by_key(uses).unwrap_or_default()
    })
}

/// The menu; it takes the focus when it opens.
#[component]
pub(super) fn ProjectMenu(chosen: Callback<Choice>) -> AnyView {
    let ui = use_ui();
    let query = RwSignal::new(String::new());
    let active = RwSignal::new(0_usize);
    let color = RwSignal::new(next_color(ui));
    let id = StoredValue::new(dom::fresh_id());
    let input = NodeRef::<leptos::html::Input>::new();
    Effect::new(move || {
        if let Some(input) = input.get() {
            dom::focus_on(&input);
        }
    });
    Effect::new(move || id.with_value(|id| dom::bring_into_view(id)));
    let lines = Memo::new(move |_| query.with(|query| lines(ui, query)));
    let choose = move |line: Line| {
        chosen.run(match line {
            Line::None => Choice::Existing(None),
            Line::Existing(project) => Choice::Existing(Some(project.id)),
            Line::New { name } => Choice::New { name, color: color.get_untracked() },
        });
    };
    let keydown = move |event: ev::KeyboardEvent| {
        let last = lines.with_untracked(|lines| lines.len().saturating_sub(1));
        match event.key().as_str() {
            "ArrowDown" => active.update(|it| *it = if *it >= last { 0 } else { *it + 1 }),
            "ArrowUp" => active.update(|it| *it = if *it == 0 { last } else { *it - 1 }),
            "Enter" if !event.is_composing() => {
                let line = lines.with_untracked(|it| it.get(active.get_untracked()).cloned());
                if let Some(line) = line {
                    choose(line);
                }
            }
            _ => return,
        }
        event.prevent_default();
    };
    let option_id = move |index: usize| id.with_value(|id| format!("{id}-{index}"));
    let option = move |(index, line): (usize, Line)| {
        let color_name = match &line {
            Line::None => None,
            Line::Existing(project) => Some(project.color),
            Line::New { .. } => Some(color.get()),
        };
        let words = line.text();
        view! {
            <li
                class="option"
                role="option"
                id=option_id(index)
                aria-selected=move || if active.get() == index { "true" } else { "false" }
                data-active=move || if active.get() == index { "true" } else { "false" }
                on:mousedown=|event| event.prevent_default()
                on:mousemove=move |_| active.set(index)
                on:click=move |_| choose(line.clone())
            >
                <span class="dot" data-color=color_name.map_or("none", Color::name)></span>
                <span class="option__text">{words}</span>
            </li>
        }
        .into_any()
    };
    let makes_new = move || lines.with(|it| it.iter().any(|it| matches!(it, Line::New { .. })));
    view! {
        <div class="menu">
            <input
                type="text"
                class="menu__input"
                node_ref=input
                aria-label=text::FIND_PROJECT
                placeholder=text::FIND_PROJECT
                maxlength=NAME_CHARS_MAX
                autocomplete="off"
                aria-autocomplete="list"
                aria-controls=id.get_value()
                aria-activedescendant=move || option_id(active.get())
                prop:value=move || query.get()
                on:input=move |event| {
                    query.set(event_target_value(&event));
                    active.set(0);
                }
                on:keydown=keydown
            />
            <ul class="menu__list" role="listbox" id=id.get_value() aria-label=text::PROJECTS>
                {move || lines.get().into_iter().enumerate().map(option).collect_view()}
            </ul>
            <Show when=makes_new>
                <Swatches color=color />
            </Show>
        </div>
    }
    .into_any()
}

/// The colours to choose from for a new project.
#[component]
fn Swatches(color: RwSignal<Color>) -> AnyView {
    let swatch = move |it: Color| {
        view! {
            <button
                type="button"
                class="swatch"
                role="radio"
                aria-label=it.name()
                aria-checked=move || if color.get() == it { "true" } else { "false" }
                on:mousedown=|event| event.prevent_default()
                on:click=move |_| color.set(it)
            >
                <span class="dot" data-color=it.name()></span>
            </button>
        }
        .into_any()
    };
    view! {
        <div class="swatches" role="radiogroup" aria-label=text::PROJECT_COLOR>
            {Color::ALL.map(swatch).collect_view()}
        </div>
    }
    .into_any()
}
