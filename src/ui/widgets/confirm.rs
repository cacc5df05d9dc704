//! A question before something is discarded. The safe answer comes first and has the focus, so
//! that neither a second click nor a hasty Enter confirms.

use leptos::prelude::*;

use crate::ui::dom::focus_on_mount;

/// The question and its two answers.
#[component]
pub(crate) fn Confirm(
    question: String,
    yes: &'static str,
    #[prop(into)] on_yes: Callback<()>,
    no: &'static str,
    #[prop(into)] on_no: Callback<()>,
) -> AnyView {
    view! {
        <p class="problem__event" role="alert">{question}</p>
        <div class="buttons">
            <button type="button" class="btn btn--plain" use:focus_on_mount
                on:click=move |_| on_no.run(())>{no}</button>
            <button type="button" class="btn btn--danger" on:click=move |_| on_yes.run(())>
                {yes}
            </button>
        </div>
    }
    .into_any()
}
