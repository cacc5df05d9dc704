//! DOM helpers: ids, focus, scrolling.

use std::cell::Cell;
use std::fmt;

use leptos::prelude::*;
use wasm_bindgen::JsCast as _;
use web_sys::{
    Element, Event, FocusEvent, HtmlElement, HtmlInputElement, KeyboardEvent, MouseEvent, Node,
    ScrollIntoViewOptions, ScrollLogicalPosition,
};

thread_local! {
    static LAST_ID: Cell<u32> = const { Cell::new(0) };
}

/// An element id that no other element has.
#[derive(Clone, Copy)]
pub(crate) struct UniqueId(u32);

impl UniqueId {
    pub(crate) fn new() -> Self {
        LAST_ID.set(LAST_ID.get().wrapping_add(1));
        Self(LAST_ID.get())
    }
}

impl fmt::Display for UniqueId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "id-{}", self.0)
    }
}

/// Sets an attribute by a name that is valid, so it cannot fail.
pub(crate) fn set_attribute(element: &Element, name: &str, value: &str) {
    if let Err(error) = element.set_attribute(name, value) {
        debug_assert!(false, "{name}: {error:?}");
    }
}

/// Removes an attribute by a name that is valid, so it cannot fail.
pub(crate) fn remove_attribute(element: &Element, name: &str) {
    if let Err(error) = element.remove_attribute(name) {
        debug_assert!(false, "{name}: {error:?}");
    }
}

/// Moves the focus to the element with this id, if it is on the page.
pub(crate) fn focus(id: &str) {
    let element = document().get_element_by_id(id);
    if let Some(element) = element.and_then(|it| it.dyn_into::<HtmlElement>().ok()) {
        focus_on(&element);
    }
}

/// Moves the focus. An element that cannot take it leaves it where it is.
pub(crate) fn focus_on(element: &HtmlElement) {
    if let Err(error) = element.focus() {
        debug_assert!(false, "{error:?}");
    }
}

/// Runs once what is being built is on the page.
pub(crate) fn after_mount(run: impl FnOnce() + 'static) {
    let run: Box<dyn FnOnce()> = Box::new(run);
    queue_microtask(run);
}

/// Directive: moves the focus to the element once it is on the page.
pub(crate) fn focus_on_mount(element: Element) {
    after_mount(move || focus_on(element.unchecked_ref()));
}

/// Directive: scrolls as little as is needed to see all of the element once it is on the page.
pub(crate) fn scroll_into_view_on_mount(element: Element) {
    after_mount(move || {
        let options = ScrollIntoViewOptions::new();
        options.set_block(ScrollLogicalPosition::Nearest);
        element.scroll_into_view_with_scroll_into_view_options(&options);
    });
}

/// Moves the focus from a button in a list to the same button of the next item, or of the previous
/// one if there is none, because the item is about to be removed.
pub(crate) fn focus_next_item(event: &MouseEvent) {
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

/// Moves the focus to the first field of a form that says that its text is invalid. Returns whether
/// there is one.
pub(crate) fn focus_invalid_field(event: &Event) -> bool {
    let form = event.target().and_then(|it| it.dyn_into::<Element>().ok());
    let invalid = form.and_then(|it| it.query_selector("[aria-invalid=true]").ok()?);
    let invalid = invalid.and_then(|it| it.dyn_into::<HtmlElement>().ok());
    invalid.inspect(focus_on).is_some()
}

/// The `keyCode` of a key that an input method has taken.
const KEY_CODE_OF_INPUT_METHOD: u32 = 229;

/// Whether a key belongs to a text that is being composed, for example Japanese. Safari ends the
/// composition before it reports the Enter that ended it; only the code of that key then tells.
pub(crate) fn is_composing(event: &KeyboardEvent) -> bool {
    event.is_composing() || event.key_code() == KEY_CODE_OF_INPUT_METHOD
}

/// Whether the focus moves from inside the element that listens to outside of it.
pub(crate) fn focus_leaves(event: &FocusEvent) -> bool {
    let container = event.current_target().and_then(|it| it.dyn_into::<Node>().ok());
    let to = event.related_target().and_then(|it| it.dyn_into::<Node>().ok());
    !container.is_some_and(|it| it.contains(to.as_ref()) && to.is_some())
}

/// Whether a key goes to a field, a button, a link, a menu or a dialog, and not to the page.
pub(crate) fn is_on_control(event: &Event) -> bool {
    is_in(event, "button, a, summary, dialog, [role=listbox]") || is_in_field(event)
}

/// Whether a key goes to something that text can be typed in.
pub(crate) fn is_in_field(event: &Event) -> bool {
    is_in(event, "input, textarea, select, [contenteditable]")
}

/// Whether a key goes to a field that undoes what is typed in it. A field of the app with nothing
/// in it that is not submitted has `data-draft="false"`.
pub(crate) fn undoes_typing(event: &Event) -> bool {
    is_in(event, "input:not([type=checkbox], [data-draft=false]), textarea, [contenteditable]")
}

fn is_in(event: &Event, selectors: &str) -> bool {
    let element = event.target().and_then(|it| it.dyn_into::<Element>().ok());
    element.is_some_and(|it| it.closest(selectors).is_ok_and(|found| found.is_some()))
}

/// Selects all of a field's text, so that typing replaces it.
pub(crate) fn select_all(event: FocusEvent) {
    if let Some(input) = event.target().and_then(|it| it.dyn_into::<HtmlInputElement>().ok()) {
        input.select();
    }
}
