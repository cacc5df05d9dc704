//! IndexedDB executes a request and its reply gets lost, or it never executes it.

use wizitime::app::Input;
use wizitime::effects::DurableWrite;
use wizitime::features::{Intent, SyncBadge, SyncIntent};
use wizitime::sync::{
    DURABLE_READ_MS_MAX, DURABLE_WRITE_MS_MAX, DURABLE_WRITE_REPETITIONS_MAX, StorageKey,
};
use wizitime_protocol::messages::{BulkError, Reason};

use crate::test_bed::{Database, ServerBehavior, TestBed};

const MINUTE_MS: u64 = 60_000;
/// Sent, acknowledged and on the way to the archive.
const SYNC_MS: u64 = 1_000;
const UNANSWERED: [Database; 2] = [Database::LostWriteReplies, Database::HangingWrites];

fn buffered_count(bed: &TestBed) -> usize {
    bed.stored(0).iter().filter(|(key, _)| key.starts_with("wizi.event")).count()
}

#[test]
fn an_archive_write_without_a_reply_is_repeated() {
    for database in UNANSWERED {
        let mut bed = TestBed::with_two_tabs();
        bed.start(1, "tea");
        bed.set_database(0, database);
        bed.wait(SYNC_MS);
        assert_eq!((bed.logged(), bed.waiting(1)), (1, 1), "{database:?}: not archived yet");
        bed.set_database(0, Database::Working);
        bed.wait(DURABLE_WRITE_MS_MAX);
        assert_eq!((bed.waiting(0), bed.waiting(1)), (0, 0), "{database:?}");
        assert_eq!((bed.badge(0), bed.badge(1)), (SyncBadge::Saved, SyncBadge::Saved));
        assert_eq!(buffered_count(&bed), 0);
        let profile = bed.profile(0);
        assert_eq!((profile.archive.len(), profile.durable_copy.len()), (1, 0), "{database:?}");
    }
}

#[test]
fn an_event_that_another_tab_resends_keeps_its_durable_copy() {
    let mut bed = TestBed::with_two_tabs();
    bed.start(0, "tea");
    let (key, value) = bed.profile(0).durable_copy.clone().into_iter().next().unwrap();
    bed.set_database(0, Database::LostWriteReplies);
    bed.wait(SYNC_MS);
    assert_eq!((bed.logged(), bed.profile(0).archive.len()), (1, 1));
    // The other tab moves it back, for a restored server, before this tab gets its reply.
    let profile = bed.profile(0);
    let archive_puts = std::mem::take(&mut profile.archive).into_iter().collect();
    profile.durable_copy.insert(key.clone(), value);
    bed.set_database(0, Database::Working);
    let write = DurableWrite { archive_puts, ..DurableWrite::default() };
    bed.feed(0, Input::DurableCopyWritten { writes: vec![write] });
    assert_eq!(buffered_count(&bed), 0);
    assert!(bed.profile(0).durable_copy.contains_key(&key));
}

#[test]
fn an_archive_that_never_answers_does_not_keep_events_waiting() {
    for database in UNANSWERED {
        let mut bed = TestBed::with_two_tabs();
        bed.start(1, "tea");
        bed.set_database(0, database);
        bed.wait(SYNC_MS + u64::from(DURABLE_WRITE_REPETITIONS_MAX + 1) * DURABLE_WRITE_MS_MAX);
        assert_eq!((bed.waiting(0), bed.waiting(1)), (0, 0), "{database:?}");
        assert_eq!(buffered_count(&bed), 0);
        // What it has missed follows.
        bed.set_database(0, Database::Working);
        bed.wait(2 * MINUTE_MS);
        assert_eq!(bed.profile(0).durable_copy.len(), 0, "{database:?}");
        assert_eq!((bed.logged(), bed.badge(1)), (1, SyncBadge::Saved));
    }
}

#[test]
fn a_durable_write_without_a_reply_is_repeated() {
    for database in UNANSWERED {
        let mut bed = TestBed::with_devices(1);
        bed.set_online(0, false);
        bed.set_database(0, database);
        bed.start(0, "tea");
        bed.set_database(0, Database::Working);
        bed.wait(SYNC_MS);
        assert_eq!(bed.badge(0), SyncBadge::Saving { count: 1 }, "{database:?}");
        bed.wait(DURABLE_WRITE_MS_MAX);
        assert_eq!(bed.badge(0), SyncBadge::Waiting { count: 1 }, "{database:?}");
        assert_eq!(bed.profile(0).durable_copy.len(), 1);
    }
}

