//! The effect of stored events never changes (docs/TESTING.md#P12). `tests/browser.rs` runs the
//! same check in WebAssembly (docs/TESTING.md#P9).
#![cfg(not(target_arch = "wasm32"))]

use wizitime_testkit::old_events;

#[test]
fn stored_events_have_the_same_effect_as_before() {
    assert_eq!(old_events::replay(), old_events::DIGEST);
}

#[test]
fn every_event_type_is_in_the_fixture() {
    for event_type in wizitime_domain::Event::TYPES {
        let expected = format!("\"event_type\":\"{event_type}\"");
        assert!(old_events::EVENTS.contains(&expected), "{event_type}");
    }
}
