//! The form that signs in or creates an account.

use leptos::html;
use leptos::prelude::*;
use web_sys::HtmlInputElement;

use super::other_ways::OtherWays;
use crate::browser::account_api::{Registration, SignInOptions};
use crate::browser::{self, account_api, sign_in_api};
use crate::effects::Secret;
use crate::effects::SignInAccount;
use crate::features::{AccountIntent, Intent};
use crate::store::SignInError;
use crate::store::slices::session::Session;
use crate::ui::dom;
use crate::ui::store::use_session;
use crate::ui::texts;
use crate::ui::widgets::Labelled;

/// The fields, and what is missing before the server can be asked. The fields are read and not
/// followed, because browsers may fill them in without an event.
#[derive(Clone, Copy)]
struct Form {
    email: NodeRef<html::Input>,
    password: NodeRef<html::Input>,
    /// Only of an account whose sign-in has two steps.
    code: NodeRef<html::Input>,
    needs_code: RwSignal<bool>,
    missing: RwSignal<Option<&'static str>>,
}

impl Form {
    fn submit(self, account: impl FnOnce(String, Secret) -> SignInAccount) {
        let fields = self.email.get_untracked().zip(self.password.get_untracked());
        let Some((email_field, password_field)) = fields else { return };
        let email = email_field.value().trim().to_owned();
        let password = password_field.value();
        let missing: Option<(&'static str, &HtmlInputElement)> = if email.is_empty() {
            Some((texts::NEEDS_EMAIL, &email_field))
        } else if password.is_empty() {
            Some((texts::NEEDS_PASSWORD, &password_field))
        } else {
            None
        };
        self.missing.set(missing.map(|(text, _)| text));
        match missing {
            Some((_, field)) => dom::focus_on(field),
            None if untrack(is_busy) => (),
            None => {
                let account = account(email, Secret(password));
                browser::dispatch(Intent::Account(AccountIntent::SignIn(account)));
            }
        }
    }

    /// The code that was typed.
    fn code(self) -> Option<Secret> {
        let code = self.code.get_untracked()?.value();
        Some(Secret(code)).filter(|it| !it.0.is_empty())
    }

    /// Shows the field for the code once the server asks for it, and moves the focus there.
    fn follow_need_of_code(self) {
        Effect::new(move |before: Option<bool>| {
            let is_needed = use_session(needs_code);
            if is_needed && before == Some(false) {
                self.needs_code.set(true);
                if let Some(field) = self.code.get_untracked() {
                    dom::focus_on(&field);
                }
            }
            is_needed
        });
    }

    fn code_field(self) -> Option<AnyView> {
        let field = move || {
            view! {
                <Labelled label=texts::CODE>
                    // Without an `inputmode`: recovery codes have letters.
                    <input class="boxed" type="text" autocomplete="one-time-code"
                        autocapitalize="characters" spellcheck="false"
                        node_ref=self.code use:focus/>
                </Labelled>
            }
            .into_any()
        };
        self.needs_code.get().then(field)
    }

    fn error(self) -> AnyView {
        let error = || use_session(|it| it.error.as_ref().map(texts::sign_in_error));
        let refused = || error().filter(|_| !is_busy());
        let missing = self.missing.get().map(str::to_owned);
        // That a code is needed is no error, and said only beside its field.
        let is_hint = missing.is_none() && use_session(needs_code);
        let class = if is_hint { "card__text" } else { "form__error" };
        match missing.or_else(refused).filter(|_| !is_hint || self.needs_code.get()) {
            Some(error) => view! { <p class=class role="alert">{error}</p> }.into_any(),
            None => ().into_any(),
        }
    }
}

/// Whether the server asked for a code.
fn needs_code(session: &Session) -> bool {
    session.error == Some(SignInError::CodeNeeded)
}

fn focus(element: web_sys::Element) {
    dom::focus_on_mount(element);
}

/// Whether the server's answer is pending.
fn is_busy() -> bool {
    use_session(|it| it.signing_in)
}

/// The form. It takes the focus when it is mounted. With the token of an invitation it creates an
/// account instead.
#[component]
pub(crate) fn SignInForm(invitation: Option<Secret>) -> AnyView {
    let form = Form {
        email: NodeRef::new(),
        password: NodeRef::new(),
        code: NodeRef::new(),
        needs_code: RwSignal::new(false),
        missing: RwSignal::new(None),
    };
    sign_in_api::connect();
    form.follow_need_of_code();
    let known_email = untrack(|| use_session(|it| it.account().map(|it| it.email.clone())));
    let has_email = known_email.is_some();
    let is_invited = invitation.is_some();
    let sign_in = move || {
        form.submit(|email, password| {
            let code = form.code();
            SignInAccount::Existing { email, password, code }
        });
    };
    let sign_up = move |invitation: Option<Secret>| {
        form.submit(|email, password| SignInAccount::New { email, password, invitation });
    };
    let options = RwSignal::new(None);
    if !is_invited {
        ask_options(options);
    }
    let is_open = move || {
        options.with(|it| {
            it.as_ref().is_some_and(|it: &SignInOptions| it.registration == Registration::Open)
        })
    };
    let button = if is_invited { texts::CREATE_ACCOUNT } else { texts::SIGN_IN };
    let autocomplete = if is_invited { "new-password" } else { "current-password" };
    let focus_first = move |element: web_sys::Element| {
        if (element.get_attribute("type").as_deref() == Some("password")) == has_email {
            dom::focus_on_mount(element);
        }
    };
    view! {
        <form class="form" novalidate on:submit=move |event| {
            event.prevent_default();
            match invitation.clone() {
                Some(invitation) => sign_up(Some(invitation)),
                None => sign_in(),
            }
        }>
            <Labelled label=texts::EMAIL>
                <input class="boxed" type="email" autocomplete="username" node_ref=form.email
                    prop:value=known_email.unwrap_or_default() use:focus_first/>
            </Labelled>
            <Labelled label=texts::PASSWORD>
                <input class="boxed" type="password" autocomplete=autocomplete
                    node_ref=form.password use:focus_first/>
            </Labelled>
            {move || form.code_field()}
            {move || form.error()}
            <div class="buttons">
                <button type="submit" class="btn btn--primary"
                    aria-disabled=move || is_busy().to_string()>
                    {move || if is_busy() { texts::SIGNING_IN } else { button }.to_owned()}
                </button>
                {move || is_open().then(|| create_account(move || sign_up(None)))}
            </div>
            {move || options.get().map(|it| view! { <OtherWays options=it email=form.email/> })}
        </form>
    }
    .into_any()
}

/// What the server offers, once it has answered.
fn ask_options(options: RwSignal<Option<SignInOptions>>) {
    leptos::task::spawn_local(async move {
        let found = account_api::sign_in_options().await;
        // The user may have closed the dialog meanwhile.
        let _: Option<Option<SignInOptions>> = options.try_set(Some(found));
    });
}

/// The button that creates an account without an invitation.
fn create_account(sign_up: impl Fn() + Send + 'static) -> AnyView {
    view! {
        <button type="button" class="btn btn--plain"
            aria-disabled=move || is_busy().to_string() on:click=move |_| sign_up()>
            {texts::CREATE_ACCOUNT}
        </button>
    }
    .into_any()
}
