//! The button that shows a project and opens the menu to choose another one.

use leptos::ev;
use leptos::prelude::*;
use wizitime_domain::{Color, EntryId, ProjectId};

use super::project_menu::ProjectMenu;
use crate::browser;
use crate::dispatchers::Intent;
use crate::ui::{dom, mirror, text};

/// What a person picks.
#[derive(Clone)]
pub(super) enum Choice {
    /// A project, or none.
    Existing(Option<ProjectId>),
    /// A project that does not exist yet.
    New { name: String, color: Color },
}

impl Choice {
    /// The project's id; a new project is created first, and put into `entry_id` if one is given.
    pub(super) fn resolve(self, entry_id: Option<EntryId>) -> Option<ProjectId> {
        match self {
            Self::Existing(project_id) => project_id,
            Self::New { name, color } => {
                browser::dispatch(Intent::CreateProject { name: name.clone(), color, entry_id });
                browser::with_client(|client| {
                    // Ids are in the order of creation: the newest of this name is ours.
                    let mut projects = client.state().ledger.shown().projects().rev();
                    projects.find(|project| project.name == name).map(|project| project.id)
                })
            }
        }
    }
}

/// The button and its menu.
#[component]
pub(super) fn ProjectPicker(
    #[prop(into)] project_id: Signal<Option<ProjectId>>,
    choose: Callback<Choice>,
) -> AnyView {
    let open = RwSignal::new(false);
    let button = NodeRef::<leptos::html::Button>::new();
    let project = move || project_id.get().and_then(|id| mirror::project(id).get());
    let name = move || project().map_or_else(|| text::NO_PROJECT.to_owned(), |it| it.name.clone());
    let close = Callback::new(move |()| {
        open.set(false);
        if let Some(button) = button.get_untracked() {
            dom::focus_on(&button);
        }
    });
    let chosen = Callback::new(move |choice| {
        close.run(());
        choose.run(choice);
    });
    let escape = move |event: ev::KeyboardEvent| {
        if event.key() == "Escape" && open.get_untracked() {
            event.prevent_default();
            event.stop_propagation();
            close.run(());
        }
    };
    let leave = move |event: ev::FocusEvent| {
        // A menu that is taken off the page loses the focus when its signals are gone already.
        if open.try_get_untracked() == Some(true) && dom::leaves(&event) {
            open.set(false);
        }
    };
    view! {
        <div class="project" on:keydown=escape on:focusout=leave>
            <button
                type="button"
                class="project__chip"
                node_ref=button
                aria-haspopup="listbox"
                aria-expanded=move || if open.get() { "true" } else { "false" }
                data-empty=move || if project().is_some() { "false" } else { "true" }
                on:click=move |_| open.update(|open| *open = !*open)
            >
                <span class="dot" data-color=move || project().map_or("none", |it| it.color.name())></span>
                <span class="project__name">{name}</span>
            </button>
            <Show when=move || open.get()>
                <ProjectMenu chosen=chosen />
            </Show>
        </div>
    }
    .into_any()
}
