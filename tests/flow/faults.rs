//! The server fails, refuses, or forgets.

use wizitime::features::SyncBadge;
use wizitime::features::{Intent, QuarantineFix, SyncIntent, TimerIntent};
use wizitime::sync::StorageKey;
use wizitime::sync::record::{BufferedEvent, Owner, QuarantineCode};
use wizitime_domain::{
    DeviceId, EntryId, Envelope, EpochId, Event, EventId, StopClock, TimeEntryChanges, Timestamp,
    UpdateTimeEntry, WriterId, Zone,
};
use wizitime_hub::MemoryLog;
use wizitime_protocol::messages::{BulkError, Reason};

use crate::desk::{Desk, Mood, NINE_MS, user};

const MINUTE_MS: u64 = 60_000;

/// Puts an event into a profile's storage as if an earlier version had recorded it.
pub(crate) fn plant(desk: &mut Desk, profile: usize, byte: u8, event: Event) -> EventId {
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
    desk.profiles[profile].stored.insert(StorageKey::event(&record).write(), json.to_string());
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
    let mut desk = Desk::with_devices(2);
    desk.mood = Mood::DiesAfterCommit;
    desk.start(0, "tea");
    desk.wait(1_000);
    assert_eq!((desk.logged(), desk.waiting(0)), (1, 1), "in the log, but nobody knows");
    desk.mood = Mood::Good;
    desk.set_online(0, true);
    desk.wait(2 * MINUTE_MS);
    assert_eq!((desk.logged(), desk.waiting(0)), (1, 0));
    assert_eq!(desk.shown(0), ["tea 0–"]);
    assert_eq!(desk.shown(1), ["tea 0–"]);
}

#[test]
fn a_database_that_is_away_only_delays() {
    let mut desk = Desk::with_devices(1);
    desk.mood = Mood::Unavailable;
    desk.start(0, "tea");
    desk.wait(MINUTE_MS);
    assert_eq!(desk.attention(0), SyncBadge::Waiting { count: 1 });
    desk.mood = Mood::Good;
    desk.wait(MINUTE_MS);
    assert_eq!(desk.attention(0), SyncBadge::Saved);
}

#[test]
fn poison_is_set_aside_with_what_hangs_on_it_and_the_rest_goes_on() {
    let mut desk = Desk::with_devices(1);
    desk.set_online(0, false);
    let poison = plant(&mut desk, 0, 1, stop_of_nothing());
    let dependant = plant(&mut desk, 0, 2, describe_nothing());
    desk.reopen(0);
    desk.start(0, "tea");
    desk.set_online(0, true);
    desk.wait(MINUTE_MS);
    assert_eq!(desk.attention(0), SyncBadge::NeedsAttention { count: 2 });
    assert_eq!((desk.logged(), desk.waiting(0)), (1, 0), "the rest is synced");
    let events = &desk.tabs[0].client.state().events;
    let why = |id| events.find_quarantined(id).unwrap();
    assert_eq!(why(poison).reason.message, "This time entry does not exist.");
    assert_eq!(why(dependant).reason.code, QuarantineCode::Dependent);
    // It stays, also when the browser is closed.
    let tab = desk.reopen(0);
    desk.wait(MINUTE_MS);
    assert_eq!(desk.attention(tab), SyncBadge::NeedsAttention { count: 2 });
    assert_eq!(desk.logged(), 1);
}

#[test]
fn what_was_set_aside_can_be_retried_exported_and_given_up() {
    let mut desk = Desk::with_devices(1);
    let poison = plant(&mut desk, 0, 1, stop_of_nothing());
    plant(&mut desk, 0, 2, describe_nothing());
    desk.reopen(0);
    desk.wait(MINUTE_MS);
    desk.act(0, Intent::Sync(SyncIntent::RetryQuarantined { event_id: poison }));
    desk.wait(MINUTE_MS);
    assert_eq!(desk.attention(0), SyncBadge::NeedsAttention { count: 2 }, "it is still wrong");
    desk.act(0, Intent::Sync(SyncIntent::ExportUnsynced));
    let file = desk.tabs[0].downloads.pop().unwrap();
    let parsed: serde_json::Value = serde_json::from_str(&file).unwrap();
    assert_eq!(parsed["set_aside"].as_array().unwrap().len(), 2);
    assert_eq!(parsed["set_aside"][0]["event"]["event_type"], "STOP_CLOCK");
    desk.act(0, Intent::Sync(SyncIntent::DiscardQuarantined { event_id: poison }));
    assert_eq!(desk.attention(0), SyncBadge::Saved);
    assert!(desk.profiles[0].stored.keys().all(|key| !key.starts_with("wizi.quarantine")));
}

#[test]
fn what_was_set_aside_can_be_mended() {
    let mut desk = Desk::with_devices(1);
    desk.start(0, "tea");
    desk.wait(MINUTE_MS);
    let entry = desk.tabs[0].client.state().ledger.shown().running().unwrap().clone();
    let before_start = Timestamp::saturating_from_ms(NINE_MS - 60_000);
    let stop = StopClock { time_entry_id: entry.id, stopped_at: before_start };
    let broken = plant(&mut desk, 0, 9, Event::StopClock(stop));
    desk.reopen(0);
    desk.wait(MINUTE_MS);
    assert_eq!(desk.attention(0), SyncBadge::NeedsAttention { count: 1 });
    let stopped_at = Some(Timestamp::saturating_from_ms(NINE_MS + 5 * 60_000));
    let fix = QuarantineFix { stopped_at, ..QuarantineFix::default() };
    desk.act(0, Intent::Sync(SyncIntent::FixQuarantined { event_id: broken, fix }));
    desk.wait(MINUTE_MS);
    assert_eq!(desk.shown(0), ["tea 0–5"]);
    assert_eq!(desk.attention(0), SyncBadge::Saved);
}

#[test]
fn an_event_that_the_server_chokes_on_is_found_among_many() {
    for reason in [Reason::Internal, Reason::TooLarge, Reason::Malformed] {
        let mut desk = Desk::with_devices(1);
        desk.set_online(0, false);
        for round in 0..20 {
            let description = if round == 13 { "choke".to_owned() } else { format!("{round}") };
            desk.start(0, &description);
            desk.wait(MINUTE_MS);
        }
        desk.mood = Mood::ChokesOn("choke".to_owned(), BulkError::because(reason));
        desk.set_online(0, true);
        desk.wait(20 * MINUTE_MS);
        assert_eq!(desk.logged(), 19, "{reason:?}");
        assert_eq!(desk.attention(0), SyncBadge::NeedsAttention { count: 1 });
    }
}

#[test]
fn a_server_that_lost_its_log_is_given_it_back() {
    let mut desk = Desk::with_devices(1);
    desk.start(0, "tea");
    desk.wait(MINUTE_MS);
    desk.set_online(0, false);
    desk.act(0, Intent::Timer(TimerIntent::Stop));
    desk.log = MemoryLog::new(EpochId::from_bytes([10; 16]));
    desk.set_online(0, true);
    desk.wait(MINUTE_MS);
    let ledger = &desk.tabs[0].client.state().ledger;
    assert_eq!(ledger.epoch(), Some(EpochId::from_bytes([10; 16])));
    assert_eq!(desk.attention(0), SyncBadge::Saved);
    assert_eq!((desk.shown(0), desk.logged()), (vec!["tea 0–1".to_owned()], 2));
}
