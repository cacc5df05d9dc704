//! The button that shows a project and opens the menu to choose another one.

use leptos::prelude::*;
use wizitime_domain::{Color, EntryId, ProjectId, TimeEntryChanges};

use super::project_menu::ProjectMenu;
use crate::browser;
use crate::features::{Intent, ProjectIntent};
use crate::ui::context::edit;
use crate::ui::dom::{self, UniqueId};
use crate::ui::store::use_project;
use crate::ui::widgets::{Derived, ShowIf};
use crate::ui::{focus, texts};

/// What the user chose in the menu.
pub(crate) enum ProjectChoice {
    /// A project, or none.
    Existing(Option<ProjectId>),
    /// A project that does not exist yet.
    New { name: String, color: Color },
}

impl ProjectChoice {
    /// Assigns an entry to the project, which is created if it is new.
    pub(crate) fn apply(self, entry_id: EntryId) {
        match self {
            Self::New { name, color } => {
                create(name, color, Some(entry_id));
            }
            Self::Existing(project_id) => {
                let changes = TimeEntryChanges { project_id: Some(project_id), ..<_>::default() };
                edit(entry_id, changes);
            }
        }
    }

    /// The project's id; a new project is created first.
    pub(crate) fn resolve(self) -> Option<ProjectId> {
        match self {
            Self::Existing(project_id) => project_id,
            Self::New { name, color } => {
                let project_id = create(name, color, None);
                // The intent may have been refused; a notice says why.
                browser::with_core(|core| {
                    core.state().ledger.shown().project(project_id).map(|project| project.id)
                })
            }
        }
    }
}

/// Asks for a new project, and returns its id.
fn create(name: String, color: Color, entry_id: Option<EntryId>) -> ProjectId {
    let project_id = ProjectId::from_bytes(browser::new_id());
    let intent = ProjectIntent::Create { project_id, name, color, entry_id };
    browser::dispatch(Intent::Project(intent));
    project_id
}

/// The button and its menu.
#[component]
pub(crate) fn ProjectPicker(
    #[prop(into)] project_id: Derived<Option<ProjectId>>,
    #[prop(into)] on_choose: Callback<ProjectChoice>,
    /// Called when the menu opens, to bind the choice to what is shown then.
    #[prop(optional, into)]
    on_open: Option<Callback<()>>,
) -> AnyView {
    let open = RwSignal::new(false);
    let button_id = UniqueId::new();
    let project = move || project_id.get().and_then(use_project);
    let close = move || {
        open.set(false);
        dom::focus(&button_id.to_string());
    };
    let choose = move |choice: ProjectChoice| {
        close();
        on_choose.run(choice);
    };
    view! {
        <div class="project"
            on:keydown=move |event| {
                let is_escape = event.key() == "Escape" && !dom::is_composing(&event);
                if is_escape && open.get_untracked() {
                    event.prevent_default();
                    event.stop_propagation();
                    close();
                }
            }
            on:focusout=move |event| {
                if open.get_untracked() && !focus::is_moving() && dom::focus_leaves(&event) {
                    open.set(false);
                }
            }>
            <button type="button" class="project__chip" id=button_id.to_string()
                aria-haspopup="listbox"
                aria-expanded=move || open.get().to_string()
                data-empty=move || project().is_none().to_string()
                on:click=move |_| {
                    if let Some(on_open) = on_open.filter(|_| !open.get_untracked()) {
                        on_open.run(());
                    }
                    open.update(|open| *open = !*open);
                }>
                <span class="dot" data-color=move || {
                    project().map_or("none", |it| it.color.name()).to_owned()
                }></span>
                <span class="project__name" dir="auto">
                    {move || project().map_or_else(
                        || texts::NO_PROJECT.to_owned(),
                        |it| it.name.clone(),
                    )}
                </span>
            </button>
            <ShowIf when=move || open.get()><ProjectMenu on_choose=choose/></ShowIf>
        </div>
    }
    .into_any()
}
