//! The app shell.

use leptos::prelude::*;
use wizitime_protocol::route::Route;

use super::lazy;
use super::lazy_page::{LazyDialog, LazyPage};
use super::top_bar::{Toolbar, TopBar};
use crate::features::entries::components::EntryList;
use crate::features::notices::components::{SessionExpiredBanner, Toasts, UpdateBanner};
use crate::features::timer::components::TimerCard;
use crate::parse::ClockStyle;
use crate::ui::announcer::Announcer;
use crate::ui::context::{DialogKind, Ui, clock_style, use_ui};
use crate::ui::drafts::use_has_lost_drafts;
use crate::ui::page_heading::PageHeading;
use crate::ui::route::{Router, href};
use crate::ui::store::track_drafts;
use crate::ui::widgets::{ShowIf, owned_view};
use crate::ui::{keyboard, texts};

/// The app: the top bar, the page, and the dialogs.
#[component]
pub(crate) fn App() -> AnyView {
    let ui = Ui::provide();
    let router = Router::provide();
    keyboard::listen(ui, router);
    Effect::new(move |before: Option<()>| {
        let sign_in = router.take_sign_in();
        // A dialog belongs to the page that it was opened on.
        if before.is_some() || sign_in {
            ui.dialog.set(sign_in.then_some(DialogKind::Account));
        }
    });
    Effect::new(move |before: Option<bool>| {
        let is_open = ui.dialog.with(Option::is_some);
        if is_open != before.unwrap_or(false) {
            router.dialog_changed(is_open);
        }
        is_open
    });
    Effect::new(move |_| {
        track_drafts();
        ui.restore_drafts();
    });
    Effect::new(move |_| {
        let title =
            ui.clock.title().unwrap_or_else(|| texts::page_title(router.route()).to_owned());
        document().set_title(&title);
    });
    let owner = Owner::current();
    let page = move || {
        let route = router.route();
        if route == Some(Route::Timer) {
            // Fields read their drafts when they are built.
            track_drafts();
        }
        owned_view(&owner, || page(route))
    };
    view! {
        <div class="app" data-clock=move || clock_style_name().to_owned()>
            <TopBar/>
            <main class="app__main">{move || page()}</main>
            {move || page_links(router.route())}
            <Toasts/>
            <Announcer/>
            <ShowIf when=move || ui.dialog.get().is_some()><LazyDialog/></ShowIf>
        </div>
    }
    .into_any()
}

/// The page of a route. All but the timer are loaded when they are first opened.
fn page(route: Option<Route>) -> AnyView {
    match route {
        Some(Route::Timer) => view! { <TimerPage/> }.into_any(),
        Some(Route::Account) => view! { <LazyPage chunk=lazy::account/> }.into_any(),
        Some(Route::Help) => view! { <LazyPage chunk=lazy::help/> }.into_any(),
        None => view! { <NotFoundPage/> }.into_any(),
    }
}

/// The links between the pages.
fn page_links(current: Option<Route>) -> AnyView {
    let links = Route::ALL.map(|route| {
        let is_current = (current == Some(route)).then(|| "page".to_owned());
        view! { <a href=href(route) aria-current=is_current>{texts::page_name(route)}</a> }
            .into_any()
    });
    view! { <nav class="pages" aria-label=texts::PAGES>{Vec::from(links)}</nav> }.into_any()
}

#[component]
fn NotFoundPage() -> AnyView {
    view! {
        <section class="page card">
            <PageHeading text=texts::NOT_FOUND/>
            <p class="card__text">{texts::NOT_FOUND_WHY}</p>
            <p><a class="link" href=href(Route::Timer)>{texts::TO_TIMER}</a></p>
        </section>
    }
    .into_any()
}

/// The timer and the history.
#[component]
fn TimerPage() -> AnyView {
    let open = use_ui().manual_entry_open;
    view! {
        <PageHeading text=texts::TIMER class="sr-only"/>
        <UpdateBanner/>
        <SessionExpiredBanner/>
        <TimerCard/>
        // Not above the card: its button would move from under the pointer.
        <ShowIf when=use_has_lost_drafts><LazyPage chunk=lazy::lost_drafts/></ShowIf>
        <Toolbar/>
        <ShowIf when=move || open.get()><LazyPage chunk=lazy::manual_entry/></ShowIf>
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
