//! The form that deletes the account. It takes the password and a tick.

use leptos::ev::SubmitEvent;
use leptos::html::Input;
use leptos::prelude::*;

use super::request::Requests;
use super::required::first_missing;
use crate::browser::account_api;
use crate::effects::Secret;
use crate::ui::texts;
use crate::ui::widgets::Labelled;

/// The card. `ended` receives the sentence that remains when the account is deleted.
#[component]
pub(super) fn Deletion(ended: RwSignal<Option<&'static str>>) -> AnyView {
    let requests = Requests::new();
    let (password, sure) = (NodeRef::<Input>::new(), NodeRef::<Input>::new());
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        let (Some(password), Some(sure)) = (password.get_untracked(), sure.get_untracked()) else {
            return;
        };
        let fields = [(&password, texts::NEEDS_PASSWORD), (&sure, texts::NEEDS_SURE)];
        if let Some(text) = first_missing(&fields) {
            return requests.reject(text);
        }
        requests.start(Box::pin(async move {
            account_api::delete_account(&Secret(password.value())).await?;
            ended.set(Some(texts::ACCOUNT_DELETED));
            Ok(String::new())
        }));
    };
    view! {
        <form class="card" aria-labelledby="deletion-title" novalidate on:submit=submit>
            <h2 class="card__title" id="deletion-title">{texts::DELETION_TITLE}</h2>
            <p class="card__text">{texts::DELETION_LEAD}</p>
            <Labelled label=texts::PASSWORD>
                <input class="boxed" type="password" autocomplete="current-password"
                    node_ref=password/>
            </Labelled>
            <label class="tick"><input type="checkbox" node_ref=sure/>{texts::DELETION_SURE}</label>
            {requests.view()}
            <div class="buttons">
                <button type="submit" class="btn btn--danger" aria-disabled=move || requests.busy()>
                    {texts::DELETE_ACCOUNT}
                </button>
            </div>
        </form>
    }
    .into_any()
}
