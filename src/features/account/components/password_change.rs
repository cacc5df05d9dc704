//! The form that changes the password.

use leptos::ev::SubmitEvent;
use leptos::html::Input;
use leptos::prelude::*;

use super::request::Requests;
use super::required::first_missing;
use crate::browser::account_api;
use crate::effects::Secret;
use crate::ui::texts;
use crate::ui::widgets::Labelled;

/// The card. Password managers store the new password under `email`.
#[component]
pub(super) fn PasswordChange(email: String) -> AnyView {
    let requests = Requests::new();
    let (current, new) = (NodeRef::<Input>::new(), NodeRef::<Input>::new());
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        let (Some(current), Some(new)) = (current.get_untracked(), new.get_untracked()) else {
            return;
        };
        let fields = [(&current, texts::NEEDS_PASSWORD_NOW), (&new, texts::NEEDS_PASSWORD_NEW)];
        if let Some(text) = first_missing(&fields) {
            return requests.reject(text);
        }
        requests.start(Box::pin(async move {
            account_api::change_password(&Secret(current.value()), &Secret(new.value())).await?;
            current.set_value("");
            new.set_value("");
            Ok(texts::PASSWORD_CHANGED.to_owned())
        }));
    };
    view! {
        <form class="card" aria-labelledby="password-title" novalidate on:submit=submit>
            <h2 class="card__title" id="password-title">{texts::PASSWORD_TITLE}</h2>
            <p class="card__text">{texts::PASSWORD_LEAD}</p>
            <input type="text" autocomplete="username" value=email hidden/>
            <Labelled label=texts::PASSWORD_NOW>
                <input class="boxed" type="password" autocomplete="current-password"
                    node_ref=current/>
            </Labelled>
            <Labelled label=texts::PASSWORD_NEW>
                <input class="boxed" type="password" autocomplete="new-password"
                    aria-describedby="password-rule" node_ref=new/>
            </Labelled>
            <p class="card__text" id="password-rule">{texts::PASSWORD_RULE}</p>
            {requests.view()}
            <div class="buttons">
                <button type="submit" class="btn btn--plain" aria-disabled=move || requests.busy()>
                    {texts::CHANGE_PASSWORD}
                </button>
            </div>
        </form>
    }
    .into_any()
}
