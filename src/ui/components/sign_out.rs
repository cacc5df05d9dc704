//! Signing out: refused while something is only on this device, until it is synced, exported or
//! dropped on purpose, which takes two presses.

use leptos::prelude::*;

use super::confirm::Confirm;
use crate::browser;
use crate::dispatchers::Intent;
use crate::store::slices::notices::Notice;
use crate::ui::context::use_ui;
use crate::ui::text;

fn button(class: &'static str, words: &'static str, press: impl Fn() + 'static) -> AnyView {
    view! {
        <button type="button" class=class on:click=move |_| press()>
            {words}
        </button>
    }
    .into_any()
}

fn sign_out(drop_unsynced: bool) {
    browser::dispatch(Intent::SignOut { drop_unsynced });
}

/// The button, and what comes of it.
#[component]
pub(super) fn SignOut() -> AnyView {
    let ui = use_ui();
    // The notice goes away by itself; the question has to stay.
    let refused = RwSignal::new(false);
    Effect::new(move || {
        let now = ui.mirror.notices.with(|it| {
            it.current.as_ref().is_some_and(|it| matches!(it, Notice::SignOutRefused { .. }))
        });
        if now {
            refused.set(true);
        }
    });
    let plain = || button("btn btn--plain", text::SIGN_OUT, || sign_out(false));
    view! {
        <Show when=move || refused.get() fallback=move || view! { <div class="buttons">{plain()}</div> }>
            <Refused />
        </Show>
    }
    .into_any()
}

/// What would be lost, and the choices.
#[component]
fn Refused() -> AnyView {
    let ui = use_ui();
    let confirming = RwSignal::new(false);
    let count = Memo::new(move |_| ui.mirror.status.with(|it| it.waiting + it.quarantined));
    let choices = move || {
        let drop = move || text::sign_out_and_drop(count.get());
        view! {
            <div class="buttons">
                {button("btn btn--primary", text::SYNC_NOW, || browser::dispatch(Intent::SyncNow))}
                {button("btn btn--plain", text::EXPORT, || browser::dispatch(Intent::ExportUnsynced))}
                <button
                    type="button"
                    class="btn btn--danger"
                    on:click=move |_| confirming.set(true)
                >
                    {drop}
                </button>
            </div>
        }
        .into_any()
    };
    let really = move || {
        view! {
            <Confirm
                question=Signal::derive(move || text::drop_really(count.get()))
                yes=text::DROP_YES
                no=text::DROP_NO
                on_yes=Callback::new(|()| sign_out(true))
                on_no=Callback::new(move |()| confirming.set(false))
            />
        }
        .into_any()
    };
    let content = move || {
        if count.get() == 0 {
            view! {
                <p>{text::ALL_SYNCED}</p>
                <div class="buttons">
                    {button("btn btn--plain", text::SIGN_OUT, || sign_out(false))}
                </div>
            }
            .into_any()
        } else {
            let asked = if confirming.get() { really() } else { choices() };
            view! {
                <p>
                    <b>{move || text::sign_out_refused(count.get())}</b>
                    " "
                    {text::SIGN_OUT_REFUSED_MORE}
                </p>
                {asked}
            }
            .into_any()
        }
    };
    view! { <div class="notice">{content}</div> }.into_any()
}
