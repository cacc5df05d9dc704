//! A question before something is gone for good. The way back comes first and has the focus, so
//! that neither a second click nor a hasty Enter says yes.

use leptos::prelude::*;

use crate::ui::dom;

/// The question and its two answers.
#[component]
pub(super) fn Confirm(
    #[prop(into)] question: Signal<String>,
    yes: &'static str,
    no: &'static str,
    on_yes: Callback<()>,
    on_no: Callback<()>,
) -> AnyView {
    let back = NodeRef::<leptos::html::Button>::new();
    Effect::new(move || {
        if let Some(back) = back.get() {
            dom::focus_on(&back);
        }
    });
    view! {
        <p role="alert">
            <b>{question}</b>
        </p>
        <div class="buttons">
            <button
                type="button"
                class="btn btn--plain"
                node_ref=back
                on:click=move |_| on_no.run(())
            >
                {no}
            </button>
            <button type="button" class="btn btn--danger" on:click=move |_| on_yes.run(())>
                {yes}
            </button>
        </div>
    }
    .into_any()
}
