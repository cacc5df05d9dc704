//! A text that is edited in place: taken when the person leaves it or presses Enter, put back by
//! Escape.

use leptos::ev::KeyboardEvent;
use leptos::prelude::*;
use wasm_bindgen::JsCast as _;
use web_sys::HtmlElement;
use wizitime_domain::DESCRIPTION_CHARS_MAX;

/// The field. `take` gets the new text, without the spaces around it.
#[component]
pub(super) fn TextField(
    label: &'static str,
    class: &'static str,
    placeholder: &'static str,
    #[prop(into)] shown: Signal<String>,
    take: Callback<String>,
) -> AnyView {
    let draft = RwSignal::new(None::<String>);
    let submit = move || {
        // A field that is taken off the page loses the focus when its signals are gone already.
        let Some(Some(text)) = draft.try_get_untracked() else { return };
        let text = text.trim();
        if text != shown.get_untracked() {
            take.run(text.to_owned());
        }
        draft.set(None);
    };
    let keydown = move |event: KeyboardEvent| match event.key().as_str() {
        // A text that is being composed takes Enter for itself.
        "Enter" if !event.is_composing() => submit(),
        "Escape" => {
            draft.set(None);
            let field = event.target().and_then(|it| it.dyn_into::<HtmlElement>().ok());
            if let Some(Err(error)) = field.map(|it| it.blur()) {
                debug_assert!(false, "{error:?}");
            }
        }
        _ => (),
    };
    view! {
        <input
            type="text"
            class=class
            aria-label=label
            placeholder=placeholder
            maxlength=DESCRIPTION_CHARS_MAX
            autocomplete="off"
            enterkeyhint="done"
            prop:value=move || draft.get().unwrap_or_else(|| shown.get())
            on:input=move |event| draft.set(Some(event_target_value(&event)))
            on:keydown=keydown
            on:blur=move |_| submit()
        />
    }
    .into_any()
}