/// A later write succeeds, so the durable copy counts as available.
#[test]
fn a_refused_durable_write_is_repeated() {
    let mut bed = TestBed::with_devices(1);
    bed.set_online(0, false);
    bed.set_database(0, Database::Refused);
    bed.start(0, "tea");
    bed.set_database(0, Database::Working);
    bed.start(0, "cake");
    assert_eq!(bed.badge(0), SyncBadge::Saving { count: 1 });
    bed.wait(DURABLE_WRITE_MS_MAX);
    assert_eq!(bed.badge(0), SyncBadge::Waiting { count: 2 });
    assert_eq!(bed.profile(0).durable_copy.len(), 2);
}

/// The event is acknowledged before the repetition: it must not come back into the durable copy.
#[test]
fn a_durable_write_of_an_event_that_was_acknowledged_meanwhile_is_not_repeated() {
    let mut bed = TestBed::with_two_tabs();
    bed.set_database(0, Database::LostWriteReplies);
    bed.start(1, "tea");
    bed.set_database(0, Database::Working);
    bed.wait(2 * DURABLE_WRITE_MS_MAX);
    assert_eq!((bed.logged(), bed.badge(1)), (1, SyncBadge::Saved));
    assert_eq!(bed.profile(0).durable_copy.len(), 0);
}

#[test]
fn a_durable_copy_that_did_not_answer_at_the_start_is_read_again() {
    let mut bed = TestBed::with_devices(1);
    bed.set_online(0, false);
    bed.start(0, "tea");
    bed.set_database(0, Database::SilentDurableRead);
    let tab = bed.crash(0);
    bed.set_online(0, true);
    bed.wait(10_000);
    bed.set_database(0, Database::Working);
    assert_eq!(bed.logged(), 0, "only the durable copy has it");
    bed.wait(2 * MINUTE_MS);
    assert_eq!((bed.logged(), bed.badge(tab)), (1, SyncBadge::Saved));
}

/// Only the durable copy has the event before it.
#[test]
fn a_refused_write_does_not_end_the_wait_for_the_read_of_the_durable_copy() {
    let mut bed = TestBed::with_devices(1);
    bed.set_online(0, false);
    bed.start(0, "tea");
    bed.set_database(0, Database::SilentReadRefusedWrites);
    let tab = bed.crash(0);
    bed.set_online(0, true);
    bed.start(tab, "cake");
    bed.wait(SYNC_MS);
    assert_eq!(bed.logged(), 0);
    bed.wait(DURABLE_READ_MS_MAX);
    assert_eq!(bed.logged(), 1, "it waits no longer than that");
}

/// The server has an event that an outdated record calls quarantined; the archive knows it.
#[test]
fn an_archive_read_without_an_answer_is_repeated() {
    let mut bed = TestBed::with_devices(1);
    bed.start(0, "tea");
    let record = bed.state(0).events.waiting().next().unwrap().clone();
    bed.wait(MINUTE_MS);
    bed.set_database(0, Database::SilentArchive);
    let text = format!(r#"{{"code":"depends","message":"","envelope":{}}}"#, record.json.as_str());
    let key = StorageKey::quarantine(&record).write();
    bed.profile(0).local_storage.insert(key, text);
    bed.act(0, Intent::Sync(SyncIntent::SyncNow));
    bed.wait(MINUTE_MS);
    assert_eq!(bed.badge(0), SyncBadge::NeedsAttention { count: 1 });
    bed.set_database(0, Database::Working);
    bed.wait(2 * MINUTE_MS);
    assert_eq!((bed.logged(), bed.badge(0)), (1, SyncBadge::Saved));
}

#[test]
fn a_discard_marker_that_was_not_written_to_the_durable_copy_is_written_again() {
    let mut bed = TestBed::with_devices(1);
    let error = BulkError { index: Some(0), ..BulkError::because(Reason::Rejected) };
    bed.set_server(ServerBehavior::RejectsBatches("tea".to_owned(), error));
    bed.start(0, "tea");
    bed.wait(MINUTE_MS);
    let event_id = bed.state(0).events.quarantined().next().unwrap().event.id();
    bed.set_database(0, Database::HangingWrites);
    bed.act(0, Intent::Sync(SyncIntent::DiscardQuarantined { event_id }));
    bed.set_database(0, Database::Working);
    bed.wait(DURABLE_WRITE_MS_MAX);
    let keys: Vec<String> = bed.profile(0).durable_copy.keys().cloned().collect();
    assert_eq!(keys, [StorageKey::Discarded { id: event_id }.write()]);
}
