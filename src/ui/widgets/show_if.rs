//! Children that are on the page while a condition holds.

use leptos::prelude::*;
use leptos::tachys::reactive_graph::OwnedView;

use super::Derived;

/// Shows its children while `when` is true. They are built again each time it becomes true.
#[component]
pub(crate) fn ShowIf(#[prop(into)] when: Derived<bool>, children: ChildrenFn) -> AnyView {
    let parent = Owner::current();
    let visible = ArcMemo::new(move |_| when.get());
    let content = move || {
        if !visible.get() {
            return ().into_any();
        }
        owned_view(&parent, || children())
    };
    view! { {move || content()} }.into_any()
}

/// A view whose signals belong to a child of `parent`, and not to the effect that builds the view.
/// An effect disposes of its signals before it runs again, but a focused field that is then taken
/// off the page still fires `blur`, and its handler reads them.
pub(crate) fn owned_view(parent: &Option<Owner>, build: impl FnOnce() -> AnyView) -> AnyView {
    let owner = parent.as_ref().map_or_else(Owner::new, Owner::child);
    OwnedView::new_with_owner(owner.with(|| untrack(build)), owner).into_any()
}
