//! Small errands in the document.

use std::cell::Cell;

use leptos::prelude::*;
use wasm_bindgen::JsCast as _;
use web_sys::{
    Element, HtmlElement, HtmlInputElement, KeyboardEvent, Node, ScrollIntoViewOptions,
    ScrollLogicalPosition,
};

thread_local! {
    static LAST_ID: Cell<u32> = const { Cell::new(0) };
}

/// An id that no other element has.
pub(super) fn fresh_id() -> String {
    LAST_ID.set(LAST_ID.get().wrapping_add(1));
    format!("id-{}", LAST_ID.get())
}

/// Sets an attribute by a name that is valid, so it cannot fail.
pub(super) fn set_attribute(element: &Element, name: &str, value: &str) {
    if let Err(error) = element.set_attribute(name, value) {
        debug_assert!(false, "{name}: {error:?}");
    }
}

/// Removes an attribute by a name that is valid, so it cannot fail.
pub(super) fn remove_attribute(element: &Element, name: &str) {
    if let Err(error) = element.remove_attribute(name) {
        debug_assert!(false, "{name}: {error:?}");
    }
}

/// Moves the focus to the element with this id, if it is on the page.
pub(super) fn focus(id: &str) {
    let element = document().get_element_by_id(id);
    if let Some(element) = element.and_then(|it| it.dyn_into::<HtmlElement>().ok()) {
        focus_on(&element);
    }
}

/// Moves the focus. An element that cannot take it leaves it where it is.
pub(super) fn focus_on(element: &HtmlElement) {
    if let Err(error) = element.focus() {
        debug_assert!(false, "{error:?}");
    }
}

/// Scrolls as little as is needed to see all of the element with this id.
pub(super) fn bring_into_view(id: &str) {
    if let Some(element) = document().get_element_by_id(id) {
        let options = ScrollIntoViewOptions::new();
        options.set_block(ScrollLogicalPosition::Nearest);
        element.scroll_into_view_with_scroll_into_view_options(&options);
    }
}

/// Moves the focus from a button in a list to the same button of the next item, or the one before
/// if there is none: the item goes away.
pub(super) fn focus_next_item(event: &web_sys::MouseEvent) {
    let button = event.current_target().and_then(|it| it.dyn_into::<Element>().ok());
    let Some((button, item)) = button.and_then(|it| it.closest("li").ok()?.map(|li| (it, li)))
    else {
        return;
    };
    let next = item.next_element_sibling().or_else(|| item.previous_element_sibling());
    let label = button.get_attribute("aria-label").unwrap_or_default();
    let same = next.and_then(|it| it.query_selector(&format!("[aria-label={label:?}]")).ok()?);
    if let Some(same) = same.and_then(|it| it.dyn_into::<HtmlElement>().ok()) {
        focus_on(&same);
    }
}

/// Takes the focus away from the field that heard a key.
pub(super) fn leave(event: &KeyboardEvent) {
    let field = event.target().and_then(|it| it.dyn_into::<HtmlElement>().ok());
    if let Some(Err(error)) = field.map(|it| it.blur()) {
        debug_assert!(false, "{error:?}");
    }
}

/// Whether the focus goes from inside `container` to outside of it.
pub(super) fn leaves(event: &web_sys::FocusEvent) -> bool {
    let container = event.current_target().and_then(|it| it.dyn_into::<Node>().ok());
    let to = event.related_target().and_then(|it| it.dyn_into::<Node>().ok());
    !container.is_some_and(|it| it.contains(to.as_ref()) && to.is_some())
}

/// Whether a key is meant for a field, or for a dialog, and not for the page.
pub(super) fn is_for_a_field(event: &KeyboardEvent) -> bool {
    let element = event.target().and_then(|it| it.dyn_into::<Element>().ok());
    let fields = "input, textarea, select, [contenteditable], dialog, [role=listbox]";
    element.is_some_and(|it| it.closest(fields).is_ok_and(|field| field.is_some()))
}

/// Marks all of a field's text, so that typing replaces it.
pub(super) fn select_all(event: &web_sys::FocusEvent) {
    if let Some(input) = event.target().and_then(|it| it.dyn_into::<HtmlInputElement>().ok()) {
        input.select();
    }
}
