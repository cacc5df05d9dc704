//! Properties of the log for arbitrary batches: P2, P3, P4 and P5 of docs/TESTING.md.

#![expect(clippy::expect_used, reason = "a failure fails the test")]

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;
use serde_json::json;
use wizitime_domain::json;
use wizitime_domain::{
    DurationMs, Envelope, EpochId, EventProcessor, Ledger, START_AHEAD_MAX, Timestamp, UserId,
};
use wizitime_hub::{Batch, MemoryLog};
use wizitime_protocol::messages::{ChangesPageRequest, PAGE_ENTITIES_MAX, bulk_event_json};

const WRITERS: u8 = 3;
/// Further starts use an id that exists already and are rejected.
const ENTRIES: u8 = 12;

/// The server's clock. The instants of the events are within a second after it.
const NOW: Timestamp = Timestamp::MIN;

/// An event of one of a few writers about one of a few entries.
#[derive(Clone, Debug)]
struct TestEvent {
    writer: u8,
    seq: u64,
    kind: u8,
    entry: u8,
    at: u16,
}

fn uuid(kind: u8, number: u64) -> String {
    format!("0000000{kind}-0000-7000-8000-{number:012x}")
}

impl TestEvent {
    fn id(&self) -> String {
        uuid(9, u64::from(self.writer) << 32 | self.seq)
    }

    fn json(&self) -> String {
        let entry = uuid(1, u64::from(self.entry));
        let (event_type, event) = match self.kind {
            0..=3 => (
                "START_CLOCK",
                json!({"time_entry_id": entry, "started_at": self.at, "description": "",
                    "project_id": null, "task_id": null, "tag_ids": [], "billable": false}),
            ),
            4..=6 => ("STOP_CLOCK", json!({"time_entry_id": entry, "stopped_at": self.at})),
            7 => ("DELETE_TIME_ENTRY", json!({"time_entry_id": entry})),
            8 => ("RESTORE_TIME_ENTRY", json!({"time_entry_id": entry})),
            _ => (
                "SPLIT_TIME_ENTRY",
                json!({"time_entry_id": entry, "split_at": self.at,
                    "new_time_entry_id": uuid(1, u64::from(self.at) % u64::from(ENTRIES))}),
            ),
        };
        json!({
            "id": self.id(), "device_id": uuid(8, 0), "writer_id": uuid(7, self.writer.into()),
            "seq": self.seq, "at": self.at, "recorded_at": self.at, "zone": "UTC", "v": 1,
            "event_type": event_type, "event": event,
        })
        .to_string()
    }
}

/// Recorded events, numbered per writer. Most of them are about entries that exist.
fn recorded() -> impl Strategy<Value = Vec<TestEvent>> {
    let one = (0..WRITERS, 0..11_u8, any::<u8>(), 0..1_000_u16);
    prop::collection::vec(one, 0..40).prop_map(|all| {
        let mut seqs = BTreeMap::new();
        let mut started: Vec<u8> = Vec::new();
        let make = |(writer, kind, pick, at): (u8, u8, u8, u16)| {
            let seq = *seqs.entry(writer).and_modify(|seq| *seq += 1).or_insert(1);
            let entry = if kind <= 3 {
                started.push(ENTRIES.min(started.len() as u8));
                ENTRIES.min(started.len() as u8 - 1)
            } else {
                started.get(usize::from(pick) % started.len().max(1)).copied().unwrap_or(ENTRIES)
            };
            TestEvent { writer, seq, kind, entry, at }
        };
        all.into_iter().map(make).collect()
    })
}

/// Recorded events, and batches of them: ranges that repeat and overlap.
fn sent() -> impl Strategy<Value = (Vec<TestEvent>, Vec<(usize, usize)>)> {
    recorded().prop_flat_map(|made| {
        let end = made.len();
        let runs = prop::collection::vec((0..=end, 0..=end), 0..20);
        (
            Just(made),
            runs.prop_map(|runs| {
                runs.into_iter().map(|(one, two)| (one.min(two), one.max(two))).collect()
            }),
        )
    })
}

fn batch(events: &[TestEvent]) -> Batch {
    let texts: Vec<String> = events.iter().map(TestEvent::json).collect();
    let events = texts.iter().map(|text| json::parse(text).expect("it is JSON"));
    Batch::parse(bulk_event_json(events).as_raw()).expect("it is well-formed")
}

