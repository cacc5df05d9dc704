//! A field whose text is parsed: a time, a duration. Invalid text stays in the field, with the
//! reason below it; Escape restores the value.

use leptos::prelude::*;
use web_sys::KeyboardEvent;

use super::Derived;
use super::draft_signal::DraftSignal;
use crate::features::drafts::DraftPlace;
use crate::ui::dom::{self, UniqueId, scroll_into_view_on_mount};
use crate::ui::{focus, texts};

/// Why a text was not accepted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ValidationError {
    pub message: String,
    /// The user can confirm the text as it is.
    pub can_confirm: bool,
}

/// A text that the user submitted by leaving the field or pressing Enter.
pub(crate) struct Submitted {
    pub text: String,
    /// The user has seen the error and confirmed the text.
    pub confirmed: bool,
}

/// The state of one field.
#[derive(Clone, Copy)]
struct ParsedInput {
    value: Derived<String>,
    on_submit: Callback<Submitted, Result<(), ValidationError>>,
    draft: DraftSignal,
    error: RwSignal<Option<ValidationError>>,
    error_id: UniqueId,
}

impl ParsedInput {
    fn edit(self, text: String) {
        self.draft.set(Some(text));
        self.error.set(None);
    }

    fn restore(self) {
        self.draft.set(None);
        self.error.set(None);
    }

    fn submit(self, confirm: bool) {
        let Some(text) = self.draft.get_untracked() else { return };
        if text.trim() == self.value.get_untracked() {
            return self.restore();
        }
        let can_confirm = self.error.get_untracked().is_some_and(|error| error.can_confirm);
        match self.on_submit.run(Submitted { text, confirmed: confirm && can_confirm }) {
            Ok(()) => self.restore(),
            Err(error) => self.error.set(Some(error)),
        }
    }

    fn handle_key(self, event: &KeyboardEvent) {
        if dom::is_composing(event) {
            return;
        }
        match event.key().as_str() {
            "Enter" => {
                self.submit(true);
                // A form must not be submitted with invalid text.
                if self.error.get_untracked().is_some() {
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

    fn error_bubble(self) -> AnyView {
        let Some(ValidationError { message, can_confirm }) = self.error.get() else {
            return ().into_any();
        };
        let accept = move || {
            view! {
                <button type="button" class="btn btn--plain"
                    // The field keeps the focus, and with it the text.
                    on:mousedown=move |event| event.prevent_default()
                    on:click=move |_| self.submit(true)>{texts::ACCEPT}</button>
            }
        };
        view! {
            <span class="field__bubble" id=self.error_id.to_string() role="alert"
                data-tone=if can_confirm { "ask" } else { "error" } use:scroll_into_view_on_mount>
                {message}
                {if can_confirm { accept().into_any() } else { ().into_any() }}
            </span>
        }
        .into_any()
    }
}

/// The field. `on_submit` parses the text and applies the result.
#[component]
pub(crate) fn ParsedField(
    label: &'static str,
    class: &'static str,
    placeholder: &'static str,
    #[prop(into)] value: Derived<String>,
    #[prop(into)] on_submit: Callback<Submitted, Result<(), ValidationError>>,
    /// Where the text is kept until it is submitted.
    #[prop(optional)]
    place: Option<DraftPlace>,
) -> AnyView {
    let draft = DraftSignal::new(place);
    let error = RwSignal::new(None);
    let input = ParsedInput { value, on_submit, draft, error, error_id: UniqueId::new() };
    view! {
        <span class="field">
            <input class=class type="text" id=place.map(|it| it.to_string())
                aria-label=label placeholder=placeholder autocomplete="off"
                autocapitalize="off" spellcheck="false" enterkeyhint="done"
                data-draft=move || draft.mark()
                aria-invalid=move || error.get().map(|_| "true".to_owned())
                aria-describedby=move || error.get().map(|_| input.error_id.to_string())
                prop:value=move || draft.get().unwrap_or_else(|| value.get())
                on:focus=dom::select_all
                on:input=move |event| input.edit(event_target_value(&event))
                on:keydown=move |event| input.handle_key(&event)
                on:blur=move |event| {
                    focus::on_leave(&event, Box::new(move || input.submit(false)));
                }
            />
            {move || input.error_bubble()}
        </span>
    }
    .into_any()
}
