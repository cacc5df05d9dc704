//! A field whose text is read for what it means: a time, a duration. What cannot be read stays in
//! the field, with the reason in plain words; Escape puts back what was there.

use leptos::ev::KeyboardEvent;
use leptos::prelude::*;

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

/// Reads a text and acts on it.
pub(super) type Take = Callback<Typed, Result<(), Objection>>;

/// The field. `shown` is the value as text; `take` is called when the person leaves the field or
/// presses Enter, and only if the text is another one.
#[component]
pub(super) fn ReadField(
    label: &'static str,
    class: &'static str,
    placeholder: &'static str,
    #[prop(into)] shown: Signal<String>,
    take: Take,
    #[prop(optional)] id: Option<&'static str>,
) -> AnyView {
    let draft = RwSignal::new(None::<String>);
    let objection = RwSignal::new(None::<Objection>);
    let bubble_id = StoredValue::new(dom::fresh_id());

    let restore = move || {
        draft.set(None);
        objection.set(None);
    };
    let submit = move |confirm: bool| {
        // A field that is taken off the page loses the focus when its signals are gone already.
        let Some(Some(text)) = draft.try_get_untracked() else { return };
        if text.trim() == shown.get_untracked() {
            return restore();
        }
        let asked = objection.with_untracked(|it| it.as_ref().is_some_and(|it| it.can_confirm));
        match take.run(Typed { text, confirmed: confirm && asked }) {
            Ok(()) => restore(),
            Err(new) => objection.set(Some(new)),
        }
    };
    let keydown = move |event: KeyboardEvent| match event.key().as_str() {
        "Enter" => {
            submit(true);
            // A form must not be sent with a text that was not taken.
            if objection.with_untracked(Option::is_some) {
                event.prevent_default();
            }
        }
        "Escape" if draft.with_untracked(Option::is_some) => {
            // The dialog or menu around the field stays open.
            event.stop_propagation();
            event.prevent_default();
            restore();
        }
        _ => (),
    };
    Effect::new(move || {
        if objection.with(Option::is_some) {
            bubble_id.with_value(|id| dom::bring_into_view(id));
        }
    });
    let bubble = move || {
        let Objection { message, can_confirm } = objection.get()?;
        let tone = if can_confirm { "ask" } else { "error" };
        Some(view! {
            <span class="field__bubble" id=bubble_id.get_value() role="alert" data-tone=tone>
                {message}
                <Show when=move || can_confirm>
                    <button
                        type="button"
                        class="btn btn--plain"
                        on:mousedown=|event| event.prevent_default()
                        on:click=move |_| submit(true)
                    >
                        {text::ACCEPT}
                    </button>
                </Show>
            </span>
        })
    };
    view! {
        <span class="field">
            <input
                type="text"
                id=id
                class=class
                aria-label=label
                placeholder=placeholder
                autocomplete="off"
                autocapitalize="off"
                spellcheck="false"
                enterkeyhint="done"
                aria-invalid=move || objection.with(Option::is_some).then_some("true")
                aria-describedby=move || objection.with(Option::is_some).then(|| bubble_id.get_value())
                prop:value=move || draft.get().unwrap_or_else(|| shown.get())
                on:focus=|event| dom::select_all(&event)
                on:input=move |event| {
                    draft.set(Some(event_target_value(&event)));
                    objection.set(None);
                }
                on:keydown=keydown
                on:blur=move |_| submit(false)
            />
            {bubble}
        </span>
    }
    .into_any()
}
