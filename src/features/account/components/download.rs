//! The download of everything that the server stores for the account.

use leptos::prelude::*;

use super::request::Requests;
use crate::browser::account_api;
use crate::ui::texts;

/// The card.
#[component]
pub(super) fn Download() -> AnyView {
    let requests = Requests::new();
    let download = move |_| {
        requests.start(Box::pin(async {
            account_api::export().await?;
            Ok(texts::DOWNLOADED.to_owned())
        }));
    };
    view! {
        <section class="card" aria-labelledby="download-title">
            <h2 class="card__title" id="download-title">{texts::DOWNLOAD_TITLE}</h2>
            <p class="card__text">{texts::DOWNLOAD_LEAD}</p>
            {requests.view()}
            <div class="buttons">
                <button type="button" class="btn btn--plain" aria-disabled=move || requests.busy()
                    on:click=download>{texts::DOWNLOAD}</button>
            </div>
        </section>
    }
    .into_any()
}
