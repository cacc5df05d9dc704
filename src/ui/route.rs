//! The router: which page is shown. It follows links and the history.

use leptos::ev;
use leptos::prelude::*;
use wasm_bindgen::UnwrapThrowExt as _;
use wizitime_protocol::route::{Location, Route};

use crate::browser::history;

/// The current location, and whether the user came to it within the app.
#[derive(Clone, Copy)]
pub(crate) struct Router {
    /// Notifies only when the page changes.
    route: RwSignal<Option<Route>>,
    /// Notifies on every navigation.
    sign_in: RwSignal<bool>,
    has_navigated: RwSignal<bool>,
    has_dialog: RwSignal<bool>,
    /// The entry of a closed dialog is being left.
    is_leaving: RwSignal<bool>,
}

/// The router. Components and event handlers can ask for it, other callbacks cannot.
pub(crate) fn use_router() -> Router {
    use_context().expect_throw("the app provides the router")
}

/// The URL of a page, for `href`.
pub(crate) fn href(location: impl Into<Location>) -> String {
    location.into().href(&history::base_path())
}

impl Router {
    /// Reads the URL and follows it until the owner is disposed of.
    pub(crate) fn provide() -> Self {
        let location = history::current();
        let router = Self {
            route: RwSignal::new(location.map(|location| location.route)),
            sign_in: RwSignal::new(location.is_some_and(|location| location.sign_in)),
            has_navigated: RwSignal::new(false),
            has_dialog: RwSignal::new(false),
            is_leaving: RwSignal::new(false),
        };
        // The page was loaded again while a dialog was open.
        router.leave_dialog();
        let clicks = window_event_listener(ev::click, move |event| {
            if let Some(location) = history::location_of_click(&event) {
                event.prevent_default();
                router.go(location);
            }
        });
        let traversals = window_event_listener(ev::popstate, move |_| router.follow());
        on_cleanup(move || {
            clicks.remove();
            traversals.remove();
        });
        provide_context(router);
        router
    }

    /// Goes to a page, as a link to it does.
    pub(crate) fn go(self, location: impl Into<Location>) {
        let location = location.into();
        // As browsers do with links to the page that they are on.
        match history::current().is_some_and(|current| current.route == location.route) {
            true => history::replace(location),
            false => history::push(location),
        }
        self.show(Some(location));
    }

    /// The page that is shown; none for a URL that is no page of the app.
    pub(crate) fn route(self) -> Option<Route> {
        self.route.get()
    }

    /// Whether the location asks for the dialog to sign in. That part is then removed from the
    /// URL, so that the dialog does not come back with Back or a reload.
    pub(crate) fn take_sign_in(self) -> bool {
        let sign_in = self.sign_in.get();
        let route = self.route.get_untracked().filter(|_| sign_in);
        if let Some(route) = route {
            history::replace(route.into());
        }
        route.is_some()
    }

    /// Whether the page that is shown was opened within the app. Then it takes the focus.
    pub(crate) fn has_navigated(self) -> bool {
        self.has_navigated.get_untracked()
    }

    /// Keeps an entry in the history while a dialog is open, so that Back closes it.
    pub(crate) fn dialog_changed(self, is_open: bool) {
        self.has_dialog.set(is_open);
        match (is_open, history::is_at_dialog()) {
            (true, false) => history::push_dialog(),
            (false, true) => self.leave_dialog(),
            (true, true) | (false, false) => (),
        }
    }

    /// Leaves the entry of a dialog that is not open.
    fn leave_dialog(self) {
        if history::is_at_dialog() && !self.is_leaving.get_untracked() {
            self.is_leaving.set(true);
            history::back();
        }
    }

    /// Follows the history after Back or Forward.
    fn follow(self) {
        let location = history::current();
        let was_leaving = self.is_leaving.get_untracked();
        self.is_leaving.set(false);
        let route = location.map(|location| location.route);
        if !was_leaving || route != self.route.get_untracked() {
            self.show(location);
        } else if self.has_dialog.get_untracked() {
            // It was opened again meanwhile.
            history::push_dialog();
        }
        // Forward leads to the entry of a dialog that was closed with Back.
        if !self.has_dialog.get_untracked() {
            self.leave_dialog();
        }
    }

    fn show(self, location: Option<Location>) {
        self.has_navigated.set(true);
        let route = location.map(|location| location.route);
        if self.route.get_untracked() != route {
            self.route.set(route);
        }
        self.sign_in.set(location.is_some_and(|location| location.sign_in));
    }
}
