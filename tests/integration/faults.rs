//! The server fails, rejects events, or loses its log.

use wizitime::features::SyncBadge;
use wizitime::features::{Intent, QuarantineFix, SyncIntent, TimerIntent};
use wizitime::store::record::{BufferedEvent, Owner, QuarantineCode};
use wizitime::store::slices::connection::SyncError;
use wizitime::sync::StorageKey;
use wizitime_domain::{
    DeviceId, EntryId, Envelope, EpochId, Event, EventId, StopClock, TimeEntryChanges, Timestamp,
    UpdateTimeEntry, WriterId, Zone,
};
use wizitime_hub::MemoryLog;
use wizitime_protocol::messages::{BulkError, Reason};

use crate::test_bed::{NINE_MS, ServerBehavior, TestBed, user};

const MINUTE_MS: u64 = 60_000;

/// Puts an event into a profile's storage as if another tab had recorded it.
pub(crate) fn plant(bed: &mut TestBed, profile: usize, byte: u8, event: Event) -> EventId {
    let at = Timestamp::saturating_from_ms(NINE_MS);
    let envelope = Envelope {
        id: EventId::from_bytes([byte; 16]),
        device_id: DeviceId::from_bytes([byte; 16]),
        writer_id: WriterId::from_bytes([byte; 16]),
        seq: u64::from(byte),
        at,
        recorded_at: at,
        zone: Zone::utc(),
        event,
    };
    let json = envelope.to_json();
    let id = envelope.id;
    let record = BufferedEvent { envelope, json: json.clone(), owner: Owner::User(user(1)) };
    bed.profile(profile).local_storage.insert(StorageKey::event(&record).write(), json.to_string());
    id
}

fn stop_of_nothing() -> Event {
    Event::StopClock(StopClock {
        time_entry_id: EntryId::from_bytes([77; 16]),
        stopped_at: Timestamp::saturating_from_ms(NINE_MS),
    })
}

fn describe_nothing() -> Event {
    Event::UpdateTimeEntry(UpdateTimeEntry {
        time_entry_id: EntryId::from_bytes([77; 16]),
        changes: TimeEntryChanges {
            description: Some("x".to_owned()),
            ..TimeEntryChanges::default()
        },
    })
}

#[test]
fn a_reply_lost_after_the_commit_makes_no_duplicate() {
    let mut bed = TestBed::with_devices(2);
    bed.set_server(ServerBehavior::CrashesAfterCommit);
    bed.start(0, "tea");
    bed.wait(1_000);
    assert_eq!((bed.logged(), bed.waiting(0)), (1, 1), "in the log, and not acknowledged");
    bed.set_server(ServerBehavior::Normal);
    bed.set_online(0, true);
    bed.wait(2 * MINUTE_MS);
    assert_eq!((bed.logged(), bed.waiting(0)), (1, 0));
    assert_eq!(bed.shown(0), ["tea 0–"]);
    assert_eq!(bed.shown(1), ["tea 0–"]);
}

#[test]
fn an_unavailable_database_only_delays_events() {
    let mut bed = TestBed::with_devices(1);
    bed.set_server(ServerBehavior::Unavailable);
    bed.start(0, "tea");
    bed.wait(MINUTE_MS);
    assert_eq!(bed.badge(0), SyncBadge::Waiting { count: 1 });
    bed.set_server(ServerBehavior::Normal);
    bed.wait(MINUTE_MS);
    assert_eq!(bed.badge(0), SyncBadge::Saved);
}

#[test]
fn a_full_account_keeps_events_on_the_device_and_is_named() {
    let mut bed = TestBed::with_devices(1);
    let full = BulkError::because(Reason::Quota);
    bed.set_server(ServerBehavior::RejectsBatches("tea".to_owned(), full));
    bed.start(0, "tea");
    bed.wait(10 * MINUTE_MS);
    assert_eq!(bed.badge(0), SyncBadge::Waiting { count: 1 });
    assert_eq!(bed.state(0).connection.error, SyncError::AccountFull);
    bed.set_server(ServerBehavior::Normal);
    bed.wait(3 * MINUTE_MS);
    assert_eq!(bed.badge(0), SyncBadge::Saved);
    assert_eq!(bed.state(0).connection.error, SyncError::None);
}

