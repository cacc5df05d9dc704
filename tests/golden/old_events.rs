//! The events that older versions stored, and what they mean.

use wizitime_domain::{Envelope, EventProcessor, Ledger};

/// One event a line, as version 0.1 stores and sends them.
pub(crate) const EVENTS: &str = include_str!("events.jsonl");
/// The digest of the ledger that they add up to.
pub(crate) const DIGEST: u64 = 4_365_016_864_617_767_192;

/// Reads, writes and applies them all; the ledger's digest.
pub(crate) fn replay() -> u64 {
    let mut ledger = Ledger::default();
    for line in EVENTS.lines() {
        let envelope = Envelope::from_json(line).expect(line);
        assert_eq!(envelope.to_json().as_str(), line, "the same bytes are written today");
        EventProcessor::apply(&mut ledger, &envelope).expect(line);
    }
    ledger.digest()
}
