//! A server that was restored from a backup lacks the latest events; the devices have them.

use wizitime::app::input::{Input, PeerMessage};
use wizitime::effects::ArchiveRequest;
use wizitime::features::SyncBadge;
use wizitime::features::{Intent, TimerIntent};
use wizitime::sync::DURABLE_WRITE_MS_MAX;
use wizitime_domain::EpochId;

use crate::test_bed::{Database, ServerBehavior, TestBed, account};

const MINUTE_MS: u64 = 60_000;
const DAY_MS: u64 = 24 * 60 * MINUTE_MS;

/// Restores the server from its backup, under a new epoch, while all devices are offline.
fn restore_offline(bed: &mut TestBed, backup: wizitime_hub::MemoryLog) {
    for profile in 0..bed.profile_count() {
        bed.set_online(profile, false);
    }
    *bed.log_mut() = backup.with_epoch(EpochId::from_bytes([10; 16]));
}

/// Restores the server from its backup, and lets all devices come back.
fn restore(bed: &mut TestBed, backup: wizitime_hub::MemoryLog) {
    restore_offline(bed, backup);
    for profile in 0..bed.profile_count() {
        bed.set_online(profile, true);
    }
    bed.wait(2 * MINUTE_MS);
}

/// A device that is back online after a restore: the server lacks the start of a clock, whose stop
/// waits.
fn online_after_a_restore(database: Database) -> TestBed {
    let mut bed = TestBed::with_devices(1);
    let backup = bed.log().clone();
    bed.start(0, "tea");
    bed.wait(MINUTE_MS);
    bed.set_online(0, false);
    bed.act(0, Intent::Timer(TimerIntent::Stop));
    restore_offline(&mut bed, backup);
    bed.set_database(0, database);
    bed.set_online(0, true);
    bed
}

#[test]
fn acknowledged_events_are_resent_to_a_restored_server_in_order() {
    let mut bed = TestBed::with_devices(2);
    bed.start(0, "tea");
    bed.wait(MINUTE_MS);
    let backup = bed.log().clone();
    bed.act(0, Intent::Timer(TimerIntent::Stop));
    bed.wait(MINUTE_MS);
    bed.start(1, "cake");
    bed.wait(MINUTE_MS);
    let before = bed.shown(0);
    restore(&mut bed, backup);
    assert_eq!(bed.logged(), 3);
    assert_eq!((bed.shown(0), bed.shown(1)), (before.clone(), before));
    assert_eq!((bed.waiting(0), bed.waiting(1)), (0, 0));
}

#[test]
fn a_device_that_was_closed_during_the_restore_resends_when_it_is_opened() {
    let mut bed = TestBed::with_devices(1);
    let backup = bed.log().clone();
    bed.start(0, "tea");
    bed.wait(MINUTE_MS);
    restore_offline(&mut bed, backup);
    let tab = bed.reopen(0);
    bed.set_online(0, true);
    bed.wait(2 * MINUTE_MS);
    assert_eq!((bed.logged(), bed.waiting(tab)), (1, 0));
}

#[test]
fn events_that_are_not_archived_yet_are_resent_as_well() {
    let mut bed = TestBed::with_devices(1);
    let backup = bed.log().clone();
    bed.set_database(0, Database::SilentDurableCopy);
    bed.start(0, "tea");
    bed.wait(DURABLE_WRITE_MS_MAX);
    assert_eq!((bed.logged(), bed.profile(0).archive.len()), (1, 0));
    restore(&mut bed, backup);
    assert_eq!(bed.logged(), 1);
}

#[test]
fn events_are_archived_although_the_durable_copy_could_not_be_read_in_time() {
    let mut bed = TestBed::empty();
    let profile = bed.add_profile(Some(&account(1)));
    bed.set_database(profile, Database::SilentDurableRead);
    bed.open(profile);
    let backup = bed.log().clone();
    bed.start(0, "tea");
    bed.wait(MINUTE_MS);
    assert_eq!((bed.logged(), bed.badge(0)), (1, SyncBadge::Saved));
    assert_eq!(bed.profile(profile).archive.len(), 1);
    restore(&mut bed, backup);
    assert_eq!(bed.logged(), 1);
}

