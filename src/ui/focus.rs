//! The focus, when what has it is moved, built again or taken off the page.
//!
//! A field that is built again passes focus and caret on to the field with the same id; only a user
//! who leaves a field submits it. When nothing takes the focus over, it goes to where it was before
//! the dialog that closed, or else to the heading of the page. What is typed then does nothing
//! until the user moves on: it was meant for what is gone.

use std::cell::{Cell, RefCell};

use leptos::prelude::{document, request_animation_frame};
use wasm_bindgen::JsCast as _;
use wasm_bindgen::prelude::Closure;
use web_sys::{Element, Event, FocusEvent, FocusOptions, HtmlElement, HtmlInputElement};
use wizitime_domain::EntryId;

use super::dom::{after_mount, focus_on};
use super::texts;
use crate::features::drafts::DraftPlace;

thread_local! {
    /// The field with an id that the user is in; also once it is off the page.
    static FIELD: RefCell<Option<HtmlInputElement>> = const { RefCell::new(None) };
    static MOVING: Cell<bool> = const { Cell::new(false) };
    /// What had the focus last outside of dialogs.
    static PLACE: RefCell<Option<HtmlElement>> = const { RefCell::new(None) };
    /// The element with the focus was gone, and the user has not moved on since.
    static WAS_LOST: Cell<bool> = const { Cell::new(false) };
}

/// Follows the focus as long as the page lives.
pub(crate) fn listen() {
    on_document("focusin", |event| {
        WAS_LOST.set(false);
        let element = event.target().and_then(|it| it.dyn_into::<HtmlElement>().ok());
        let field = element.clone().and_then(|it| it.dyn_into::<HtmlInputElement>().ok());
        FIELD.set(field.filter(|it| !it.id().is_empty()));
        if element.as_ref().is_some_and(|it| it.closest("dialog").is_ok_and(|it| it.is_none())) {
            PLACE.set(element);
        }
    });
    on_document("pointerdown", |_| WAS_LOST.set(false));
    on_document("focusout", |event| {
        let element = event.target().and_then(|it| it.dyn_into::<Element>().ok());
        let to = event.dyn_ref::<FocusEvent>().and_then(FocusEvent::related_target);
        if let Some(element) = element.filter(|_| to.is_none()) {
            request_animation_frame(move || {
                if !element.is_connected() {
                    settle_now(None);
                }
            });
        }
    });
}

fn on_document(name: &str, handle: fn(Event)) {
    let handle = Closure::<dyn Fn(Event)>::new(handle);
    let listener = handle.as_ref().unchecked_ref();
    let added = document().add_event_listener_with_callback(name, listener);
    debug_assert!(added.is_ok(), "{name} is the name of an event");
    handle.forget();
}

/// Gives the focus a place with the next frame, if nothing has it then.
pub(crate) fn settle() {
    request_animation_frame(|| settle_now(None));
}

/// Gives the focus to the row of an entry, at the button that deletes it, if nothing has it with
/// the next frame.
pub(crate) fn settle_on_row(entry_id: EntryId) {
    request_animation_frame(move || {
        let field = DraftPlace::of_entry(entry_id, "description").to_string();
        let row = document().get_element_by_id(&field).and_then(|it| it.closest("article").ok()?);
        let label = format!("[aria-label={:?}]", texts::DELETE);
        settle_now(row.and_then(|it| it.query_selector(&label).ok()?));
    });
}

fn settle_now(first: Option<Element>) {
    if !is_free() {
        return;
    }
    let find = |selector| document().query_selector(selector).ok().flatten();
    let place = PLACE.with_borrow(|it| it.clone().filter(|it| it.is_connected()));
    let known = find("dialog[open] button").or(first).or_else(|| place.map(Element::from));
    let is_lost = known.is_none();
    let Some(element) = known.or_else(|| find("h1")) else { return };
    // A field that may be built again keeps its claim to the focus.
    let field = FIELD.take();
    focus_in_place(&element);
    FIELD.set(field);
    WAS_LOST.set(is_lost);
}

/// Leaves a field or a button for what it is part of, where keys are shortcuts.
pub(crate) fn to_page() {
    let document = document();
    let active = document.active_element();
    let around = active.and_then(|it| it.closest("[tabindex='-1']").ok()?);
    if let Some(element) = around.or_else(|| document.query_selector("h1").ok()?) {
        focus_in_place(&element);
    }
    WAS_LOST.set(false);
}

/// Whether keys may be meant for something that is not on the page any more.
pub(crate) fn was_lost() -> bool {
    WAS_LOST.get()
}

/// Moves the focus and scrolls nothing.
fn focus_in_place(element: &Element) {
    let options = FocusOptions::new();
    options.set_prevent_scroll(true);
    if let Some(element) = element.dyn_ref::<HtmlElement>()
        && let Err(error) = element.focus_with_options(&options)
    {
        debug_assert!(false, "{error:?}");
    }
}

/// Whether no element has the focus.
fn is_free() -> bool {
    document().active_element().is_none_or(|it| it.tag_name() == "BODY")
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
    let is_taken = !is_free() && !was_lost();
    let new = document.get_element_by_id(&old.id()).filter(|_| !is_taken);
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
