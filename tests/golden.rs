//! What is fixed for ever: the meaning of the events that older versions stored. `tests/browser.rs`
//! finds the same in WebAssembly (promise P9).
#![cfg(not(target_arch = "wasm32"))]
#![expect(clippy::expect_used, reason = "a test ends at what cannot be")]

#[path = "golden/old_events.rs"]
mod old_events;

#[test]
fn old_events_mean_what_they_meant() {
    assert_eq!(old_events::replay(), old_events::DIGEST);
}

#[test]
fn every_kind_of_event_is_among_them() {
    for event_type in wizitime_domain::Event::TYPES {
        let wanted = format!("\"event_type\":\"{event_type}\"");
        assert!(old_events::EVENTS.contains(&wanted), "{event_type}");
    }
}
