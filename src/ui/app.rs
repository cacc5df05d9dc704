//! The app shell.

use leptos::prelude::*;

use super::context::{DialogKind, Ui, clock_style, use_ui};
use super::keyboard;
use super::top_bar::{Toolbar, TopBar};
use super::widgets::ShowIf;
use crate::features::account::components::AccountDialog;
use crate::features::entries::components::{EntryList, ManualEntry};
use crate::features::help::components::KeyboardHelp;
use crate::features::notices::components::{SessionExpiredBanner, Toasts, UpdateBanner};
use crate::features::sync_status::components::SyncDialog;
use crate::features::timer::components::TimerCard;
use crate::parse::ClockStyle;

/// The app: the top bar, the page, and the dialogs.
#[component]
pub(crate) fn App() -> AnyView {
    let ui = Ui::provide();
    keyboard::listen(ui);
    let is_open = move |kind| ui.dialog.get() == Some(kind);
    view! {
        <div class="app" data-clock=move || clock_style_name().to_owned()>
            <TopBar/>
            <main class="app__main"><TimerPage/></main>
            <Toasts/>
            <ShowIf when=move || is_open(DialogKind::Sync)><SyncDialog/></ShowIf>
            <ShowIf when=move || is_open(DialogKind::Account)><AccountDialog/></ShowIf>
            <ShowIf when=move || is_open(DialogKind::Keyboard)><KeyboardHelp/></ShowIf>
        </div>
    }
    .into_any()
}

/// The timer and the history.
#[component]
fn TimerPage() -> AnyView {
    let open = use_ui().manual_entry_open;
    view! {
        <UpdateBanner/>
        <SessionExpiredBanner/>
        <TimerCard/>
        <Toolbar/>
        <ShowIf when=move || open.get()><ManualEntry/></ShowIf>
        <EntryList/>
    }
    .into_any()
}

/// Style sheets reserve the width of a time by this name.
fn clock_style_name() -> &'static str {
    match clock_style() {
        ClockStyle::H24 => "h24",
        ClockStyle::H12 => "h12",
    }
}
