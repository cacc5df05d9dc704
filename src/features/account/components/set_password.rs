//! The form that sets the password with a link that the operator gave to the user.

use leptos::ev::SubmitEvent;
use leptos::html::Input;
use leptos::prelude::*;

use super::request::Requests;
use super::required::first_missing;
use crate::browser::account_api;
use crate::effects::Secret;
use crate::ui::dom;
use crate::ui::texts;
use crate::ui::widgets::Labelled;

/// The form. It takes the focus when it is mounted. `on_set` is called when the link is used up.
#[component]
pub(super) fn SetPassword(link: Secret, #[prop(into)] on_set: Callback<()>) -> AnyView {
    let requests = Requests::new();
    let new = NodeRef::<Input>::new();
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        let Some(new) = new.get_untracked() else { return };
        if let Some(text) = first_missing(&[(&new, texts::NEEDS_PASSWORD_NEW)]) {
            return requests.reject(text);
        }
        let link = link.clone();
        requests.start(Box::pin(async move {
            account_api::set_password(&link, &Secret(new.value())).await?;
            on_set.run(());
            Ok(String::new())
        }));
    };
    view! {
        <form class="form" novalidate on:submit=submit>
            <p class="dialog__lead">{texts::SET_PASSWORD_LEAD}</p>
            <Labelled label=texts::PASSWORD_NEW>
                <input class="boxed" type="password" autocomplete="new-password"
                    aria-describedby="set-password-rule" node_ref=new use:focus/>
            </Labelled>
            <p class="card__text" id="set-password-rule">{texts::PASSWORD_RULE}</p>
            {requests.view()}
            <div class="buttons">
                <button type="submit" class="btn btn--primary"
                    aria-disabled=move || requests.busy()>
                    {texts::SET_PASSWORD}
                </button>
            </div>
        </form>
    }
    .into_any()
}

fn focus(element: web_sys::Element) {
    dom::focus_on_mount(element);
}
