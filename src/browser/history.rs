//! The URL of the page and the history of the tab, through the History API.

use wasm_bindgen::{JsCast as _, JsValue};
use web_sys::{Element, EventTarget, HtmlAnchorElement, MouseEvent, Url, Window};
use wizitime_protocol::route::Location;

use super::inbox::report;

/// The path that the app is served under. It starts and ends with a slash.
pub fn base_path() -> String {
    let url = window().and_then(|it| it.document()?.base_uri().ok()?);
    let path = url.and_then(|url| Url::new(&url).ok()).map(|url| url.pathname());
    path.unwrap_or_else(|| "/".to_owned())
}

/// The location in the address bar; none if no page of the app has this URL.
pub fn current() -> Option<Location> {
    let location = window()?.location();
    Location::parse(&base_path(), &location.pathname().ok()?, &location.search().ok()?)
}

/// Adds an entry to the history and scrolls to the top, as following a link does. The entry of a
/// dialog is replaced: the dialog closes when the user goes elsewhere.
pub fn push(location: Location) {
    let Some(window) = window() else { return };
    let write_state = match is_at_dialog() {
        true => web_sys::History::replace_state_with_url,
        false => web_sys::History::push_state_with_url,
    };
    if write(&window, location, write_state) {
        window.scroll_to_with_x_and_y(0.0, 0.0);
    }
}

/// Replaces the current entry of the history.
pub fn replace(location: Location) {
    if let Some(window) = window() {
        write(&window, location, web_sys::History::replace_state_with_url);
    }
}

/// The state of the entry that an open dialog adds to the history.
const DIALOG: &str = "dialog";

/// Whether the current entry of the history is that of a dialog.
pub fn is_at_dialog() -> bool {
    let state = window().and_then(|it| it.history().ok()?.state().ok());
    state.and_then(|it| it.as_string()).is_some_and(|it| it == DIALOG)
}

/// Adds an entry for a dialog to the history, at the same URL, so that Back closes the dialog.
pub fn push_dialog() {
    let pushed = window().map(|it| it.history()?.push_state(&DIALOG.into(), ""));
    if let Some(Err(error)) = pushed {
        report("Back cannot close the dialog", &error);
    }
}

/// Goes back, as the button of the browser does. It has happened at the next `popstate`.
pub fn back() {
    if let Some(Err(error)) = window().map(|it| it.history()?.back()) {
        report("the entry of a dialog stays in the history", &error);
    }
}

/// Loads the page again.
pub fn reload() {
    if let Some(Err(error)) = window().map(|it| it.location().reload()) {
        report("the page could not be reloaded", &error);
    }
}

/// The page of the app that a click on a link leads to. Only a plain left click counts: a modifier
/// key, another button, `target` and `download` stay with the browser.
pub fn location_of_click(event: &MouseEvent) -> Option<Location> {
    let has_modifier = event.ctrl_key() || event.meta_key() || event.alt_key() || event.shift_key();
    if event.default_prevented() || event.button() != 0 || has_modifier {
        return None;
    }
    let target: Element = event.target().and_then(|it: EventTarget| it.dyn_into().ok())?;
    let link: HtmlAnchorElement = target.closest("a[href]").ok()??.dyn_into().ok()?;
    let opens_elsewhere =
        !matches!(&*link.target(), "" | "_self") || link.has_attribute("download");
    if opens_elsewhere || link.origin() != window()?.location().origin().ok()? {
        return None;
    }
    Location::parse(&base_path(), &link.pathname(), &link.search())
}

/// The signature of `pushState` and `replaceState`.
type Write = fn(&web_sys::History, &JsValue, &str, Option<&str>) -> Result<(), JsValue>;

/// Whether the browser did it. Browsers refuse too many changes within a short time.
fn write(window: &Window, location: Location, write: Write) -> bool {
    let href = location.href(&base_path());
    let written =
        window.history().and_then(|history| write(&history, &JsValue::NULL, "", Some(&href)));
    if let Err(error) = &written {
        report("the URL could not be changed", error);
    }
    written.is_ok()
}

fn window() -> Option<Window> {
    web_sys::window()
}
