//! The frame of the app.

use leptos::prelude::*;

use super::account_dialog::AccountDialog;
use super::history::History;
use super::icons;
use super::key_help::KeyHelp;
use super::manual_entry::ManualEntry;
use super::sync_badge::SyncBadge;
use super::sync_dialog::SyncDialog;
use super::timer_card::TimerCard;
use super::toasts::Toasts;
use super::update_offer::UpdateOffer;
use crate::fields::ClockStyle;
use crate::ui::context::{Panel, Ui, use_ui};
use crate::ui::{keys, text};

/// The app.
#[component]
pub(crate) fn App() -> AnyView {
    let ui = Ui::provide();
    keys::listen(ui);
    let clock = move || match ui.clock_style() {
        ClockStyle::H24 => "h24",
        ClockStyle::H12 => "h12",
    };
    view! {
        <div class="app" data-clock=clock>
            <TopBar />
            <main class="app__main">
                <UpdateOffer />
                <ExpiredOffer />
                <TimerCard />
                <Tools />
                <Show when=move || ui.manual.get()>
                    <ManualEntry />
                </Show>
                <History />
            </main>
            <Toasts />
            <SyncDialog />
            <AccountDialog />
            <KeyHelp />
        </div>
    }
    .into_any()
}

#[component]
fn TopBar() -> AnyView {
    let ui = use_ui();
    view! {
        <header class="topbar">
            <h1 class="brand">{icons::brand()} <span class="brand__name">{text::APP}</span></h1>
            <span class="topbar__gap"></span>
            <SyncBadge />
            <button
                type="button"
                class="icon-btn"
                aria-label=text::ACCOUNT
                title=text::ACCOUNT
                aria-haspopup="dialog"
                on:click=move |_| ui.panel.set(Some(Panel::Account))
            >
                {icons::person()}
            </button>
        </header>
    }
    .into_any()
}

/// The token was refused: tracking goes on, and syncing is a sign-in away.
#[component]
fn ExpiredOffer() -> AnyView {
    let ui = use_ui();
    let expired = Memo::new(move |_| {
        ui.mirror.session.with(|it| it.account().is_some_and(|it| it.expired && !it.hosted))
    });
    view! {
        <Show when=move || expired.get()>
            <div class="offer" data-tone="alert" role="alert">
                <span class="offer__text">{text::EXPIRED}</span>
                <button
                    type="button"
                    class="btn btn--primary"
                    on:click=move |_| ui.panel.set(Some(Panel::Account))
                >
                    {text::SIGN_IN}
                </button>
            </div>
        </Show>
    }
    .into_any()
}

#[component]
fn Tools() -> AnyView {
    let ui = use_ui();
    view! {
        <div class="summary">
            <span class="keys-hint">
                <kbd class="key">"s"</kbd>
                {text::KEY_TOGGLE}
            </span>
            <button
                type="button"
                class="keys-hint summary__keys"
                title=text::KEYS_HINT_NAME
                aria-haspopup="dialog"
                on:click=move |_| ui.panel.set(Some(Panel::Keys))
            >
                <kbd class="key">"?"</kbd>
                {text::KEYS_HINT}
            </button>
            <span class="summary__gap"></span>
            <button
                type="button"
                class="btn btn--quiet"
                aria-expanded=move || if ui.manual.get() { "true" } else { "false" }
                on:click=move |_| ui.manual.update(|open| *open = !*open)
            >
                {icons::plus()} {text::ADD_MANUALLY}
            </button>
        </div>
    }
    .into_any()
}
