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
        // Not owned by the effect that runs this: an effect disposes of its signals before it runs
        // again, but a focused field that is taken off the page still fires `blur`.
        let owner = parent.as_ref().map_or_else(Owner::new, Owner::child);
        OwnedView::new_with_owner(owner.with(|| untrack(|| children())), owner).into_any()
    };
    view! { {move || content()} }.into_any()
}
