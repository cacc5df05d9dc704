//! Events as version 0.1 stored them, and the digest of their effect.

use wizitime_domain::{Envelope, EventProcessor, Ledger};

/// One event per line, as version 0.1 stored and sent it.
pub const EVENTS: &str = include_str!("../../../tests/golden/events.jsonl");
/// The digest of the ledger after all of them.
pub const DIGEST: u64 = 4_365_016_864_617_767_192;

/// Reads, writes and applies all events; returns the digest of the ledger.
///
/// # Panics
/// When an event is not read, or not written as the same bytes.
pub fn replay() -> u64 {
    let mut ledger = Ledger::default();
    for line in EVENTS.lines() {
        let envelope = Envelope::from_json(line).expect(line);
        assert_eq!(envelope.to_json().as_str(), line, "not written as the same bytes");
        EventProcessor::apply(&mut ledger, &envelope).expect(line);
    }
    ledger.digest()
}
