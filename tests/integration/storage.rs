//! Full, corrupt and newer storage.

use wizitime::features::SyncBadge;
use wizitime::features::{Intent, SyncIntent, TimerIntent};
use wizitime::store::slices::notices::{Notice, Refusal};
use wizitime_domain::{DESCRIPTION_CHARS_MAX, EVENT_BYTES_MAX, Rejection};

use crate::test_bed::TestBed;

const MINUTE_MS: u64 = 60_000;

#[test]
fn a_full_local_storage_is_shown_at_once_and_the_event_is_still_sent() {
    let mut bed = TestBed::with_devices(1);
    bed.set_online(0, false);
    bed.set_full(0, true);
    bed.start(0, "tea");
    assert_eq!(bed.badge(0), SyncBadge::NotSaved { count: 1 });
    assert_eq!(bed.shown(0), ["tea 0–"]);
    bed.act(0, Intent::Sync(SyncIntent::ExportUnsynced));
    assert!(bed.record(0).downloads[0].contains("START_CLOCK"));
    bed.set_online(0, true);
    bed.wait(MINUTE_MS);
    assert_eq!((bed.logged(), bed.waiting(0)), (1, 0));
    assert_eq!(bed.badge(0), SyncBadge::Saved);
}

#[test]
fn refused_writes_are_retried_when_there_is_room() {
    let mut bed = TestBed::with_devices(1);
    bed.set_online(0, false);
    bed.set_full(0, true);
    bed.start(0, "tea");
    bed.act(0, Intent::Sync(SyncIntent::SyncNow));
    assert_eq!(bed.badge(0), SyncBadge::NotSaved { count: 1 }, "there is no room yet");
    bed.set_full(0, false);
    bed.act(0, Intent::Sync(SyncIntent::SyncNow));
    assert_eq!(bed.badge(0), SyncBadge::Waiting { count: 1 });
    let tab = bed.reopen(0);
    assert_eq!(bed.shown(tab), ["tea 0–"]);
}

#[test]
fn events_after_a_refused_write_are_not_sent_before_it() {
    let mut bed = TestBed::with_devices(1);
    // The first tab is the leader and sends the events of this one.
    let tab = bed.open(0);
    bed.set_full(0, true);
    bed.start(tab, "tea");
    bed.set_full(0, false);
    bed.act(tab, Intent::Timer(TimerIntent::Stop));
    bed.wait(MINUTE_MS);
    let log = bed.log().events(crate::test_bed::user(1));
    let names: Vec<&str> = log.iter().map(|it| it.event.envelope.event.event_type()).collect();
    assert_eq!(names, ["START_CLOCK", "STOP_CLOCK"]);
}

#[test]
fn an_event_of_a_frozen_tab_that_only_the_durable_copy_has_is_sent_by_another_tab() {
    let mut bed = TestBed::with_devices(1);
    let tab = bed.open(0);
    bed.set_full(0, true);
    bed.start(tab, "tea");
    bed.freeze(tab);
    bed.set_full(0, false);
    bed.wait(3 * MINUTE_MS);
    assert_eq!((bed.logged(), bed.shown(0)), (1, vec!["tea 0–".to_owned()]));
}

/// The other tabs do not know that an event waits.
#[test]
fn an_event_of_the_frozen_leader_that_only_the_durable_copy_has_is_sent_by_another_tab() {
    let mut bed = TestBed::with_devices(1);
    let tab = bed.open(0);
    bed.wait(MINUTE_MS);
    bed.set_online(0, false);
    bed.set_full(0, true);
    bed.start(0, "tea");
    bed.freeze(0);
    bed.set_full(0, false);
    bed.set_online(0, true);
    bed.wait(3 * MINUTE_MS);
    assert_eq!((bed.logged(), bed.shown(tab)), (1, vec!["tea 1–".to_owned()]));
}

#[test]
fn a_corrupt_record_stays_at_its_key_when_it_cannot_be_moved() {
    let mut bed = TestBed::with_devices(1);
    let key = format!("wizi.event.{}.x", crate::test_bed::user(1));
    bed.profile(0).local_storage.insert(key.clone(), "{".to_owned());
    bed.set_full(0, true);
    bed.reopen(0);
    assert!(bed.profile(0).local_storage.contains_key(&key));
}

