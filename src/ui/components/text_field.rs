//! A text that is edited in place: taken when the person leaves it or presses Enter, put back by
//! Escape.

use std::rc::Rc;

use leptos::prelude::*;
use web_sys::Event;
use wizitime_domain::DESCRIPTION_CHARS_MAX;

use crate::ui::dom;
use crate::ui::view::{El, Var, el};

/// The field. `take` gets the new text, without the spaces around it.
pub(super) fn text_field(
    label: &'static str,
    placeholder: &'static str,
    shown: impl Fn() -> String + 'static,
    take: impl Fn(String) + 'static,
) -> El {
    let draft = Var::new(None::<String>);
    let shown = Rc::new(shown);
    let value = shown.clone();
    let submit = Rc::new(move || {
        let Some(text) = draft.get_untracked() else { return };
        let text = text.trim();
        if text != untrack(|| shown()) {
            take(text.to_owned());
        }
        draft.set(None);
    });
    let left = submit.clone();
    el("input", "field__input entry__text")
        .attr("type", "text")
        .attr("aria-label", label)
        .attr("placeholder", placeholder)
        .attr("maxlength", &DESCRIPTION_CHARS_MAX.to_string())
        .attr("autocomplete", "off")
        .attr("enterkeyhint", "done")
        .value_fn(move || draft.get().unwrap_or_else(|| value()))
        .on_input(move |text| draft.set(Some(text)))
        .on_key(move |event| match event.key().as_str() {
            // A text that is being composed takes Enter for itself.
            "Enter" if !event.is_composing() => submit(),
            "Escape" => {
                draft.set(None);
                dom::leave(&event);
            }
            _ => (),
        })
        .on("blur", move |_: Event| left())
}
