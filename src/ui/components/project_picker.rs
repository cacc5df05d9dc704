//! The button that shows a project and opens the menu to choose another one.

use std::rc::Rc;

use web_sys::{FocusEvent, KeyboardEvent};
use wizitime_domain::{Color, EntryId, ProjectId, TimeEntryChanges};

use super::project_menu::project_menu;
use crate::browser;
use crate::features::{EntryIntent, Intent, ProjectIntent};
use crate::ui::view::{El, Var, button, el};
use crate::ui::{dom, mirror, text};

/// What a person picks.
pub(super) enum Choice {
    /// A project, or none.
    Existing(Option<ProjectId>),
    /// A project that does not exist yet.
    New { name: String, color: Color },
}

impl Choice {
    /// Puts an entry into the project.
    pub(super) fn apply(self, entry_id: EntryId) {
        match self {
            Self::New { name, color } => {
                let entry_id = Some(entry_id);
                browser::dispatch(Intent::Project(ProjectIntent::Create { name, color, entry_id }));
            }
            Self::Existing(project_id) => {
                let changes = TimeEntryChanges { project_id: Some(project_id), ..<_>::default() };
                browser::dispatch(Intent::Entry(EntryIntent::Edit {
                    entry_id,
                    changes: Box::new(changes),
                }));
            }
        }
    }

    /// The project's id; a new project is created first.
    pub(super) fn resolve(self) -> Option<ProjectId> {
        match self {
            Self::Existing(project_id) => project_id,
            Self::New { name, color } => {
                let (wanted, entry_id) = (name.clone(), None);
                browser::dispatch(Intent::Project(ProjectIntent::Create { name, color, entry_id }));
                browser::with_core(|client| {
                    // Ids are in the order of creation: the newest of this name is ours.
                    let mut projects = client.state().ledger.shown().projects().rev();
                    projects.find(|project| project.name == wanted).map(|project| project.id)
                })
            }
        }
    }
}

/// The button and its menu.
pub(super) fn project_picker(
    project_id: impl Fn() -> Option<ProjectId> + 'static,
    choose: impl Fn(Choice) + 'static,
) -> El {
    let open = Var::new(false);
    let project = Rc::new(move || project_id().and_then(mirror::project));
    let (is_empty, color, name) = (project.clone(), project.clone(), project);
    let dot = el("span", "dot")
        .attr_fn("data-color", move || color().map_or("none", |it| it.color.name()));
    let name = el("span", "project__name")
        .text_fn(move || name().map_or_else(|| text::NO_PROJECT.to_owned(), |it| it.name.clone()));
    let chip = button("project__chip", move || open.update(|open| *open = !*open))
        .attr("aria-haspopup", "listbox")
        .state("aria-expanded", move || open.get())
        .state("data-empty", move || is_empty().is_none())
        .child(dot)
        .child(name);
    let element = chip.element().clone();
    let close = Rc::new(move || {
        open.set(false);
        dom::focus_on(&element);
    });
    let closed = close.clone();
    let chosen = Rc::new(move |choice| {
        closed();
        choose(choice);
    });
    el("div", "project")
        .on_key(move |event: KeyboardEvent| {
            if event.key() == "Escape" && open.get_untracked() {
                event.prevent_default();
                event.stop_propagation();
                close();
            }
        })
        .on("focusout", move |event: FocusEvent| {
            if open.get_untracked() && dom::leaves(&event) {
                open.set(false);
            }
        })
        .child(chip)
        .when(
            move || open.get(),
            move || {
                let chosen = chosen.clone();
                project_menu(move |choice| chosen(choice))
            },
        )
}
