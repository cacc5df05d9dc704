//! The page around the features: the root component, the top bar, dialogs and lazy pages.

mod app;
mod dialogs;
mod lazy;
mod lazy_page;
mod top_bar;

use leptos::prelude::*;
use wasm_bindgen::JsCast as _;
use web_sys::HtmlElement;

use crate::ui::{click_guard, dom, drafts, focus, store, undo};
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