#[test]
fn rejected_events_are_quarantined_with_their_dependents_and_the_rest_is_sent() {
    let mut bed = TestBed::with_devices(1);
    bed.set_online(0, false);
    let poison = plant(&mut bed, 0, 1, stop_of_nothing());
    let dependent = plant(&mut bed, 0, 2, describe_nothing());
    bed.reopen(0);
    bed.start(0, "tea");
    bed.set_online(0, true);
    bed.wait(MINUTE_MS);
    assert_eq!(bed.badge(0), SyncBadge::NeedsAttention { count: 2 });
    assert_eq!((bed.logged(), bed.waiting(0)), (1, 0), "the rest is synced");
    let events = &bed.state(0).events;
    let quarantined = |id| events.find_quarantined(id).unwrap();
    assert_eq!(quarantined(poison).reason.message, "This time entry does not exist.");
    assert_eq!(quarantined(dependent).reason.code, QuarantineCode::Dependent);
    // It stays, also when the browser is closed.
    let tab = bed.reopen(0);
    bed.wait(MINUTE_MS);
    assert_eq!(bed.badge(tab), SyncBadge::NeedsAttention { count: 2 });
    assert_eq!(bed.logged(), 1);
}

#[test]
fn quarantined_events_can_be_retried_exported_and_discarded() {
    let mut bed = TestBed::with_devices(1);
    let poison = plant(&mut bed, 0, 1, stop_of_nothing());
    plant(&mut bed, 0, 2, describe_nothing());
    bed.reopen(0);
    bed.wait(MINUTE_MS);
    bed.act(0, Intent::Sync(SyncIntent::RetryQuarantined { event_id: poison }));
    bed.wait(MINUTE_MS);
    assert_eq!(bed.badge(0), SyncBadge::NeedsAttention { count: 2 }, "it is rejected again");
    bed.act(0, Intent::Sync(SyncIntent::ExportUnsynced));
    let file = bed.record(0).downloads.pop().unwrap();
    let parsed: serde_json::Value = serde_json::from_str(&file).unwrap();
    assert_eq!(parsed["set_aside"].as_array().unwrap().len(), 2);
    assert_eq!(parsed["set_aside"][0]["event"]["event_type"], "STOP_CLOCK");
    bed.act(0, Intent::Sync(SyncIntent::DiscardQuarantined { event_id: poison }));
    assert_eq!(bed.badge(0), SyncBadge::Saved);
    assert!(bed.profile(0).local_storage.keys().all(|key| !key.starts_with("wizi.quarantine")));
}

#[test]
fn a_quarantined_event_can_be_fixed() {
    let mut bed = TestBed::with_devices(1);
    bed.start(0, "tea");
    bed.wait(MINUTE_MS);
    let entry = bed.state(0).ledger.shown().running().unwrap().clone();
    let before_start = Timestamp::saturating_from_ms(NINE_MS - 60_000);
    let stop = StopClock { time_entry_id: entry.id, stopped_at: before_start };
    let broken = plant(&mut bed, 0, 9, Event::StopClock(stop));
    bed.reopen(0);
    bed.wait(MINUTE_MS);
    assert_eq!(bed.badge(0), SyncBadge::NeedsAttention { count: 1 });
    let stopped_at = Some(Timestamp::saturating_from_ms(NINE_MS + 5 * 60_000));
    let fix = QuarantineFix { stopped_at, ..QuarantineFix::default() };
    bed.act(0, Intent::Sync(SyncIntent::FixQuarantined { event_id: broken, fix }));
    bed.wait(MINUTE_MS);
    assert_eq!(bed.shown(0), ["tea 0–5"]);
    assert_eq!(bed.badge(0), SyncBadge::Saved);
}

#[test]
fn an_event_that_fails_its_batch_is_isolated_and_quarantined() {
    for reason in [Reason::Internal, Reason::TooLarge, Reason::Malformed] {
        let mut bed = TestBed::with_devices(1);
        bed.set_online(0, false);
        for round in 0..20 {
            let description = if round == 13 { "too much".to_owned() } else { format!("{round}") };
            bed.start(0, &description);
            bed.wait(MINUTE_MS);
        }
        bed.set_server(ServerBehavior::RejectsBatches(
            "too much".to_owned(),
            BulkError::because(reason),
        ));
        bed.set_online(0, true);
        bed.wait(20 * MINUTE_MS);
        assert_eq!(bed.logged(), 19, "{reason:?}");
        assert_eq!(bed.badge(0), SyncBadge::NeedsAttention { count: 1 });
    }
}

#[test]
fn a_server_that_lost_its_log_gets_all_events_again() {
    let mut bed = TestBed::with_devices(1);
    bed.start(0, "tea");
    bed.wait(MINUTE_MS);
    bed.set_online(0, false);
    bed.act(0, Intent::Timer(TimerIntent::Stop));
    *bed.log_mut() = MemoryLog::new(EpochId::from_bytes([10; 16]));
    bed.set_online(0, true);
    bed.wait(MINUTE_MS);
    let ledger = &bed.state(0).ledger;
    assert_eq!(ledger.epoch(), Some(EpochId::from_bytes([10; 16])));
    assert_eq!(bed.badge(0), SyncBadge::Saved);
    assert_eq!((bed.shown(0), bed.logged()), (vec!["tea 0–1".to_owned()], 2));
}
