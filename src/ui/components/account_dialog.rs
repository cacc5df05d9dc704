//! Who is signed in: sign in, create an account, sign out.

use leptos::prelude::*;

use super::dialog::Dialog;
use super::sign_in_form::SignInForm;
use super::sign_out::SignOut;
use crate::store::slices::session::Session;
use crate::ui::context::{Panel, use_ui};
use crate::ui::text;

/// Which of its faces the dialog shows.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Face {
    Guest,
    Expired,
    SignedIn,
    /// The hosting page signed us in; it also signs out.
    Hosted,
}

fn face(session: &Session) -> Face {
    match session.account() {
        None => Face::Guest,
        Some(account) if account.hosted => Face::Hosted,
        Some(account) if account.expired => Face::Expired,
        Some(_) => Face::SignedIn,
    }
}

/// The dialog.
#[component]
pub(super) fn AccountDialog() -> AnyView {
    let ui = use_ui();
    let face = Memo::new(move |_| ui.mirror.session.with(face));
    let content = move || match face.get() {
        Face::Guest => view! {
            <p class="dialog__lead">{text::GUEST} " " {text::GUEST_MORE}</p>
            <SignInForm />
        }
        .into_any(),
        Face::Expired => view! {
            <p class="dialog__lead">{text::EXPIRED}</p>
            <SignInForm />
            <div class="dialog__section">
                <SignOut />
            </div>
        }
        .into_any(),
        Face::SignedIn => view! {
            <Who />
            <p class="dialog__lead">{text::SIGNED_IN}</p>
            <SignOut />
        }
        .into_any(),
        Face::Hosted => view! {
            <Who />
            <p class="dialog__lead">{text::HOSTED}</p>
        }
        .into_any(),
    };
    view! {
        <Dialog panel=Panel::Account id="account-dialog" title=text::ACCOUNT>
            {content}
        </Dialog>
    }
    .into_any()
}

/// The account's email address with its first letter as a mark.
#[component]
fn Who() -> AnyView {
    let ui = use_ui();
    let email = move || {
        let email = ui.mirror.session.with(|it| it.account().map(|it| it.email.clone()));
        email.unwrap_or_default()
    };
    let letter = move || email().chars().next().map(String::from).unwrap_or_default();
    view! {
        <div class="who">
            <span class="who__mark" aria-hidden="true">
                {letter}
            </span>
            <span class="who__email">{email}</span>
        </div>
    }
    .into_any()
}
