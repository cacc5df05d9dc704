//! A text that is edited in place: submitted when the field is left or on Enter, restored by
//! Escape. Until then it is the draft of its place.

use leptos::prelude::*;
use wizitime_domain::DESCRIPTION_CHARS_MAX;

use super::Derived;
use super::draft_signal::DraftSignal;
use crate::features::drafts::DraftPlace;
use crate::ui::{dom, focus};

/// The field. `on_submit` gets the new text, trimmed, if it differs from `value`, and returns
/// whether it was accepted.
#[component]
pub(crate) fn TextField(
    label: &'static str,
    placeholder: &'static str,
    place: DraftPlace,
    #[prop(into)] value: Derived<String>,
    #[prop(into)] on_submit: Callback<String, bool>,
) -> AnyView {
    let draft = DraftSignal::new(Some(place));
    let submit = move || {
        let Some(text) = draft.get_untracked() else { return };
        let text = text.trim();
        if text == value.get_untracked() || on_submit.run(text.to_owned()) {
            draft.set(None);
        }
    };
    view! {
        <input class="field__input entry__text" type="text" dir="auto" id=place.to_string()
            aria-label=label placeholder=placeholder maxlength=DESCRIPTION_CHARS_MAX.to_string()
            autocomplete="off" enterkeyhint="done"
            data-draft=move || draft.mark()
            prop:value=move || draft.get().unwrap_or_else(|| value.get())
            on:input=move |event| draft.set(Some(event_target_value(&event)))
            on:keydown=move |event| match event.key().as_str() {
                _ if dom::is_composing(&event) => (),
                "Enter" => submit(),
                // The next Escape leaves the field.
                "Escape" if draft.get_untracked().is_some() => {
                    event.prevent_default();
                    draft.set(None);
                }
                _ => (),
            }
            on:blur=move |event| focus::on_leave(&event, Box::new(submit))
        />
    }
    .into_any()
}
