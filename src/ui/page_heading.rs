//! The heading of a page.

use leptos::prelude::*;
use web_sys::Element;

use super::dom;
use super::route::use_router;

/// The heading. After a navigation within the app it takes the focus, so that screen readers
/// announce the page and Tab continues from its start.
#[component]
pub(crate) fn PageHeading(
    text: &'static str,
    #[prop(default = "page__heading")] class: &'static str,
) -> AnyView {
    let takes_focus = use_router().has_navigated();
    let focus = move |element: Element| {
        if takes_focus {
            dom::focus_on_mount(element);
        }
    };
    view! { <h1 class=class tabindex="-1" use:focus>{text}</h1> }.into_any()
}
