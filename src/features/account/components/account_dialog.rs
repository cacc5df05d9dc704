//! The account dialog: sign in, create an account, sign out.

use leptos::prelude::*;
use wizitime_protocol::route::Route;

use super::sign_in_form::SignInForm;
use super::sign_out::SignOut;
use crate::store::slices::session::Session;
use crate::ui::context::use_ui;
use crate::ui::route::href;
use crate::ui::store::use_session;
use crate::ui::texts;
use crate::ui::widgets::{Dialog, ShowIf};

/// What the dialog shows.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Screen {
    Guest,
    Expired,
    SignedIn,
    /// The hosting page signed the user in; it also signs out.
    Hosted,
}

fn screen(session: &Session) -> Screen {
    match session.account() {
        None => Screen::Guest,
        Some(account) if account.hosted => Screen::Hosted,
        Some(account) if account.expired => Screen::Expired,
        Some(_) => Screen::SignedIn,
    }
}

/// The dialog.
#[component]
pub(crate) fn AccountDialog() -> AnyView {
    let dialog = use_ui().dialog;
    let is = |wanted| use_session(screen) == wanted;
    view! {
        <Dialog title=texts::ACCOUNT on_close=move |()| dialog.set(None)>
            <ShowIf when=move || is(Screen::Guest)>
                <div class="form">
                    <p class="dialog__lead">{texts::GUEST}" "{texts::GUEST_MORE}</p>
                    <SignInForm/>
                </div>
            </ShowIf>
            <ShowIf when=move || is(Screen::Expired)>
                <div class="form">
                    <p class="dialog__lead">{texts::EXPIRED}</p>
                    <SignInForm/>
                    <div class="dialog__section"><SignOut/></div>
                </div>
            </ShowIf>
            <ShowIf when=move || is(Screen::SignedIn)>
                <div class="form">
                    <Identity/>
                    <p class="dialog__lead">{texts::SIGNED_IN}</p>
                    <p><a class="link" href=href(Route::Account)>{texts::MANAGE}</a></p>
                    <SignOut/>
                </div>
            </ShowIf>
            <ShowIf when=move || is(Screen::Hosted)>
                <div class="form">
                    <Identity/>
                    <p class="dialog__lead">{texts::HOSTED}</p>
                </div>
            </ShowIf>
        </Dialog>
    }
    .into_any()
}

/// The account's email address, with its first letter as an avatar.
#[component]
fn Identity() -> AnyView {
    let email = || use_session(|it| it.account().map(|it| it.email.clone())).unwrap_or_default();
    let letter = move || email().chars().next().map(String::from).unwrap_or_default();
    view! {
        <div class="identity">
            <span class="identity__avatar" aria-hidden="true">{move || letter()}</span>
            <span class="identity__email">{move || email()}</span>
        </div>
    }
    .into_any()
}
