//! The focus of a field whose element is moved or built again: the field with the same id takes it
//! over, with the caret. Only a user who leaves a field submits it.

use std::cell::{Cell, RefCell};

use leptos::prelude::document;
use wasm_bindgen::JsCast as _;
use wasm_bindgen::prelude::Closure;
use web_sys::{Element, Event, FocusEvent, HtmlElement, HtmlInputElement};

use super::dom::{after_mount, focus_on};

thread_local! {
    /// The field with an id that the user is in; also once it is off the page.
    static FIELD: RefCell<Option<HtmlInputElement>> = const { RefCell::new(None) };
    static MOVING: Cell<bool> = const { Cell::new(false) };
}

/// Follows the focus as long as the page lives.
pub(crate) fn listen() {
    let follow = Closure::<dyn Fn(Event)>::new(|event: Event| {
        let field = event.target().and_then(|it| it.dyn_into::<HtmlInputElement>().ok());
        FIELD.set(field.filter(|it| !it.id().is_empty()));
    });
    let listener = follow.as_ref().unchecked_ref();
    let added = document().add_event_listener_with_callback("focusin", listener);
    debug_assert!(added.is_ok(), "focusin is the name of an event");
    follow.forget();
}

/// Runs `left` unless the field lost the focus only because it was moved or taken off the page.
pub(crate) fn on_leave(event: &FocusEvent, left: Box<dyn FnOnce()>) {
    if event.related_target().is_some() {
        // The user is in another field, which may change the same form next.
        return left();
    }
    let Some(field) = event.target().and_then(|it| it.dyn_into::<Element>().ok()) else { return };
    after_mount(move || {
        if !field.is_connected() {
            hand_over();
        } else if !is_active(&field) || !document().has_focus().unwrap_or(true) {
            let is_left = |it: &mut HtmlInputElement| {
                let it: &Element = it;
                *it == field
            };
            FIELD.with_borrow_mut(|it| drop(it.take_if(is_left)));
            left();
        }
    });
}

/// Runs `change`, which moves and builds rows, and gives the focus back to the element that had
/// it, or to the one that takes its place.
pub(crate) fn keep(change: impl FnOnce()) {
    let before = document().active_element().and_then(|it| it.dyn_into::<HtmlElement>().ok());
    let caret = before.as_ref().and_then(|it| caret_of(it.dyn_ref()?));
    MOVING.set(true);
    change();
    MOVING.set(false);
    match before.filter(|it| it.is_connected()) {
        Some(before) if !is_active(&before) => {
            focus_on(&before);
            set_caret(before.unchecked_ref(), caret);
        }
        Some(_) | None => rows_built(),
    }
}

/// Rows were built, one of which may take over the focus once it is on the page.
pub(crate) fn rows_built() {
    if FIELD.with_borrow(Option::is_some) {
        after_mount(hand_over);
    }
}

/// Whether elements are being moved, so that the focus is about to come back.
pub(crate) fn is_moving() -> bool {
    MOVING.get()
}

fn is_active(element: &Element) -> bool {
    document().active_element().as_ref() == Some(element)
}

/// Passes the focus on if the field that had it is off the page, and nothing else has it.
fn hand_over() {
    let Some(old) = FIELD.with_borrow(|it| it.clone().filter(|it| !it.is_connected())) else {
        return;
    };
    let document = document();
    let is_free = document.active_element().is_none_or(|it| it.tag_name() == "BODY");
    let new = document.get_element_by_id(&old.id()).filter(|_| is_free);
    if let Some(new) = new.and_then(|it| it.dyn_into::<HtmlInputElement>().ok()) {
        focus_on(&new);
        // It gets its text later; a caret in an empty field would then be behind that text.
        new.set_value(&old.value());
        set_caret(&new, caret_of(&old));
    }
}

type Caret = Option<(u32, u32)>;

fn caret_of(input: &HtmlInputElement) -> Caret {
    Some((input.selection_start().ok()??, input.selection_end().ok()??))
}

fn set_caret(input: &HtmlInputElement, caret: Caret) {
    if let Some((start, end)) = caret
        && let Err(error) = input.set_selection_range(start, end)
    {
        debug_assert!(false, "{error:?}");
    }
}
