//! The offer of a new version: taken when the person wants it, never forced.

use leptos::prelude::*;

use crate::browser;
use crate::dispatchers::Intent;
use crate::ui::context::use_ui;
use crate::ui::text;

/// The bar with the offer.
#[component]
pub(super) fn UpdateOffer() -> AnyView {
    let ui = use_ui();
    let later = RwSignal::new(false);
    let offered = move || ui.mirror.notices.with(|it| it.update_ready) && !later.get();
    view! {
        <Show when=offered>
            <div class="offer" role="alert">
                <span class="offer__text">{text::UPDATE_READY}</span>
                <button
                    type="button"
                    class="btn btn--primary"
                    on:click=|_| browser::dispatch(Intent::ActivateUpdate)
                >
                    {text::RELOAD}
                </button>
                <button type="button" class="btn btn--quiet" on:click=move |_| later.set(true)>
                    {text::LATER}
                </button>
            </div>
        </Show>
    }
    .into_any()
}
