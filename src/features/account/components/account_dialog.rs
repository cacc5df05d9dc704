//! The account dialog: sign in, create an account, sign out.

use leptos::prelude::*;
use wizitime_protocol::route::Route;

use super::set_password::SetPassword;
use super::sign_in_form::SignInForm;
use super::sign_out::SignOut;
use crate::browser::account_link::AccountLink;
use crate::browser::{self, sign_in_api};
use crate::effects::Secret;
use crate::effects::SignInAccount;
use crate::features::{AccountIntent, Intent};
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
    let ui = use_ui();
    let link = ui.account_link;
    on_cleanup(move || link.set(None));
    let is_set = RwSignal::new(false);
    let content = move || match link.get() {
        Some(AccountLink::SetPassword(token)) => {
            let on_set = move |()| {
                // The user may have closed the dialog meanwhile.
                if is_set.try_set(true).is_none() {
                    link.set(None);
                }
            };
            view! { <SetPassword link=token on_set/> }.into_any()
        }
        Some(AccountLink::Invitation(token)) => session_view(Some(token), is_set),
        Some(AccountLink::ProviderError(reason)) => view! {
            <p class="form__error" role="alert">{texts::provider_error(&reason)}</p>
            {session_view(None, is_set)}
        }
        .into_any(),
        Some(AccountLink::ProviderCode(code)) => {
            finish_sign_in(code);
            session_view(None, is_set)
        }
        None => session_view(None, is_set),
    };
    Effect::new(move |before: Option<Screen>| {
        let now = use_session(screen);
        if now == Screen::SignedIn && before.is_some_and(|before| before != now) {
            is_set.set(false);
            // Signing up has used the invitation up.
            if before == Some(Screen::Guest) {
                link.set(None);
            }
        }
        now
    });
    view! {
        <Dialog title=texts::ACCOUNT on_close=move |()| ui.dialog.set(None)>
            <p class="dialog__lead" role="status" hidden=move || !is_set.get()>
                {move || if is_set.get() { texts::PASSWORD_SET } else { "" }.to_owned()}
            </p>
            {content}
        </Dialog>
    }
    .into_any()
}

/// Ends the sign-in with a provider, unless the user is signed in already.
fn finish_sign_in(code: Secret) {
    sign_in_api::connect();
    Effect::new(move || {
        if matches!(untrack(|| use_session(screen)), Screen::Guest | Screen::Expired) {
            let account = SignInAccount::Provider { code: code.clone() };
            browser::dispatch(Intent::Account(AccountIntent::SignIn(account)));
        }
    });
}

/// What can be done in the current session, and with an invitation.
fn session_view(invitation: Option<Secret>, is_password_set: RwSignal<bool>) -> AnyView {
    let is = |wanted| use_session(screen) == wanted;
    let is_invited = invitation.is_some();
    let lead = if is_invited { texts::INVITED } else { texts::GUEST };
    let more = if is_invited { "" } else { texts::GUEST_MORE };
    view! {
        <ShowIf when=move || is(Screen::Guest)>
            <div class="form">
                <p class="dialog__lead" hidden=move || is_password_set.get()>{lead}" "{more}</p>
                <SignInForm invitation=invitation.clone()/>
            </div>
        </ShowIf>
        <ShowIf when=move || is(Screen::Expired)>
            <div class="form">
                <p class="dialog__lead">{texts::EXPIRED}</p>
                <SignInForm invitation=None/>
                <div class="dialog__section"><SignOut/></div>
            </div>
        </ShowIf>
        <ShowIf when=move || is(Screen::SignedIn)>
            <div class="form">
                <Identity/>
                <p class="dialog__lead">
                    {if is_invited { texts::INVITED_SIGNED_IN } else { texts::SIGNED_IN }}
                </p>
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
