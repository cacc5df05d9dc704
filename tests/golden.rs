//! What is fixed for ever: the meaning of these events, natively and in WebAssembly (promise P9),
//! and the texts that older versions stored.

#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;
use wizitime_domain::{Envelope, EventProcessor, Ledger};

/// One event a line, as version 0.1 stores and sends them.
const EVENTS: &str = include_str!("golden/events.jsonl");
/// The digest of the ledger that they add up to.
const DIGEST: u64 = 4_365_016_864_617_767_192;

#[test]
fn old_events_mean_what_they_meant() {
    let mut ledger = Ledger::default();
    for line in EVENTS.lines() {
        let envelope = Envelope::from_json(line).expect(line);
        assert_eq!(envelope.to_json().unwrap(), line, "the same bytes are written today");
        EventProcessor::apply(&mut ledger, &envelope).expect(line);
    }
    assert_eq!(ledger.digest(), DIGEST);
}

#[test]
fn every_kind_of_event_is_among_them() {
    for event_type in wizitime_domain::Event::TYPES {
        assert!(EVENTS.contains(&format!("\"event_type\":\"{event_type}\"")), "{event_type}");
    }
}
