//! A text that is edited in place: submitted when the field is left or on Enter, restored by
//! Escape.

use leptos::prelude::*;
use wizitime_domain::DESCRIPTION_CHARS_MAX;

use super::Derived;
use crate::ui::dom;

/// The field. `on_submit` gets the new text, trimmed, if it differs from `value`.
#[component]
pub(crate) fn TextField(
    label: &'static str,
    placeholder: &'static str,
    #[prop(into)] value: Derived<String>,
    #[prop(into)] on_submit: Callback<String>,
) -> AnyView {
    let draft = RwSignal::new(None::<String>);
    let submit = move || {
        let Some(text) = draft.get_untracked() else { return };
        let text = text.trim();
        if text != value.get_untracked() {
            on_submit.run(text.to_owned());
        }
        draft.set(None);
    };
    view! {
        <input class="field__input entry__text" type="text" aria-label=label
            placeholder=placeholder maxlength=DESCRIPTION_CHARS_MAX.to_string()
            autocomplete="off" enterkeyhint="done"
            prop:value=move || draft.get().unwrap_or_else(|| value.get())
            on:input=move |event| draft.set(Some(event_target_value(&event)))
            on:keydown=move |event| match event.key().as_str() {
                // A text that is being composed takes Enter for itself.
                "Enter" if !event.is_composing() => submit(),
                "Escape" => {
                    draft.set(None);
                    dom::blur_target(&event);
                }
                _ => (),
            }
            on:blur=move |_| submit()
        />
    }
    .into_any()
}