fn user() -> UserId {
    UserId::from_bytes([1; 16])
}

fn empty_log() -> MemoryLog {
    MemoryLog::new(EpochId::from_bytes([2; 16]))
}

/// Everything that readers can see.
fn seen(log: &MemoryLog) -> String {
    let limit = PAGE_ENTITIES_MAX;
    let request = ChangesPageRequest { epoch: None, since: 0, limit };
    let ids: Vec<_> = log.events(user()).iter().map(|it| it.event.envelope.id).collect();
    let page = log.changes_page(user(), &request);
    format!("{:?} {ids:?} {page:?} {}", log.head(user()), log.ledger(user()).digest())
}

/// Reference model: applies each unknown event to all of the data.
#[derive(Default)]
struct Model {
    known: BTreeSet<String>,
    ledger: Ledger,
}

impl Model {
    /// Whether the batch is accepted.
    fn append(&mut self, events: &[TestEvent]) -> bool {
        let (mut known, mut ledger) = (self.known.clone(), self.ledger.clone());
        for made in events {
            let envelope = Envelope::from_json(&made.json()).expect("it is well-formed");
            if known.insert(made.id()) && EventProcessor::apply(&mut ledger, &envelope).is_err() {
                return false;
            }
        }
        *self = Self { known, ledger };
        true
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(100))]

    /// P2: an event takes effect at most once, however often and in whichever batches it is sent.
    #[test]
    fn event_takes_effect_at_most_once((made, runs) in sent()) {
        let mut log = empty_log();
        let mut model = Model::default();
        for (start, end) in &runs {
            let mut twice = made[*start..*end].to_vec();
            twice.extend_from_slice(&made[*start..*end]);
            let is_accepted = log.append(user(), batch(&twice), NOW).is_ok();
            prop_assert_eq!(is_accepted, model.append(&made[*start..*end]));
        }
        let ids: Vec<_> = log.events(user()).iter().map(|it| it.event.envelope.id).collect();
        let distinct: BTreeSet<_> = ids.iter().collect();
        prop_assert_eq!(distinct.len(), ids.len());
        let seqs: Vec<_> = log.events(user()).iter().map(|it| it.seq).collect();
        let expected: Vec<_> = (1..=ids.len() as u64).collect();
        prop_assert_eq!(seqs, expected);
        prop_assert_eq!(ids.len(), model.known.len());
        prop_assert_eq!(log.ledger(user()).digest(), model.ledger.digest());

        // Accepted events are accepted again without any effect.
        let before = seen(&log);
        let accepted: BTreeSet<String> = ids.iter().map(ToString::to_string).collect();
        let known: Vec<TestEvent> =
            made.iter().filter(|it| accepted.contains(&it.id())).cloned().rev().collect();
        let commit = log.append(user(), batch(&known), NOW).expect("all events are known");
        prop_assert!(commit.accepted.is_empty() && commit.changed.is_empty());
        prop_assert_eq!(commit.cursor, log.head(user()).cursor);
        prop_assert_eq!(seen(&log), before);
    }

    /// P3: a rejected batch changes nothing; an accepted one is in the log as a whole.
    #[test]
    fn batch_is_accepted_as_a_whole_or_not_at_all((made, runs) in sent()) {
        let mut log = empty_log();
        for (start, end) in runs {
            let before = seen(&log);
            match log.append(user(), batch(&made[start..end]), NOW) {
                Err(error) => {
                    prop_assert_eq!(seen(&log), before);
                    let index = error.index.expect("the error names the event");
                    prop_assert_eq!(
                        error.id.map(|id| id.to_string()),
                        Some(made[start + index].id())
                    );
                }
                Ok(commit) => {
                    let known: BTreeSet<String> = log
                        .events(user())
                        .iter()
                        .map(|it| it.event.envelope.id.to_string())
                        .collect();
                    prop_assert!(made[start..end].iter().all(|it| known.contains(&it.id())));
                    prop_assert_eq!(commit.cursor, log.head(user()).cursor);
                }
            }
        }
    }

    /// P4: writers send their events in order and resend those without a reply; the log contains
    /// each writer's events in that order.
    #[test]
    fn events_of_one_writer_keep_their_order(
        made in recorded(),
        turns in prop::collection::vec((0..WRITERS, 1..6_usize, 0..4_usize), 0..40),
    ) {
        let mut log = empty_log();
        let mut unsent: BTreeMap<u8, Vec<TestEvent>> = BTreeMap::new();
        for event in made {
            unsent.entry(event.writer).or_default().push(event);
        }
        let mut next: BTreeMap<u8, usize> = BTreeMap::new();
        for (writer, count, again) in turns {
            let events = unsent.get(&writer).map_or(&[][..], Vec::as_slice);
            let at = next.get(&writer).copied().unwrap_or(0);
            let (from, to) = (at.saturating_sub(again), events.len().min(at + count));
            if log.append(user(), batch(&events[from..to]), NOW).is_ok() {
                next.insert(writer, to);
            } else {
                // Like the client: removes the rejected event and keeps the rest.
                let rejected = (at..to).find(|index| {
                    log.clone().append(user(), batch(&events[at..=*index]), NOW).is_err()
                });
                if let Some(index) = rejected {
                    unsent.entry(writer).or_default().remove(index);
                }
            }
        }
        let mut last: BTreeMap<_, u64> = BTreeMap::new();
        for accepted in log.events(user()) {
            let envelope = &accepted.event.envelope;
            let before = last.insert(envelope.writer_id, envelope.seq);
            prop_assert!(before.is_none_or(|seq| seq < envelope.seq));
        }
    }

    /// P5: at every commit at most one clock runs.
    #[test]
    fn at_most_one_clock_runs_at_every_commit((made, runs) in sent()) {
        let mut log = empty_log();
        for (start, end) in runs {
            let _ = log.append(user(), batch(&made[start..end]), NOW);
            let ledger = log.ledger(user());
            let running: Vec<_> = ledger.entries().filter(|entry| entry.is_running()).collect();
            prop_assert!(running.len() <= 1, "{running:?}");
            prop_assert_eq!(ledger.running(), running.first().copied());
        }
    }

    /// Pages of any size add up to the whole ledger.
    #[test]
    fn pages_add_up_to_the_ledger((made, runs) in sent(), limit in 1..9_usize) {
        let mut log = empty_log();
        for (start, end) in runs {
            let _ = log.append(user(), batch(&made[start..end]), NOW);
        }
        let mut ledger = Ledger::default();
        let mut since = 0;
        loop {
            let epoch = Some(log.head(user()).epoch);
            let page = log.changes_page(user(), &ChangesPageRequest { epoch, since, limit });
            prop_assert!(!page.more || page.cursor > since, "every page advances the cursor");
            let (more, cursor) = (page.more, page.cursor);
            page.into_entities().into_iter().for_each(|entity| ledger.upsert(entity));
            since = cursor;
            if !more {
                break;
            }
        }
        prop_assert_eq!(since, log.head(user()).cursor);
        prop_assert_eq!(ledger.digest(), log.ledger(user()).digest());
    }
}

#[test]
fn clock_that_starts_more_than_a_day_ahead_of_the_server_is_rejected() {
    let start = |seq: u64, ahead_ms: i64| {
        let event = TestEvent { writer: 0, seq, kind: 0, entry: seq as u8, at: 0 };
        let started_at = NOW.saturating_add(START_AHEAD_MAX).as_ms() + ahead_ms;
        let text =
            event.json().replace("\"started_at\":0", &format!("\"started_at\":{started_at}"));
        let text = json::parse(&text).expect("it is JSON");
        Batch::parse(bulk_event_json([text]).as_raw()).expect("it is well-formed")
    };
    let mut log = empty_log();
    log.append(user(), start(1, 0), NOW).expect("it is just a day ahead");
    let error = log.append(user(), start(2, 1), NOW).expect_err("it is more than a day ahead");
    assert_eq!(error.code.as_deref(), Some("start_in_future"));
    // Once it is that time, the same clock may start, and a known event is never checked again.
    let later = NOW.saturating_add(DurationMs::from_ms(1));
    log.append(user(), start(2, 1), later).expect("it is just a day ahead");
    log.append(user(), start(2, 1), NOW).expect("it is in the log");
}