#[test]
fn a_corrupt_record_is_moved_and_the_rest_loads() {
    let mut bed = TestBed::with_devices(1);
    bed.set_online(0, false);
    bed.start(0, "tea");
    let id = "01890a5d-ac96-774b-bcce-b302099a8057";
    let owner = crate::test_bed::user(1);
    let key = format!("wizi.event.{owner}.0000000000000001.{id}");
    bed.profile(0).local_storage.insert(key.clone(), "{\"id\":".to_owned());
    let tab = bed.reopen(0);
    assert_eq!(bed.shown(tab), ["tea 0–"]);
    assert_eq!(bed.state(tab).events.corrupt_count, 1);
    let moved = bed.profile(0).local_storage.get(&format!("wizi.damaged.{key}"));
    assert_eq!(moved.map(String::as_str), Some("{\"id\":"));
    assert!(!bed.profile(0).local_storage.contains_key(&key));
    // It is counted again when the tab is opened again.
    let tab = bed.reopen(0);
    assert_eq!(bed.state(tab).events.corrupt_count, 1);
}

#[test]
fn an_event_of_a_newer_version_is_not_changed() {
    let mut bed = TestBed::with_devices(1);
    bed.set_online(0, false);
    bed.start(0, "tea");
    let (key, value) = bed.stored(0).into_iter().find(|(key, _)| key.contains("event")).unwrap();
    let newer = value.replace("\"v\":1", "\"v\":2").replace("START_CLOCK", "START_TWO_CLOCKS");
    bed.profile(0).local_storage.insert(key.clone(), newer.clone());
    let tab = bed.reopen(0);
    bed.set_online(0, true);
    bed.wait(MINUTE_MS);
    assert_eq!(bed.state(tab).events.newer_count(), 1);
    assert_eq!(bed.profile(0).local_storage.get(&key), Some(&newer));
}

#[test]
fn the_snapshot_cache_is_shown_before_the_server_replies() {
    let mut bed = TestBed::with_devices(1);
    bed.start(0, "tea");
    bed.wait(MINUTE_MS);
    bed.set_online(0, false);
    let tab = bed.reopen(0);
    assert_eq!((bed.shown(tab), bed.waiting(tab)), (vec!["tea 0–".to_owned()], 0));
}

#[test]
fn an_entry_can_be_stopped_after_the_clock_was_set_back() {
    let mut bed = TestBed::with_devices(1);
    bed.wait(10 * MINUTE_MS);
    bed.start(0, "tea");
    bed.wait(MINUTE_MS);
    bed.set_skew_ms(0, -60 * 60_000);
    bed.act(0, Intent::Timer(TimerIntent::Stop));
    assert_eq!(bed.shown(0), ["tea 10–11"]);
}

/// Each control character takes six bytes: the text has as many characters as is allowed, and the
/// event more bytes.
#[test]
fn a_text_that_could_not_be_read_from_storage_again_is_refused_at_once() {
    let mut bed = TestBed::with_devices(1);
    let text = "\u{7}".repeat(DESCRIPTION_CHARS_MAX);
    bed.act(
        0,
        Intent::Timer(TimerIntent::Start { description: text, project_id: None, started_at: None }),
    );
    let refusal = Refusal::Rejected(Rejection::TooLarge { bytes_max: EVENT_BYTES_MAX });
    assert_eq!(bed.state(0).notices.current, Some(Notice::Refused(refusal)));
    assert_eq!((bed.shown(0), bed.waiting(0)), (Vec::new(), 0));
    bed.start(0, &"\u{fc}".repeat(DESCRIPTION_CHARS_MAX));
    let tab = bed.reopen(0);
    assert_eq!((bed.shown(tab).len(), bed.badge(tab)), (1, SyncBadge::Saved));
}

/// Eight entries a day for a year, and never a server: Chromium gives an origin 5 Mi characters.
#[test]
fn a_year_without_a_server_fits_into_local_storage() {
    const CHARS_MAX: usize = 5 * 1024 * 1024;
    let mut bed = TestBed::empty();
    let profile = bed.add_profile(None);
    let tab = bed.open(profile);
    for entry in 0..8 * 365 {
        bed.start(tab, &format!("What was done on that day, {entry}"));
        bed.act(tab, Intent::Timer(TimerIntent::Stop));
    }
    assert_eq!(bed.badge(tab), SyncBadge::Guest);
    let chars: usize = bed.stored(profile).iter().map(|(key, value)| key.len() + value.len()).sum();
    assert!(chars < CHARS_MAX * 7 / 10, "{chars} characters leave too little room");
}