#[test]
fn events_acknowledged_before_the_first_changes_page_are_resent() {
    let mut bed = TestBed::empty();
    bed.set_server(ServerBehavior::UnavailableChanges);
    let profile = bed.add_profile(Some(&account(1)));
    let tab = bed.open(profile);
    let backup = bed.log().clone();
    bed.start(tab, "tea");
    bed.wait(MINUTE_MS);
    assert_eq!((bed.logged(), bed.profile(profile).archive.len()), (1, 0));
    bed.set_server(ServerBehavior::Normal);
    restore(&mut bed, backup);
    assert_eq!((bed.logged(), bed.badge(tab)), (1, SyncBadge::Saved));
}

#[test]
fn nothing_is_sent_before_the_changes_page_of_a_restored_server() {
    let mut bed = TestBed::with_devices(1);
    let backup = bed.log().clone();
    bed.start(0, "tea");
    bed.wait(MINUTE_MS);
    restore_offline(&mut bed, backup);
    bed.set_server(ServerBehavior::UnavailableChanges);
    bed.set_online(0, true);
    bed.wait(MINUTE_MS);
    bed.act(0, Intent::Timer(TimerIntent::Stop));
    bed.wait(5_000);
    // The restored server has no start of that clock: it would reject the stop.
    assert_eq!(bed.badge(0), SyncBadge::Waiting { count: 1 });
    bed.set_server(ServerBehavior::Normal);
    bed.wait(2 * MINUTE_MS);
    assert_eq!((bed.logged(), bed.badge(0)), (2, SyncBadge::Saved));
}

/// A tab that is closed by now has joined the restored server; this one has its epoch cached.
#[test]
fn nothing_is_sent_before_the_resend_although_the_epoch_is_cached() {
    let mut bed = online_after_a_restore(Database::SilentArchive);
    bed.wait(5_000);
    bed.set_database(0, Database::Working);
    bed.set_server(ServerBehavior::UnavailableChanges);
    let tab = bed.reopen(0);
    bed.wait(2 * MINUTE_MS);
    assert_eq!((bed.logged(), bed.badge(tab)), (0, SyncBadge::Waiting { count: 1 }));
    bed.set_server(ServerBehavior::Normal);
    bed.wait(2 * MINUTE_MS);
    assert_eq!((bed.logged(), bed.badge(tab)), (2, SyncBadge::Saved));
}

/// Without its cache a tab cannot know that the log is another one, but the archive has events.
#[test]
fn nothing_is_sent_before_the_resend_although_the_cache_is_lost() {
    let mut bed = online_after_a_restore(Database::SilentArchive);
    bed.set_database(0, Database::Working);
    bed.profile(0).caches.clear();
    bed.set_server(ServerBehavior::UnavailableChanges);
    let tab = bed.reopen(0);
    bed.wait(2 * MINUTE_MS);
    assert_eq!((bed.logged(), bed.badge(tab)), (0, SyncBadge::Waiting { count: 1 }));
    bed.set_server(ServerBehavior::Normal);
    bed.wait(2 * MINUTE_MS);
    assert_eq!((bed.logged(), bed.badge(tab)), (2, SyncBadge::Saved));
}

#[test]
fn nothing_is_sent_to_a_restored_server_before_an_unreadable_archive_is_read_again() {
    let mut bed = online_after_a_restore(Database::RefusedArchive);
    bed.wait(10_000);
    assert_eq!((bed.logged(), bed.waiting(0)), (0, 1));
    bed.set_database(0, Database::Working);
    bed.wait(10_000);
    assert_eq!((bed.logged(), bed.badge(0)), (2, SyncBadge::Saved));
}

