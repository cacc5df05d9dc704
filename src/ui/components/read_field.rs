//! A field whose text is read for what it means: a time, a duration. What cannot be read stays in
//! the field, with the reason in plain words; Escape puts back what was there.

use std::rc::Rc;

use leptos::prelude::*;
use web_sys::{Event, FocusEvent, KeyboardEvent, MouseEvent};

use crate::ui::view::{El, Var, button, el, once_placed};
use crate::ui::{dom, text};

/// Why a text was not taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Objection {
    pub message: String,
    /// The person can confirm that it was meant so.
    pub can_confirm: bool,
}

/// A text as it was typed.
pub(super) struct Typed {
    pub text: String,
    /// The person has seen the objection and means it.
    pub confirmed: bool,
}

/// A field: the value as text, and what to do with another text. `take` is called when the person
/// leaves the field or presses Enter.
pub(super) struct ReadField {
    pub label: &'static str,
    pub class: &'static str,
    pub placeholder: &'static str,
    pub shown: Box<dyn Fn() -> String>,
    pub take: Box<dyn Fn(Typed) -> Result<(), Objection>>,
}

/// What happens in a field.
struct Reading {
    field: ReadField,
    draft: Var<Option<String>>,
    objection: Var<Option<Objection>>,
    bubble_id: String,
}

impl Reading {
    fn restore(&self) {
        self.draft.set(None);
        self.objection.set(None);
    }

    fn submit(&self, confirm: bool) {
        let Some(text) = self.draft.get_untracked() else { return };
        if text.trim() == untrack(|| (self.field.shown)()) {
            return self.restore();
        }
        let asked = self.objection.get_untracked().is_some_and(|it| it.can_confirm);
        match (self.field.take)(Typed { text, confirmed: confirm && asked }) {
            Ok(()) => self.restore(),
            Err(objection) => self.objection.set(Some(objection)),
        }
    }

    fn key(&self, event: &KeyboardEvent) {
        match event.key().as_str() {
            "Enter" => {
                self.submit(true);
                // A form must not be sent with a text that was not taken.
                if self.objects() {
                    event.prevent_default();
                }
            }
            "Escape" if self.draft.get_untracked().is_some() => {
                // The dialog or form around the field stays open.
                event.stop_propagation();
                event.prevent_default();
                self.restore();
            }
            _ => (),
        }
    }

    fn objects(&self) -> bool {
        untrack(|| self.objection.with(Option::is_some))
    }

    fn bubble(self: &Rc<Self>) -> Vec<El> {
        let Some(Objection { message, can_confirm }) = self.objection.get() else {
            return Vec::new();
        };
        let tone = if can_confirm { "ask" } else { "error" };
        let id = self.bubble_id.clone();
        once_placed(move || dom::bring_into_view(&id));
        let bubble = el("span", "field__bubble")
            .attr("id", &self.bubble_id)
            .attr("role", "alert")
            .attr("data-tone", tone)
            .text(&message);
        let accept = can_confirm.then(|| {
            let it = self.clone();
            button("btn btn--plain", move || it.submit(true))
                // The field keeps the focus, and with it the text.
                .on("mousedown", |event: MouseEvent| event.prevent_default())
                .text(text::ACCEPT)
        });
        vec![bubble.children(accept)]
    }
}

/// The field on the page.
pub(super) fn read_field(field: ReadField) -> El {
    let (label, class, placeholder) = (field.label, field.class, field.placeholder);
    let it = Rc::new(Reading {
        field,
        draft: Var::new(None),
        objection: Var::new(None),
        bubble_id: dom::fresh_id(),
    });
    let objects = {
        let objection = it.objection;
        move || objection.with(Option::is_some)
    };
    let (value, typed, key, left, bubble) =
        (it.clone(), it.clone(), it.clone(), it.clone(), it.clone());
    let input = el("input", class)
        .attr("type", "text")
        .attr("aria-label", label)
        .attr("placeholder", placeholder)
        .attr("autocomplete", "off")
        .attr("autocapitalize", "off")
        .attr("spellcheck", "false")
        .attr("enterkeyhint", "done")
        .attr_opt("aria-invalid", move || objects().then_some("true"))
        .attr_opt("aria-describedby", move || objects().then(|| it.bubble_id.clone()))
        .value_fn(move || value.draft.get().unwrap_or_else(|| (value.field.shown)()))
        .on("focus", |event: FocusEvent| dom::select_all(&event))
        .on_input(move |text| {
            typed.draft.set(Some(text));
            typed.objection.set(None);
        })
        .on_key(move |event| key.key(&event))
        .on("blur", move |_: Event| left.submit(false));
    el("span", "field").child(input).rebuilt(move || bubble.bubble())
}
