//! A form field with its label above it.

use leptos::prelude::*;

/// A field inside its `<label>`.
#[component]
pub(crate) fn Labelled(
    label: &'static str,
    #[prop(default = "labelled")] class: &'static str,
    children: Children,
) -> AnyView {
    view! { <label class=class>{label} {children()}</label> }.into_any()
}

/// A field that has an accessible name of its own, with that name also visible above it.
#[component]
pub(crate) fn Titled(label: &'static str, children: Children) -> AnyView {
    view! { <div class="labelled"><span aria-hidden="true">{label}</span> {children()}</div> }
        .into_any()
}
