//! The live region: tells users of screen readers what changes away from their focus, or on another
//! device. Toasts and messages of a field are announced by themselves.

use leptos::prelude::*;
use wizitime_domain::EntryId;

use super::store::{use_buffer, use_running, use_status};
use super::texts;
use crate::store::record::Owner;

/// What is announced when it changes.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Announced {
    running: Option<EntryId>,
    is_offline: bool,
    /// Whose data is shown, and whether the cache has answered. When that changes, nothing has
    /// happened to the clock or the network.
    data: (Owner, bool),
}

/// The region.
#[component]
pub(crate) fn Announcer() -> AnyView {
    let text = RwSignal::new(String::new());
    Effect::new(move |before: Option<Announced>| {
        let entry = use_running();
        let running = entry.as_ref().map(|entry| entry.id);
        let data = use_buffer(|state| (state.session.owner(), state.ledger.is_loaded()));
        let now = Announced { running, is_offline: use_status().offline, data };
        let has_happened = |before: &Announced| *before != now && before.data == now.data;
        let Some(before) = before.filter(has_happened) else { return now };
        let mut said = String::new();
        if before.running != now.running {
            said = texts::clock(entry.as_ref().map(|entry| &*entry.description));
        }
        if before.is_offline != now.is_offline {
            if !said.is_empty() {
                said.push_str(". ");
            }
            said.push_str(texts::network(now.is_offline));
        }
        if text.with_untracked(|text| *text == said) {
            // Otherwise nothing changes on the page, and the same is not said again.
            said.push('\u{a0}');
        }
        text.set(said);
        now
    });
    view! { <div class="sr-only" aria-live="polite">{move || text.get()}</div> }.into_any()
}
