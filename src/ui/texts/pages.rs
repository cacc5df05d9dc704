//! Pages and what lies between them: titles, links, and a page that cannot be shown.

use wizitime_protocol::route::Route;

pub(crate) const PAGES: &str = "Pages";
pub(crate) const TIMER: &str = "Timer";
pub(crate) const HELP: &str = "Help";

/// The name of a page in links to it.
pub(crate) const fn page_name(route: Route) -> &'static str {
    match route {
        Route::Timer => TIMER,
        Route::Account => super::ACCOUNT,
        Route::Help => HELP,
    }
}

/// The title of the document.
pub(crate) const fn page_title(route: Option<Route>) -> &'static str {
    match route {
        Some(Route::Timer) => "WiziTime",
        Some(Route::Account) => "Account · WiziTime",
        Some(Route::Help) => "Help · WiziTime",
        None => "Page not found · WiziTime",
    }
}

pub(crate) const NOT_FOUND: &str = "There is no such page";
pub(crate) const NOT_FOUND_WHY: &str = "The address may be of a newer version, or mistyped.";
pub(crate) const TO_TIMER: &str = "Go to the timer";

pub(crate) const PAGE_LOADING: &str = "Loading…";
pub(crate) const PAGE_FAILED: &str = "This page could not be loaded";
pub(crate) const PAGE_FAILED_WHY: &str = "The server did not send it. The timer works as before, \
    and nothing is lost.";
pub(crate) const TRY_AGAIN: &str = "Try again";
pub(crate) const PAGE_OUTDATED: &str = "There is a new version of WiziTime";
pub(crate) const PAGE_OUTDATED_WHY: &str = "This page belongs to the version before, which the \
    server no longer has. Everything you tracked is saved.";
pub(crate) const RELOAD_TO_UPDATE: &str = "Reload to update";
