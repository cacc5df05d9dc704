//! A browser crash loses the latest changes of localStorage; the durable copy has them.

use wizitime::app::input::Input;
use wizitime::features::{EntryIntent, Intent, SyncIntent, TimerIntent};
use wizitime::features::{SyncBadge, select_status};
use wizitime::sync::StorageKey;
use wizitime_domain::TimeEntryChanges;
use wizitime_protocol::messages::{BulkError, Reason};

use crate::test_bed::{Database, ServerBehavior, TestBed};

const MINUTE_MS: u64 = 60_000;

fn durable_count(bed: &mut TestBed) -> usize {
    bed.profile(0).durable_copy.len()
}

#[test]
fn events_lost_by_a_crash_are_restored_from_the_durable_copy_and_sent_once() {
    let mut bed = TestBed::with_devices(1);
    bed.set_online(0, false);
    bed.start(0, "tea");
    bed.wait(20 * MINUTE_MS);
    bed.act(0, Intent::Timer(TimerIntent::Stop));
    let tab = bed.crash(0);
    assert_eq!(bed.shown(tab), ["tea 0–20"]);
    let again = bed.profile(0).local_storage.keys().filter(|key| key.starts_with("wizi.event"));
    assert_eq!(again.count(), 2, "other tabs can read them as well");
    bed.set_online(0, true);
    bed.wait(2 * MINUTE_MS);
    assert_eq!((bed.logged(), bed.waiting(tab)), (2, 0));
    assert_eq!(durable_count(&mut bed), 0, "acknowledged events leave the durable copy");
}

#[test]
fn badge_shows_saved_only_when_the_event_is_on_disk() {
    let mut bed = TestBed::with_devices(1);
    bed.set_online(0, false);
    bed.set_database(0, Database::SilentDurableCopy);
    bed.start(0, "tea");
    assert_eq!(bed.badge(0), SyncBadge::Saving { count: 1 });
    bed.set_database(0, Database::Working);
    let tab = bed.reopen(0);
    assert_eq!(durable_count(&mut bed), 1, "the tab that reads it writes it to the durable copy");
    assert_eq!(bed.badge(tab), SyncBadge::Waiting { count: 1 });
}

#[test]
fn sending_waits_for_the_durable_copy_for_three_seconds() {
    let mut bed = TestBed::with_devices(1);
    bed.set_database(0, Database::SilentDurableCopy);
    let tab = bed.reopen(0);
    bed.start(tab, "tea");
    bed.wait(2_500);
    assert_eq!(bed.logged(), 0, "the durable copy has not been read");
    bed.wait(1_000);
    assert_eq!(bed.logged(), 1);
}

#[test]
fn a_browser_without_indexed_db_works_and_is_not_crash_safe() {
    let mut bed = TestBed::with_devices(1);
    bed.set_database(0, Database::Refused);
    let tab = bed.reopen(0);
    bed.set_online(0, false);
    bed.start(tab, "tea");
    assert_eq!(bed.badge(tab), SyncBadge::Waiting { count: 1 });
    assert!(!select_status(bed.state(tab)).crash_safe);
    bed.set_online(0, true);
    bed.wait(MINUTE_MS);
    assert_eq!(bed.logged(), 1);
}

#[test]
fn quarantined_events_are_quarantined_after_a_crash() {
    let mut bed = TestBed::with_devices(1);
    let error = BulkError { index: Some(0), ..BulkError::because(Reason::Rejected) };
    bed.set_server(ServerBehavior::RejectsBatches("tea".to_owned(), error));
    bed.start(0, "tea");
    bed.wait(MINUTE_MS);
    assert_eq!(bed.badge(0), SyncBadge::NeedsAttention { count: 1 });
    bed.profile(0).local_storage.retain(|key, _| !key.starts_with("wizi.quarantine"));
    let tab = bed.reopen(0);
    assert_eq!(bed.badge(tab), SyncBadge::NeedsAttention { count: 1 });
}

