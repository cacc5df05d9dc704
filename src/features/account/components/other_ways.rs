//! What can be done without the password: sign in with a provider, or ask for another password.

use leptos::html;
use leptos::prelude::*;

use super::request::Requests;
use crate::browser::account_api::{self, Registration, SignInOptions};
use crate::ui::dom;
use crate::ui::texts;

/// The ways, below the form that has this field for the email.
#[component]
pub(super) fn OtherWays(options: SignInOptions, email: NodeRef<html::Input>) -> AnyView {
    let SignInOptions { registration, provider, password_reset } = options;
    let provider = provider.map(|name| {
        view! {
            <a class="btn btn--plain" href=account_api::provider_url() dir="auto">
                {texts::sign_in_with(&name)}
            </a>
        }
        .into_any()
    });
    let lead = why_no_account(registration)
        .map(|text| view! { <p class="dialog__lead">{text}</p> }.into_any());
    view! {
        {provider}
        {password_reset.then(|| view! { <PasswordReset email/> })}
        {lead}
    }
    .into_any()
}

/// Asks for a mail with a link, and says what came of it.
#[component]
fn PasswordReset(email: NodeRef<html::Input>) -> AnyView {
    let requests = Requests::new();
    let ask = move |_| {
        let Some(field) = email.get_untracked() else { return };
        let email = field.value().trim().to_owned();
        if email.is_empty() {
            dom::focus_on(&field);
            return requests.reject(texts::NEEDS_EMAIL);
        }
        requests.start(Box::pin(async move {
            account_api::request_password_reset(&email).await?;
            Ok(texts::PASSWORD_RESET_SENT.to_owned())
        }));
    };
    view! {
        <button type="button" class="btn btn--quiet" aria-disabled=move || requests.busy()
            on:click=ask>
            {texts::PASSWORD_FORGOTTEN}
        </button>
        {requests.view()}
    }
    .into_any()
}

/// Why no account can be created here.
const fn why_no_account(registration: Registration) -> Option<&'static str> {
    match registration {
        Registration::Open => None,
        Registration::Invite => Some(texts::INVITATION_ONLY),
        Registration::Closed => Some(texts::REGISTRATION_CLOSED),
    }
}