/// The archive is silent but for the answer to its first read, which lacks what was archived since.
/// Nothing is sent until the latest read is answered.
fn answer_an_earlier_archive_read(wait_before_ms: u64, wait_after_ms: u64) {
    let mut bed = online_after_a_restore(Database::SilentArchive);
    bed.wait(wait_before_ms);
    let request = ArchiveRequest { user_id: crate::test_bed::user(1), number: 1 };
    bed.feed(0, Input::ArchiveRead { request, archived: Some(Vec::new()) });
    bed.wait(wait_after_ms);
    assert_eq!((bed.logged(), bed.badge(0)), (0, SyncBadge::Syncing { count: 1 }));
    bed.set_database(0, Database::Working);
    bed.wait(2 * MINUTE_MS);
    assert_eq!((bed.logged(), bed.badge(0)), (2, SyncBadge::Saved));
}

#[test]
fn the_answer_to_an_earlier_archive_read_is_ignored() {
    answer_an_earlier_archive_read(5_000, 5_000);
}

/// A slow archive answers earlier reads while the latest is on its way.
#[test]
fn the_answer_to_an_earlier_archive_read_prolongs_the_wait() {
    answer_an_earlier_archive_read(25_000, 20_000);
}

/// Sending does not wait for ever. The archive is read again with the next changes.
#[test]
fn an_archive_that_was_unreadable_for_long_is_resent_later() {
    let mut bed = TestBed::with_devices(1);
    let backup = bed.log().clone();
    bed.start(0, "tea");
    bed.wait(MINUTE_MS);
    bed.set_database(0, Database::RefusedArchive);
    restore(&mut bed, backup);
    assert_eq!(bed.logged(), 0);
    bed.set_database(0, Database::Working);
    bed.wait(2 * MINUTE_MS);
    assert_eq!((bed.logged(), bed.badge(0)), (1, SyncBadge::Saved));
}

/// Another tab would send an event that is stored without those before it.
#[test]
fn resent_events_are_stored_in_order_until_one_is_refused() {
    let mut bed = TestBed::with_devices(1);
    let backup = bed.log().clone();
    bed.set_online(0, false);
    for name in ["tea", "cake", "walk", "call", "mail", "rest", "read", "nap"] {
        bed.start(0, name);
    }
    bed.set_online(0, true);
    bed.wait(MINUTE_MS);
    let log = bed.log().events(crate::test_bed::user(1));
    let ids: Vec<String> = log.iter().map(|it| it.event.envelope.id.to_string()).collect();
    bed.refuse_key(ids[3].clone());
    bed.set_server(ServerBehavior::Unavailable);
    restore(&mut bed, backup);
    assert_eq!(bed.waiting(0), 8);
    let keys = bed.profile(0).local_storage.keys();
    let events = keys.filter(|key| key.starts_with("wizi.event"));
    let stored: Vec<&str> = events.filter_map(|key| key.rsplit('.').next()).collect();
    assert_eq!(stored, ids[..3]);
}

/// The second device comes back first with an event about an entity that only the first can resend.
#[test]
fn an_event_rejected_for_a_missing_entity_is_accepted_once_the_entity_is_resent() {
    let mut bed = TestBed::with_devices(2);
    let backup = bed.log().clone();
    bed.start(0, "tea");
    bed.wait(MINUTE_MS);
    bed.act(1, Intent::Timer(TimerIntent::Stop));
    bed.wait(MINUTE_MS);
    restore_offline(&mut bed, backup);
    bed.set_online(1, true);
    bed.wait(MINUTE_MS);
    assert_eq!(bed.badge(1), SyncBadge::NeedsAttention { count: 1 });
    bed.set_online(0, true);
    bed.wait(3 * MINUTE_MS);
    assert_eq!(bed.badge(1), SyncBadge::Saved);
    assert_eq!((bed.shown(0), bed.logged()), (bed.shown(1), 2));
    assert_eq!(bed.shown(0), ["tea 0–1"]);
}