/// The event was accepted later, and the removal of its record had not reached the disk.
#[test]
fn an_outdated_quarantine_record_is_removed() {
    let mut bed = TestBed::with_devices(1);
    bed.start(0, "tea");
    let events = &bed.state(0).events;
    let record = events.waiting().next().unwrap().clone();
    bed.wait(MINUTE_MS);
    let json = record.json.as_str();
    let text = format!(r#"{{"code":"depends","message":"","envelope":{json}}}"#);
    bed.profile(0).local_storage.insert(StorageKey::quarantine(&record).write(), text);
    let tab = bed.reopen(0);
    bed.wait(MINUTE_MS);
    assert_eq!((bed.logged(), bed.badge(tab)), (1, SyncBadge::Saved));
    let keys = bed.profile(0).local_storage.keys();
    assert_eq!(keys.filter(|key| key.starts_with("wizi.quarantine")).count(), 0);
}

/// Another tab had read the durable copy before the event was moved to the archive.
#[test]
fn a_quarantine_record_written_after_the_acknowledgement_is_removed() {
    let mut bed = TestBed::with_devices(1);
    let error = BulkError { index: Some(0), ..BulkError::because(Reason::Rejected) };
    bed.set_server(ServerBehavior::RejectsBatches("tea".to_owned(), error));
    bed.start(0, "tea");
    bed.wait(MINUTE_MS);
    let quarantined = bed.state(0).events.quarantined().next().unwrap();
    let key = StorageKey::quarantine(&quarantined.event).write();
    let text = bed.profile(0).local_storage[&key].clone();
    let outdated = Some(bed.profile(0).durable_copy.clone().into_iter().collect());
    bed.set_server(ServerBehavior::Normal);
    bed.act(
        0,
        Intent::Sync(SyncIntent::RetryQuarantined { event_id: quarantined.event.envelope.id }),
    );
    bed.wait(MINUTE_MS);
    assert_eq!((bed.logged(), bed.badge(0)), (1, SyncBadge::Saved));
    // This tab knows that the event was acknowledged.
    bed.feed(0, Input::DurableCopyRead { stored: outdated });
    assert_eq!(bed.badge(0), SyncBadge::Saved);
    bed.profile(0).local_storage.insert(key.clone(), text.clone());
    bed.feed(0, Input::PeerStored { key: key.clone(), value: text });
    bed.wait(2 * MINUTE_MS);
    assert_eq!((bed.logged(), bed.badge(0)), (1, SyncBadge::Saved));
    assert!(!bed.profile(0).local_storage.contains_key(&key));
}

/// Another tab slept during the acknowledgement, and then wrote its record to the durable copy.
#[test]
fn a_durable_quarantine_record_written_after_the_acknowledgement_is_removed() {
    let mut bed = TestBed::with_devices(1);
    let error = BulkError { index: Some(0), ..BulkError::because(Reason::Rejected) };
    bed.set_server(ServerBehavior::RejectsBatches("tea".to_owned(), error));
    bed.start(0, "tea");
    bed.wait(MINUTE_MS);
    let outdated = bed.profile(0).durable_copy.clone();
    bed.set_server(ServerBehavior::Normal);
    let event_id = bed.state(0).events.quarantined().next().unwrap();
    let event_id = event_id.event.envelope.id;
    bed.act(0, Intent::Sync(SyncIntent::RetryQuarantined { event_id }));
    bed.wait(MINUTE_MS);
    bed.profile(0).durable_copy = outdated;
    // The periodic poll reads it.
    bed.wait(2 * MINUTE_MS);
    assert_eq!((bed.logged(), bed.badge(0)), (1, SyncBadge::Saved));
    assert_eq!(durable_count(&mut bed), 0);
}

/// It was quarantined, retried and acknowledged; the crash lost the last two changes.
#[test]
fn an_event_accepted_after_quarantine_is_not_quarantined_after_a_crash() {
    let mut bed = TestBed::with_devices(1);
    bed.start(0, "tea");
    bed.wait(MINUTE_MS);
    let code = Some("unknown_entity".to_owned());
    let error = BulkError { index: Some(0), code, ..BulkError::because(Reason::Rejected) };
    bed.set_server(ServerBehavior::RejectsBatches("STOP_CLOCK".to_owned(), error));
    bed.act(0, Intent::Timer(TimerIntent::Stop));
    bed.wait(1_000);
    assert_eq!(bed.badge(0), SyncBadge::NeedsAttention { count: 1 });
    let outdated = Some(bed.profile(0).durable_copy.clone().into_iter().collect());
    bed.set_server(ServerBehavior::Normal);
    bed.wait(2 * MINUTE_MS);
    assert_eq!((bed.logged(), bed.badge(0)), (2, SyncBadge::Saved));
    bed.profile(0).archive.clear();
    bed.set_database(0, Database::SilentDurableRead);
    let tab = bed.reopen(0);
    bed.wait(5_000);
    bed.feed(tab, Input::DurableCopyRead { stored: outdated });
    bed.wait(1_000);
    assert_eq!((bed.logged(), bed.badge(tab)), (2, SyncBadge::Saved));
}

/// localStorage has no room for the new key, so the record stays at the old one.
#[test]
fn an_event_that_could_not_be_moved_out_of_quarantine_leaves_no_record_there() {
    let mut bed = TestBed::with_devices(1);
    let error = BulkError { index: Some(0), ..BulkError::because(Reason::Rejected) };
    bed.set_server(ServerBehavior::RejectsBatches("tea".to_owned(), error));
    bed.start(0, "tea");
    bed.wait(MINUTE_MS);
    bed.set_server(ServerBehavior::Normal);
    bed.set_full(0, true);
    let event_id = bed.state(0).events.quarantined().next().unwrap();
    let event_id = event_id.event.envelope.id;
    bed.act(0, Intent::Sync(SyncIntent::RetryQuarantined { event_id }));
    bed.wait(MINUTE_MS);
    bed.set_full(0, false);
    let tab = bed.reopen(0);
    bed.wait(MINUTE_MS);
    assert_eq!((bed.logged(), bed.badge(tab)), (1, SyncBadge::Saved));
}

#[test]
fn durable_events_of_another_account_are_kept_and_not_shown() {
    let mut bed = TestBed::with_devices(1);
    bed.set_online(0, false);
    bed.start(0, "tea");
    bed.profile(0).local_storage.clear();
    let tab = bed.reopen(0);
    assert_eq!(bed.shown(tab), [""; 0], "it is signed out");
    assert_eq!(bed.state(tab).events.foreign_count(), 1);
    assert!(bed.profile(0).local_storage.keys().any(|key| key.starts_with("wizi.event")));
}

/// An acknowledged event is in localStorage again, as if it had never been sent.
#[test]
fn acknowledged_events_that_a_crash_brought_back_are_not_sent_again() {
    let mut bed = TestBed::with_devices(1);
    bed.set_online(0, false);
    bed.start(0, "tea");
    let before = bed.profile(0).local_storage.clone();
    bed.set_online(0, true);
    bed.wait(MINUTE_MS);
    assert_eq!((bed.logged(), bed.badge(0)), (1, SyncBadge::Saved));
    bed.profile(0).local_storage.extend(before);
    bed.set_online(0, false);
    let tab = bed.reopen(0);
    assert_eq!(bed.waiting(tab), 1);
    bed.set_online(0, true);
    bed.wait(MINUTE_MS);
    assert_eq!(bed.badge(tab), SyncBadge::Saved);
    assert!(!bed.record(tab).steps.contains(&"send BULK_EVENT".to_owned()));
    assert!(!bed.profile(0).local_storage.keys().any(|key| key.starts_with("wizi.event")));
}

/// The event was quarantined, retried and acknowledged; nothing of that reached IndexedDB, which
/// still has it in quarantine, and the archive does not have it.
#[test]
fn an_accepted_retry_is_not_quarantined_again_by_a_crash() {
    let mut bed = TestBed::with_devices(1);
    let error = BulkError { index: Some(0), ..BulkError::because(Reason::Rejected) };
    bed.set_server(ServerBehavior::RejectsBatches("tea".to_owned(), error));
    bed.start(0, "tea");
    bed.wait(MINUTE_MS);
    let outdated = bed.profile(0).durable_copy.clone();
    bed.set_server(ServerBehavior::Normal);
    let event_id = bed.state(0).events.quarantined().next().unwrap().event.id();
    bed.act(0, Intent::Sync(SyncIntent::RetryQuarantined { event_id }));
    bed.wait(MINUTE_MS);
    assert_eq!((bed.logged(), bed.badge(0)), (1, SyncBadge::Saved));
    bed.profile(0).durable_copy = outdated;
    bed.profile(0).archive.clear();
    let tab = bed.reopen(0);
    bed.wait(MINUTE_MS);
    assert_eq!((bed.logged(), bed.badge(tab)), (1, SyncBadge::Saved));
}

/// A tab that sees an event disappear takes that for an acknowledgement, unless it knows that the
/// event was discarded.
#[test]
fn a_discard_that_only_the_durable_copy_knows_reaches_the_other_tabs() {
    let mut bed = TestBed::with_devices(1);
    bed.set_online(0, false);
    bed.start(0, "tea");
    let event_id = bed.state(0).events.waiting().next().unwrap().id();
    let before = bed.profile(0).local_storage.clone();
    let error = BulkError { index: Some(0), ..BulkError::because(Reason::Rejected) };
    bed.set_server(ServerBehavior::RejectsBatches("tea".to_owned(), error));
    bed.set_online(0, true);
    bed.wait(MINUTE_MS);
    bed.act(0, Intent::Sync(SyncIntent::DiscardQuarantined { event_id }));
    bed.wait(1_000);
    bed.set_online(0, false);
    bed.profile(0).local_storage = before;
    bed.set_database(0, Database::SilentDurableRead);
    let slow = bed.reopen(0);
    assert_eq!(bed.waiting(slow), 1);
    bed.set_database(0, Database::Working);
    let tab = bed.open(0);
    bed.wait(1_000);
    for tab in [slow, tab] {
        assert!(bed.state(tab).events.is_discarded(event_id));
    }
    assert!(bed.profile(0).local_storage.keys().any(|key| key.starts_with("wizi.discarded")));
}

/// An edit was rejected, and the stop that went into quarantine with it was retried and
/// acknowledged. A crash brings both back as waiting events.
#[test]
fn an_accepted_event_does_not_depend_on_a_rejected_one_after_a_crash() {
    let mut bed = TestBed::with_devices(1);
    bed.start(0, "tea");
    bed.wait(MINUTE_MS);
    bed.set_online(0, false);
    let entry_id = bed.state(0).ledger.shown().running().unwrap().id;
    let changes =
        TimeEntryChanges { description: Some("cake".into()), ..TimeEntryChanges::default() };
    bed.act(0, Intent::Entry(EntryIntent::Edit { entry_id, changes: Box::new(changes) }));
    bed.act(0, Intent::Timer(TimerIntent::Stop));
    let stop = bed.state(0).events.waiting().last().unwrap().id();
    let before = bed.profile(0).local_storage.clone();
    let error = BulkError { index: Some(0), ..BulkError::because(Reason::Rejected) };
    bed.set_server(ServerBehavior::RejectsBatches("cake".to_owned(), error.clone()));
    bed.set_online(0, true);
    bed.wait(MINUTE_MS);
    assert_eq!(bed.badge(0), SyncBadge::NeedsAttention { count: 2 });
    bed.act(0, Intent::Sync(SyncIntent::RetryQuarantined { event_id: stop }));
    bed.wait(MINUTE_MS);
    assert_eq!((bed.logged(), bed.badge(0)), (2, SyncBadge::NeedsAttention { count: 1 }));
    let profile = bed.profile(0);
    profile.durable_copy = before.clone();
    profile.local_storage = before;
    profile.archive.clear();
    let error = BulkError { accepted: Box::new([stop]), ..error };
    bed.set_server(ServerBehavior::RejectsBatches("cake".to_owned(), error));
    let tab = bed.reopen(0);
    bed.wait(MINUTE_MS);
    assert_eq!((bed.logged(), bed.badge(tab)), (2, SyncBadge::NeedsAttention { count: 1 }));
    assert_eq!(bed.waiting(tab), 0);
}
