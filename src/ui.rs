//! The screen. It reads the state through [`mirror`] and writes by dispatching intents; it decides
//! nothing about time entries.

mod dom;
mod intl;
mod text;
mod view;

mod mirror;
mod tick;

mod context;
mod keys;

mod components;

use leptos::prelude::*;
use wasm_bindgen::JsCast as _;
use web_sys::HtmlElement;

/// Puts the app in place of the static shell of the page. The client has to be started before.
pub fn mount() {
    let Some(body) = document().body() else { return };
    let shell = document().get_element_by_id("app");
    let place = shell.and_then(|it| it.dyn_into::<HtmlElement>().ok());
    let place = place.unwrap_or_else(|| body.clone());
    dom::remove_attribute(&place, "aria-busy");
    let screen = move || {
        mirror::start();
        let ui = context::Ui::start();
        keys::listen(ui);
        let app = components::app(ui);
        place.replace_children_with_node_1(app.element());
    };
    // Leptos starts its scheduler and keeps the owner of all signals; the elements are ours.
    leptos::mount::mount_to(body.clone(), screen).forget();
    // Whoever drives the page from outside can tell when it takes input.
    dom::set_attribute(&body, "data-ready", "true");
}
