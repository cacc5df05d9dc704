//! Banners above the timer: a new version is ready, the session has expired. Neither is forced on
//! the user.

use leptos::prelude::*;

use crate::browser;
use crate::features::{Intent, NoticeIntent};
use crate::ui::context::{DialogKind, use_ui};
use crate::ui::store::{use_notices, use_session};
use crate::ui::texts;
use crate::ui::widgets::ShowIf;

/// Offers to reload into a new version.
#[component]
pub(crate) fn UpdateBanner() -> AnyView {
    let dismissed = RwSignal::new(false);
    view! {
        <ShowIf when=move || use_notices(|it| it.update_ready) && !dismissed.get()>
            <div class="banner" role="alert">
                <span class="banner__text">{texts::UPDATE_READY}</span>
                <button type="button" class="btn btn--primary"
                    on:click=|_| browser::dispatch(Intent::Notice(NoticeIntent::ActivateUpdate))>
                    {texts::RELOAD}
                </button>
                <button type="button" class="btn btn--quiet" on:click=move |_| dismissed.set(true)>
                    {texts::LATER}
                </button>
            </div>
        </ShowIf>
    }
    .into_any()
}

/// Offers to sign in again: the token was refused, but tracking goes on.
#[component]
pub(crate) fn SessionExpiredBanner() -> AnyView {
    let dialog = use_ui().dialog;
    let expired = || use_session(|it| it.account().is_some_and(|it| it.expired && !it.hosted));
    view! {
        <ShowIf when=expired>
            <div class="banner" role="alert" data-tone="alert">
                <span class="banner__text">{texts::EXPIRED}</span>
                <button type="button" class="btn btn--primary"
                    on:click=move |_| dialog.set(Some(DialogKind::Account))>
                    {texts::SIGN_IN}
                </button>
            </div>
        </ShowIf>
    }
    .into_any()
}
