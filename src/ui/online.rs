//! Whether the device has a network, as far as the browser knows.

use leptos::ev;
use leptos::prelude::*;

/// Follows the network until the owner is disposed of.
pub(crate) fn use_online() -> RwSignal<bool> {
    let online = RwSignal::new(window().navigator().on_line());
    let listeners = [
        window_event_listener(ev::online, move |_| online.set(true)),
        window_event_listener(ev::offline, move |_| online.set(false)),
    ];
    on_cleanup(move || listeners.into_iter().for_each(|listener| listener.remove()));
    online
}