/// A thawed tab replies to a message from the time when it was the leader.
#[test]
fn a_late_message_of_a_former_leader_does_not_end_the_resend() {
    let mut bed = TestBed::with_devices(1);
    let tab = bed.open(0);
    let backup = bed.log().clone();
    bed.start(0, "tea");
    bed.wait(MINUTE_MS);
    bed.freeze(0);
    restore_offline(&mut bed, backup);
    bed.set_online(0, true);
    bed.wait(5_000);
    bed.set_server(ServerBehavior::UnavailableChanges);
    bed.wait(15_000);
    assert!(bed.is_leader(tab), "it has to resend the archive");
    bed.thaw(0);
    bed.wait(1_000);
    bed.set_server(ServerBehavior::Normal);
    bed.wait(2 * MINUTE_MS);
    assert_eq!((bed.logged(), bed.badge(tab)), (1, SyncBadge::Saved));
}

/// The leader is not connected yet when it is pinged, and then it is frozen for good.
#[test]
fn a_leader_that_freezes_after_its_pong_is_replaced() {
    let mut bed = TestBed::with_devices(1);
    let tab = bed.open(0);
    let backup = bed.log().clone();
    bed.start(0, "tea");
    bed.wait(MINUTE_MS);
    restore_offline(&mut bed, backup);
    bed.record(0).is_cut_off = true;
    bed.peer_messages().clear();
    bed.set_online(0, true);
    bed.wait(20_000);
    assert!(bed.peer_messages().contains(&PeerMessage::LeaderPong), "the leader was pinged");
    bed.freeze(0);
    bed.wait(MINUTE_MS);
    assert_eq!((bed.logged(), bed.badge(tab)), (1, SyncBadge::Saved));
}

/// The tab is killed before the durable copy has the resent events, and the browser a moment later.
#[test]
fn archived_events_are_kept_until_the_durable_copy_has_them_again() {
    let mut bed = TestBed::with_devices(1);
    let backup = bed.log().clone();
    bed.start(0, "tea");
    bed.wait(MINUTE_MS);
    restore_offline(&mut bed, backup);
    bed.set_server(ServerBehavior::Unavailable);
    bed.set_database(0, Database::SilentDurableCopy);
    bed.set_online(0, true);
    bed.wait(5_000);
    assert_eq!(bed.badge(0), SyncBadge::Saving { count: 1 }, "it is resent");
    bed.set_database(0, Database::SilentDurableRead);
    bed.reopen(0);
    bed.wait(5_000);
    bed.set_database(0, Database::Working);
    bed.set_server(ServerBehavior::Normal);
    let tab = bed.crash(0);
    bed.wait(2 * MINUTE_MS);
    assert_eq!((bed.logged(), bed.badge(tab)), (1, SyncBadge::Saved));
}

#[test]
fn after_the_resend_the_leader_is_pinged_once_a_minute() {
    let mut bed = TestBed::with_devices(1);
    bed.open(0);
    bed.wait(MINUTE_MS);
    bed.peer_messages().clear();
    bed.wait(10 * MINUTE_MS);
    let pings = bed.peer_messages().iter().filter(|it| **it == PeerMessage::LeaderPing).count();
    assert!((9..=11).contains(&pings), "{pings}");
}

#[test]
fn archived_events_are_removed_after_a_month() {
    let mut bed = TestBed::with_devices(1);
    bed.start(0, "tea");
    bed.wait(MINUTE_MS);
    assert_eq!(bed.profile(0).archive.len(), 1);
    bed.set_online(0, false);
    bed.wait(31 * DAY_MS);
    bed.set_online(0, true);
    bed.reopen(0);
    bed.wait(MINUTE_MS);
    assert_eq!(bed.profile(0).archive.len(), 0);
}
