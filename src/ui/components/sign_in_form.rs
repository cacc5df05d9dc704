//! The form to sign in or to create an account.

use leptos::prelude::*;
use web_sys::{Event, HtmlInputElement};

use super::manual_entry::labelled;
use crate::app::Secret;
use crate::browser;
use crate::features::{AccountIntent, Intent};
use crate::ui::view::{El, Var, button, el, once_placed};
use crate::ui::{dom, mirror, text};

/// The two fields, and what is missing before the server can be asked.
#[derive(Clone)]
struct Form {
    email: HtmlInputElement,
    password: HtmlInputElement,
    missing: Var<Option<&'static str>>,
}

impl Form {
    fn ask(&self, intent: fn(String, Secret) -> Intent) {
        let email = self.email.value().trim().to_owned();
        let password = self.password.value();
        let missing = if email.is_empty() {
            Some((text::NEEDS_EMAIL, &self.email))
        } else if password.is_empty() {
            Some((text::NEEDS_PASSWORD, &self.password))
        } else {
            None
        };
        self.missing.set(missing.map(|(words, _)| words));
        match missing {
            Some((_, field)) => dom::focus_on(field),
            None if untrack(busy) => (),
            None => browser::dispatch(intent(email, Secret(password))),
        }
    }

    fn problem(&self) -> Vec<El> {
        let refused = || mirror::session(|it| it.error.clone()).filter(|_| !busy());
        let problem = self.missing.get().map(str::to_owned).or_else(refused);
        let line = |it: String| el("p", "form__error").attr("role", "alert").text(&it);
        problem.map(line).into_iter().collect()
    }
}

/// An answer from the server is awaited.
fn busy() -> bool {
    mirror::session(|it| it.signing_in)
}

/// The form.
pub(super) fn sign_in_form() -> El {
    let known = untrack(|| mirror::session(|it| it.account().map(|it| it.email.clone())));
    let field = |kind, autocomplete| {
        el("input", "boxed").attr("type", kind).attr("autocomplete", autocomplete)
    };
    let email = field("email", "username");
    let password = field("password", "current-password");
    let form = Form {
        email: email.input().clone(),
        password: password.input().clone(),
        missing: Var::new(None),
    };
    let first = if known.is_some() { &password } else { &email }.element().clone();
    once_placed(move || dom::focus_on(&first));
    form.email.set_value(&known.unwrap_or_default());

    let (sign_in, sign_up) = (form.clone(), form.clone());
    let submit = el("button", "btn btn--primary")
        .attr("type", "submit")
        .state("aria-disabled", busy)
        .text_fn(|| if busy() { text::SIGNING_IN } else { text::SIGN_IN });
    let create = button("btn btn--plain", move || {
        sign_up.ask(|email, password| Intent::Account(AccountIntent::SignUp { email, password }));
    })
    .state("aria-disabled", busy)
    .text(text::CREATE_ACCOUNT);
    el("form", "form")
        .attr("novalidate", "")
        .on("submit", move |event: Event| {
            event.prevent_default();
            sign_in
                .ask(|email, password| Intent::Account(AccountIntent::SignIn { email, password }));
        })
        .child(labelled(text::EMAIL, email))
        .child(labelled(text::PASSWORD, password))
        .rebuilt(move || form.problem())
        .child(el("div", "buttons").child(submit).child(create))
}
