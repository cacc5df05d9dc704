//! The user interface: Leptos components that read the state through the hooks of [`store`] and
//! write by dispatching intents. They decide nothing about time entries.

mod announcer;
mod app;
mod dialogs;
mod lazy;
mod lazy_page;
mod top_bar;

mod click_guard;
mod clock;
pub(crate) mod context;
mod keyboard;

pub(crate) mod dom;
pub(crate) mod drafts;
pub(crate) mod focus;
pub(crate) mod folded_name;
pub(crate) mod intl;
pub(crate) mod online;
pub(crate) mod page_heading;
pub(crate) mod route;
pub(crate) mod store;
pub(crate) mod texts;
pub(crate) mod undo;
pub(crate) mod widgets;

use leptos::prelude::*;
use wasm_bindgen::JsCast as _;
use web_sys::HtmlElement;

use app::App;

/// Replaces the static shell of the page by the app. The client core has to be started before.
pub fn mount() {
    let Some(body) = document().body() else { return };
    let root = document().get_element_by_id("app");
    let root = root.and_then(|it| it.dyn_into::<HtmlElement>().ok());
    let shell = root.as_ref().and_then(|it| it.first_element_child());
    let root = root.unwrap_or_else(|| body.clone());
    store::start();
    drafts::start();
    undo::start();
    click_guard::listen();
    focus::listen();
    leptos::mount::mount_to(root.clone(), App).forget();
    if let Some(shell) = shell {
        shell.remove();
    }
    dom::remove_attribute(&root, "aria-busy");
    // Tells tests and other observers that the page accepts input.
    dom::set_attribute(&body, "data-ready", "true");
}
