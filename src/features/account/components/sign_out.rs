//! Signing out: refused while something is only on this device, until it is synced, exported or
//! discarded on purpose, which takes two clicks.

use leptos::prelude::*;

use crate::browser;
use crate::features::sync_status::components::export_button;
use crate::features::{AccountIntent, Intent, SyncIntent};
use crate::store::slices::notices::Notice;
use crate::ui::store::{use_notices, use_status};
use crate::ui::widgets::{Confirm, ShowIf};
use crate::ui::{drafts, texts};

fn sign_out(discard_unsynced: bool) {
    browser::dispatch(Intent::Account(AccountIntent::SignOut { discard_unsynced }));
    // The user agreed to discard what was typed.
    drafts::dismiss_returned();
}

/// The button, and the question if signing out is refused.
#[component]
pub(crate) fn SignOut() -> AnyView {
    // The notice disappears by itself; the question stays.
    let refused = RwSignal::new(false);
    let confirming = RwSignal::new(false);
    Effect::new(move |_| {
        if use_notices(|it| matches!(it.current, Some(Notice::SignOutRefused { .. }))) {
            refused.set(true);
        }
    });
    view! {
        <ShowIf when=move || !refused.get()>{plain_button()}</ShowIf>
        <ShowIf when=move || refused.get()>
            <div class="notice">{move || choices(confirming)}</div>
        </ShowIf>
    }
    .into_any()
}

/// Asks first if a text would be lost that is not submitted yet.
fn plain_button() -> AnyView {
    let asking = RwSignal::new(None::<String>);
    let ask = move || match drafts::texts().into_iter().next() {
        None => sign_out(false),
        typed => asking.set(typed),
    };
    let content = move || match asking.get() {
        None => view! {
            <div class="buttons">
                <button type="button" class="btn btn--plain" on:click=move |_| ask()>
                    {texts::SIGN_OUT}
                </button>
            </div>
        }
        .into_any(),
        Some(typed) => view! {
            <Confirm question=texts::discard_draft_question(&typed)
                yes=texts::DISCARD_DRAFT_YES
                on_yes=move |()| {
                    // If it is refused, the reason is shown.
                    asking.set(None);
                    sign_out(false);
                }
                no=texts::DISCARD_DRAFT_NO on_no=move |()| asking.set(None)/>
        }
        .into_any(),
    };
    (move || content()).into_any()
}

/// What would be lost, and the choices.
fn choices(confirming: RwSignal<bool>) -> AnyView {
    let status = use_status();
    let count = status.waiting + status.quarantined;
    if count == 0 {
        return view! { <p>{texts::ALL_SYNCED}</p>{plain_button()} }.into_any();
    }
    let actions = if confirming.get() {
        view! {
            <Confirm question=texts::discard_unsynced_question(count)
                yes=texts::DISCARD_UNSYNCED_YES on_yes=|()| sign_out(true)
                no=texts::DISCARD_UNSYNCED_NO on_no=move |()| confirming.set(false)/>
        }
        .into_any()
    } else {
        view! {
            <div class="buttons">
                <button type="button" class="btn btn--primary"
                    on:click=|_| browser::dispatch(Intent::Sync(SyncIntent::SyncNow))>
                    {texts::SYNC_NOW}
                </button>
                {export_button()}
                <button type="button" class="btn btn--danger"
                    on:click=move |_| confirming.set(true)>
                    {texts::sign_out_and_discard(count)}
                </button>
            </div>
        }
        .into_any()
    };
    view! {
        <p><b>{texts::sign_out_refused(count)}</b>" "{texts::SIGN_OUT_REFUSED_MORE}</p>
        {actions}
    }
    .into_any()
}
