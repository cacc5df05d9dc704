//! Single events, and BULK_EVENTs over a log.

use std::collections::BTreeSet;

use proptest::prelude::*;
use wizitime_domain::json;
use wizitime_domain::{Envelope, EpochId, EventProcessor, Ledger, Timestamp, UserId};
use wizitime_hub::{Batch, MemoryLog};

use wizitime_testkit::fuzzing::{Target, fixtures, mutated};

use crate::CORPUS;

/// The most batches of one input.
const BATCHES_MAX: usize = 4;

/// The server's clock: no clock of an event is refused for starting after it.
const NOW: Timestamp = Timestamp::MAX;

const USER: UserId = UserId::from_bytes([1; 16]);

pub(crate) fn events() -> Target {
    let inputs = mutated(fixtures::events()).prop_map(|text| vec![text]).boxed();
    Target { corpus: CORPUS, name: "events", inputs, check: check_events }
}

/// What is read means the same when it is written and read again.
fn check_events(input: &[String]) {
    let mut ledger = Ledger::default();
    for text in input {
        match Envelope::from_json(text) {
            Ok(envelope) => {
                assert_eq!(Envelope::from_json(envelope.to_json().as_str()), Ok(envelope.clone()));
                let _ = EventProcessor::apply(&mut ledger, &envelope);
            }
            Err(malformed) => assert!(!malformed.rejection.to_string().is_empty()),
        }
    }
}

pub(crate) fn batches() -> Target {
    let first = fixtures::batches().pop().unwrap();
    let first = prop_oneof![1 => Just(Vec::new()), 3 => Just(vec![first])];
    let rest = prop::collection::vec(mutated(fixtures::batches()), 1..=BATCHES_MAX);
    let inputs = (first, rest).prop_map(|(first, rest)| [first, rest].concat()).boxed();
    Target { corpus: CORPUS, name: "batches", inputs, check: check_batches }
}

/// All of a batch or nothing, each event once, no second clock; and sending it again is harmless.
fn check_batches(input: &[String]) {
    let mut log = MemoryLog::new(EpochId::from_bytes([9; 16]));
    for text in input {
        let Ok(Ok(batch)) = json::parse(text).map(Batch::parse) else { continue };
        let before = log.head(USER).cursor;
        let taken = log.append(USER, batch.clone(), NOW);
        let after = log.head(USER).cursor;
        match taken {
            Ok(commit) => {
                assert_eq!(commit.cursor, after);
                assert_eq!(commit.accepted.len() as u64, after - before);
                let again = log.append(USER, batch, NOW).expect("what was taken is taken again");
                assert_eq!((again.cursor, again.accepted.len()), (after, 0));
            }
            Err(error) => {
                assert!(error.index.is_some_and(|index| index < batch.len()), "{error:?}");
                assert_eq!(before, after, "a rejected batch leaves no trace");
            }
        }
    }
    check_log(&log, USER);
}

/// What is always true of an account's log.
pub(crate) fn check_log(log: &MemoryLog, user_id: UserId) {
    let events = log.events(user_id);
    let ids: BTreeSet<_> = events.iter().map(|it| it.event.envelope.id).collect();
    assert_eq!(ids.len(), events.len(), "an event is in the log twice");
    let ledger = log.ledger(user_id);
    let running = ledger.entries().filter(|entry| entry.stop.is_none() && !entry.deleted);
    assert!(running.count() <= 1, "two clocks run");
    let mut fold = Ledger::default();
    for accepted in events {
        EventProcessor::apply(&mut fold, &accepted.event.envelope).expect("it is in the log");
    }
    assert_eq!(fold.digest(), ledger.digest(), "the state is not what the events add up to");
}
