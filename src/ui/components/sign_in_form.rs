//! The form to sign in or to create an account.

use leptos::ev;
use leptos::prelude::*;

use crate::browser;
use crate::dispatchers::{Intent, Secret};
use crate::ui::context::use_ui;
use crate::ui::{dom, text};

const EMAIL_ID: &str = "email";
const PASSWORD_ID: &str = "password";

/// The form.
#[component]
pub(super) fn SignInForm() -> AnyView {
    let ui = use_ui();
    let session = ui.mirror.session;
    let known = session.with_untracked(|it| it.account().map(|it| it.email.clone()));
    let email = RwSignal::new(known.unwrap_or_default());
    let password = RwSignal::new(String::new());
    // What is missing before the server can be asked.
    let missing = RwSignal::new(None::<&'static str>);
    let busy = move || session.with(|it| it.signing_in);
    let first_id = if email.with_untracked(String::is_empty) { EMAIL_ID } else { PASSWORD_ID };
    Effect::new(move || dom::focus(first_id));

    let ask = move |intent: fn(String, Secret) -> Intent| {
        let (email, password) = (email.get_untracked(), password.get_untracked());
        let email = email.trim().to_owned();
        if email.is_empty() {
            missing.set(Some(text::NEEDS_EMAIL));
            dom::focus(EMAIL_ID);
        } else if password.is_empty() {
            missing.set(Some(text::NEEDS_PASSWORD));
            dom::focus(PASSWORD_ID);
        } else {
            missing.set(None);
            browser::dispatch(intent(email, Secret(password)));
        }
    };
    let sign_in = move |event: ev::SubmitEvent| {
        event.prevent_default();
        if !session.with_untracked(|it| it.signing_in) {
            ask(|email, password| Intent::SignIn { email, password });
        }
    };
    let sign_up = move |_| ask(|email, password| Intent::SignUp { email, password });
    let error = move || {
        let refused = session.with(|it| it.error.clone()).filter(|_| !busy());
        let error = missing.get().map(str::to_owned).or(refused);
        error.map(|it| view! { <p class="form__error" role="alert">{it}</p> })
    };
    let sign_in_words = move || if busy() { text::SIGNING_IN } else { text::SIGN_IN };
    view! {
        <form class="form" novalidate=true on:submit=sign_in>
            <label class="labelled">
                {text::EMAIL}
                <input
                    type="email"
                    id=EMAIL_ID
                    class="boxed"
                    autocomplete="username"
                    prop:value=move || email.get()
                    on:input=move |event| email.set(event_target_value(&event))
                />
            </label>
            <label class="labelled">
                {text::PASSWORD}
                <input
                    type="password"
                    id=PASSWORD_ID
                    class="boxed"
                    autocomplete="current-password"
                    prop:value=move || password.get()
                    on:input=move |event| password.set(event_target_value(&event))
                />
            </label>
            {error}
            <div class="buttons">
                <button type="submit" class="btn btn--primary" aria-disabled=move || {
                    if busy() { "true" } else { "false" }
                }>
                    {sign_in_words}
                </button>
                <button
                    type="button"
                    class="btn btn--plain"
                    disabled=busy
                    on:click=sign_up
                >
                    {text::CREATE_ACCOUNT}
                </button>
            </div>
        </form>
    }
    .into_any()
}
