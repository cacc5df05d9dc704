//! The account page: devices, password, two-step sign-in, download, deletion.

use leptos::ev;
use leptos::prelude::*;
use wizitime_protocol::route::{Location, Route};

use super::activity::RecentActivity;
use super::deletion::Deletion;
use super::devices::Devices;
use super::download::Download;
use super::password_change::PasswordChange;
use super::two_step::TwoStepSignIn;
use crate::browser::account_link;
use crate::store::slices::session::Session;
use crate::ui::context::{DialogKind, use_ui};
use crate::ui::online::use_online;
use crate::ui::page_heading::PageHeading;
use crate::ui::route::href;
use crate::ui::store::use_session;
use crate::ui::texts;
use crate::ui::widgets::ShowIf;

/// What the page shows.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Face {
    Guest,
    Expired,
    /// The hosting page manages the account.
    Hosted,
    SignedIn,
}

impl Face {
    fn of(session: &Session) -> Self {
        match session.account() {
            None => Self::Guest,
            Some(account) if account.hosted => Self::Hosted,
            Some(account) if account.expired => Self::Expired,
            Some(_) => Self::SignedIn,
        }
    }
}

/// The page.
#[component]
pub(crate) fn AccountPage() -> AnyView {
    // What ended the session on this page, in a sentence: it stays when the session is gone.
    let ended = RwSignal::new(None::<&'static str>);
    let face = Memo::new(|_| use_session(Face::of));
    follow_links();
    view! {
        <div class="page">
            <PageHeading text=texts::ACCOUNT_TITLE/>
            <p class="card" role="status" hidden=move || ended.get().is_none()>
                {move || ended.get().unwrap_or_default().to_owned()}
            </p>
            {move || match face.get() {
                Face::Guest => sign_in_card(texts::ACCOUNT_GUEST),
                Face::Expired => match ended.get() {
                    Some(_) => ().into_any(),
                    None => sign_in_card(texts::ACCOUNT_EXPIRED),
                },
                Face::Hosted => lead_card(texts::ACCOUNT_HOSTED),
                Face::SignedIn => signed_in(ended),
            }}
        </div>
    }
    .into_any()
}

/// A link of the operator leads to this page, and the dialog continues. A further one that is
/// opened in the same tab does not load the page again.
fn follow_links() {
    let ui = use_ui();
    let follow = move || {
        if let Some(link) = account_link::take() {
            ui.account_link.set(Some(link));
            ui.dialog.set(Some(DialogKind::Account));
        }
    };
    follow();
    let listener = window_event_listener(ev::hashchange, move |_| follow());
    on_cleanup(move || listener.remove());
}

fn signed_in(ended: RwSignal<Option<&'static str>>) -> AnyView {
    let email = use_session(|it| it.account().map(|it| it.email.clone())).unwrap_or_default();
    let online = use_online();
    view! {
        <p class="page__lead">{email.clone()}</p>
        <ShowIf when=move || !online.get()>
            <p class="notice" role="status">{texts::ACCOUNT_OFFLINE}</p>
        </ShowIf>
        <Devices online ended/>
        <RecentActivity online/>
        <PasswordChange email=email.clone()/>
        <TwoStepSignIn email online/>
        <Download/>
        <Deletion ended/>
    }
    .into_any()
}

fn lead_card(text: &'static str) -> AnyView {
    view! { <p class="card">{text}</p> }.into_any()
}

fn sign_in_card(text: &'static str) -> AnyView {
    let sign_in = href(Location { route: Route::Account, sign_in: true });
    view! {
        <div class="card">
            <p class="card__text">{text}</p>
            <div class="buttons"><a class="btn btn--primary" href=sign_in>{texts::SIGN_IN}</a></div>
        </div>
    }
    .into_any()
}
