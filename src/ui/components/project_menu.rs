//! The menu of projects: find one by a few letters, or create one with a colour.

use std::rc::Rc;
use std::sync::Arc;

use leptos::prelude::*;
use web_sys::{KeyboardEvent, MouseEvent};
use wizitime_domain::{Color, NAME_CHARS_MAX, Project};

use super::listbox::{Listbox, dot};
use super::project_picker::Choice;
use crate::ui::view::{El, Var, button, el, once_placed};
use crate::ui::{dom, mirror, text};

/// One line of the menu.
enum Line {
    None,
    Existing(Arc<Project>),
    New { name: String },
}

/// All projects that the query finds; and the one that would be new, if no name is the same.
fn lines(query: &str) -> Vec<Line> {
    let name = query.trim();
    let wanted = name.to_lowercase();
    let mut lines = Vec::new();
    if wanted.is_empty() {
        lines.push(Line::None);
    }
    let mut known = wanted.is_empty();
    for project in mirror::projects() {
        let have = project.name.to_lowercase();
        known |= have == wanted;
        if wanted.split_whitespace().all(|word| have.contains(word)) {
            lines.push(Line::Existing(project));
        }
    }
    if !known {
        lines.push(Line::New { name: name.to_owned() });
    }
    lines
}

/// The colour that is used least so far.
fn next_color() -> Color {
    let projects = untrack(mirror::projects);
    let uses = |color: &Color| projects.iter().filter(|it| it.color == *color).count();
    Color::ALL.into_iter().min_by_key(uses).unwrap_or_default()
}

/// What is typed and chosen in the menu.
struct Menu {
    query: Var<String>,
    color: Var<Color>,
    listbox: Listbox,
    chosen: Box<dyn Fn(Choice)>,
}

impl Menu {
    fn choose(&self, index: usize) {
        let line = untrack(|| lines(&self.query.get())).into_iter().nth(index);
        let Some(line) = line else { return };
        (self.chosen)(match line {
            Line::None => Choice::Existing(None),
            Line::Existing(project) => Choice::Existing(Some(project.id)),
            Line::New { name } => Choice::New { name, color: self.color.get_untracked() },
        });
    }

    fn key(&self, event: &KeyboardEvent) {
        let step = |down| {
            let count = untrack(|| lines(&self.query.get())).len();
            self.listbox.step(down, count, false);
        };
        match event.key().as_str() {
            "ArrowDown" => step(true),
            "ArrowUp" => step(false),
            "Enter" if !event.is_composing() => {
                if let Some(index) = self.listbox.active.get_untracked() {
                    self.choose(index);
                }
            }
            _ => return,
        }
        event.prevent_default();
    }

    fn options(self: &Rc<Self>) -> Vec<El> {
        let option = |(index, line)| {
            let (color, words) = match line {
                Line::None => (None, text::NO_PROJECT.to_owned()),
                Line::Existing(project) => (Some(project.color), project.name.clone()),
                Line::New { name } => (Some(self.color.get()), text::create_project(&name)),
            };
            let content =
                vec![dot(color.map(Color::name)), el("span", "option__text").text(&words)];
            let menu = self.clone();
            self.listbox.option(index, content, move || menu.choose(index))
        };
        lines(&self.query.get()).into_iter().enumerate().map(option).collect()
    }

    /// Whether a new project is offered.
    fn makes_new(&self) -> bool {
        let lines = lines(&self.query.get());
        lines.last().is_some_and(|line| matches!(line, Line::New { .. }))
    }
}

/// The menu; it takes the focus when it opens.
pub(super) fn project_menu(chosen: impl Fn(Choice) + 'static) -> El {
    let menu = Rc::new(Menu {
        query: Var::new(String::new()),
        color: Var::new(next_color()),
        listbox: Listbox::new(Some(0)),
        chosen: Box::new(chosen),
    });
    let (key, typed, active) = (menu.clone(), menu.clone(), menu.clone());
    let (color, list_id) = (menu.color, menu.listbox.id.clone());
    let input = el("input", "menu__input")
        .attr("type", "text")
        .attr("aria-label", text::FIND_PROJECT)
        .attr("placeholder", text::FIND_PROJECT)
        .attr("maxlength", &NAME_CHARS_MAX.to_string())
        .attr("autocomplete", "off")
        .attr("aria-autocomplete", "list")
        .attr("aria-controls", &list_id)
        .attr_opt("aria-activedescendant", move || active.listbox.active_id())
        .on_input(move |text| {
            typed.query.set(text);
            typed.listbox.active.set(Some(0));
        })
        .on_key(move |event| key.key(&event));
    let field = input.element().clone();
    let list = el("ul", "menu__list")
        .attr("role", "listbox")
        .attr("id", &list_id)
        .attr("aria-label", text::PROJECTS);
    once_placed(move || {
        dom::focus_on(&field);
        dom::bring_into_view(&list_id);
    });
    let options = menu.clone();
    el("div", "menu")
        .child(input)
        .child(list.rebuilt(move || options.options()))
        .when(move || menu.makes_new(), move || swatches(color))
}

/// The colours to choose from for a new project.
fn swatches(color: Var<Color>) -> El {
    let swatch = |it: Color| {
        button("swatch", move || color.set(it))
            .attr("role", "radio")
            .attr("aria-label", it.name())
            .state("aria-checked", move || color.get() == it)
            // The field keeps the focus.
            .on("mousedown", |event: MouseEvent| event.prevent_default())
            .child(dot(Some(it.name())))
    };
    el("div", "swatches")
        .attr("role", "radiogroup")
        .attr("aria-label", text::PROJECT_COLOR)
        .children(Color::ALL.map(swatch))
}
