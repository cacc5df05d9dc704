//! The live region: tells users of screen readers what changes away from their focus, or on another
//! device. Toasts and messages of a field are announced by themselves.

use leptos::prelude::*;
use wizitime_domain::EntryId;

use super::store::{use_running, use_status};
use super::texts;

/// What is announced when it changes.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Announced {
    running: Option<EntryId>,
    is_offline: bool,
}

/// The region.
#[component]
pub(crate) fn Announcer() -> AnyView {
    let text = RwSignal::new(String::new());
    Effect::new(move |before: Option<Announced>| {
        let entry = use_running();
        let running = entry.as_ref().map(|entry| entry.id);
        let now = Announced { running, is_offline: use_status().offline };
        let Some(before) = before.filter(|before| *before != now) else { return now };
        let mut said = if before.running == now.running {
            texts::network(now.is_offline).to_owned()
        } else {
            texts::clock(entry.as_ref().map(|entry| &*entry.description))
        };
        if text.with_untracked(|text| *text == said) {
            // Otherwise nothing changes on the page, and the same is not said again.
            said.push('\u{a0}');
        }
        text.set(said);
        now
    });
    view! { <div class="sr-only" aria-live="polite">{move || text.get()}</div> }.into_any()
}
