//! The screen. It reads through the signals of [`mirror`] and writes by dispatching intents; it
//! decides nothing about time entries.

mod dom;
mod intl;
mod text;

mod mirror;
mod tick;

mod context;
mod keys;

mod components;

use leptos::prelude::*;
use wasm_bindgen::JsCast as _;
use web_sys::HtmlElement;

use components::app::App;

/// Puts the app in place of the static shell of the page. The client has to be started before.
pub fn mount() {
    let Some(body) = document().body() else { return };
    let shell = document().get_element_by_id("app");
    let place = shell.and_then(|it| it.dyn_into::<HtmlElement>().ok());
    let place = place.unwrap_or_else(|| body.clone());
    place.set_inner_html("");
    dom::remove_attribute(&place, "aria-busy");
    leptos::mount::mount_to(place, || view! { <App /> }).forget();
    // Whoever drives the page from outside can tell when it takes input.
    dom::set_attribute(&body, "data-ready", "true");
}
