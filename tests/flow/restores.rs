//! A server that is restored from a backup has lost the latest events; the devices have not.

use wizitime::app::input::PeerMessage;
use wizitime::features::SyncBadge;
use wizitime::features::{Intent, TimerIntent};
use wizitime_domain::EpochId;

use crate::desk::{Desk, Mood, Pace, account};

const MINUTE_MS: u64 = 60_000;
const DAY_MS: u64 = 24 * 60 * MINUTE_MS;

/// Puts back what the server was, under a new name, while nobody reaches it.
fn put_back(desk: &mut Desk, backup: wizitime_hub::MemoryLog) {
    for profile in 0..desk.profiles.len() {
        desk.set_online(profile, false);
    }
    desk.log = backup.with_epoch(EpochId::from_bytes([10; 16]));
}

/// Puts back what the server was, and lets everybody come back.
fn restore(desk: &mut Desk, backup: wizitime_hub::MemoryLog) {
    put_back(desk, backup);
    for profile in 0..desk.profiles.len() {
        desk.set_online(profile, true);
    }
    desk.wait(2 * MINUTE_MS);
}

#[test]
fn what_was_acknowledged_is_offered_again_in_its_order() {
    let mut desk = Desk::with_devices(2);
    desk.start(0, "tea");
    desk.wait(MINUTE_MS);
    let backup = desk.log.clone();
    desk.act(0, Intent::Timer(TimerIntent::Stop));
    desk.wait(MINUTE_MS);
    desk.start(1, "cake");
    desk.wait(MINUTE_MS);
    let before = desk.shown(0);
    restore(&mut desk, backup);
    assert_eq!(desk.logged(), 3);
    assert_eq!((desk.shown(0), desk.shown(1)), (before.clone(), before));
    assert_eq!((desk.waiting(0), desk.waiting(1)), (0, 0));
}

#[test]
fn a_device_that_was_closed_meanwhile_offers_it_when_it_comes_back() {
    let mut desk = Desk::with_devices(1);
    let backup = desk.log.clone();
    desk.start(0, "tea");
    desk.wait(MINUTE_MS);
    put_back(&mut desk, backup);
    let tab = desk.reopen(0);
    desk.set_online(0, true);
    desk.wait(2 * MINUTE_MS);
    assert_eq!((desk.logged(), desk.waiting(tab)), (1, 0));
}

#[test]
fn what_is_on_its_way_to_the_archive_is_offered_as_well() {
    let mut desk = Desk::with_devices(1);
    let backup = desk.log.clone();
    desk.profiles[0].pace = Pace::Slow;
    desk.start(0, "tea");
    desk.wait(MINUTE_MS);
    assert_eq!((desk.logged(), desk.profiles[0].archive.len()), (1, 0));
    restore(&mut desk, backup);
    assert_eq!(desk.logged(), 1);
}

#[test]
fn what_was_acknowledged_before_the_first_news_came_is_sent_again() {
    let mut desk = Desk::empty();
    desk.mood = Mood::Tired;
    let profile = desk.add_profile(Some(&account(1)));
    let tab = desk.open(profile);
    let backup = desk.log.clone();
    desk.start(tab, "tea");
    desk.wait(MINUTE_MS);
    assert_eq!((desk.logged(), desk.profiles[profile].archive.len()), (1, 0));
    desk.mood = Mood::Good;
    restore(&mut desk, backup);
    assert_eq!((desk.logged(), desk.attention(tab)), (1, SyncBadge::Saved));
}

#[test]
fn nothing_is_sent_before_it_is_known_what_the_restored_server_has() {
    let mut desk = Desk::with_devices(1);
    let backup = desk.log.clone();
    desk.start(0, "tea");
    desk.wait(MINUTE_MS);
    put_back(&mut desk, backup);
    desk.mood = Mood::Tired;
    desk.set_online(0, true);
    desk.wait(MINUTE_MS);
    desk.act(0, Intent::Timer(TimerIntent::Stop));
    desk.wait(5_000);
    // Its clock was never started there: it would be refused.
    assert_eq!(desk.attention(0), SyncBadge::Waiting { count: 1 });
    desk.mood = Mood::Good;
    desk.wait(2 * MINUTE_MS);
    assert_eq!((desk.logged(), desk.attention(0)), (2, SyncBadge::Saved));
}

/// A tab that is gone by now has met the restored server; this one knows that log from its cache.
#[test]
fn nothing_is_sent_before_the_offer_although_the_log_is_known() {
    let mut desk = Desk::with_devices(1);
    let backup = desk.log.clone();
    desk.start(0, "tea");
    desk.wait(MINUTE_MS);
    desk.set_online(0, false);
    desk.act(0, Intent::Timer(TimerIntent::Stop));
    desk.log = backup.with_epoch(EpochId::from_bytes([10; 16]));
    desk.profiles[0].pace = Pace::SlowArchive;
    desk.set_online(0, true);
    desk.wait(5_000);
    desk.profiles[0].pace = Pace::Swift;
    desk.mood = Mood::Tired;
    let tab = desk.reopen(0);
    desk.wait(2 * MINUTE_MS);
    assert_eq!((desk.logged(), desk.attention(tab)), (0, SyncBadge::Waiting { count: 1 }));
    desk.mood = Mood::Good;
    desk.wait(2 * MINUTE_MS);
    assert_eq!((desk.logged(), desk.attention(tab)), (2, SyncBadge::Saved));
}

/// The second device comes back first and speaks of what only the first can bring.
#[test]
fn what_is_refused_for_want_of_something_is_taken_once_that_is_there() {
    let mut desk = Desk::with_devices(2);
    let backup = desk.log.clone();
    desk.start(0, "tea");
    desk.wait(MINUTE_MS);
    desk.act(1, Intent::Timer(TimerIntent::Stop));
    desk.wait(MINUTE_MS);
    put_back(&mut desk, backup);
    desk.set_online(1, true);
    desk.wait(MINUTE_MS);
    assert_eq!(desk.attention(1), SyncBadge::NeedsAttention { count: 1 });
    desk.set_online(0, true);
    desk.wait(3 * MINUTE_MS);
    assert_eq!(desk.attention(1), SyncBadge::Saved);
    assert_eq!((desk.shown(0), desk.logged()), (desk.shown(1), 2));
    assert_eq!(desk.shown(0), ["tea 0–1"]);
}

/// A tab that was frozen answers what it was asked before, as the sender that it no longer is.
#[test]
fn a_late_word_of_a_deposed_tab_does_not_end_the_offering() {
    let mut desk = Desk::with_devices(1);
    let tab = desk.open(0);
    let backup = desk.log.clone();
    desk.start(0, "tea");
    desk.wait(MINUTE_MS);
    desk.freeze(0);
    put_back(&mut desk, backup);
    desk.set_online(0, true);
    desk.wait(5_000);
    desk.mood = Mood::Tired;
    desk.wait(15_000);
    assert!(desk.tabs[tab].sends, "it has to offer what was acknowledged");
    desk.thaw(0);
    desk.wait(1_000);
    desk.mood = Mood::Good;
    desk.wait(2 * MINUTE_MS);
    assert_eq!((desk.logged(), desk.attention(tab)), (1, SyncBadge::Saved));
}

/// The tab that sends has not come back yet when it is asked, and then it is frozen for good.
#[test]
fn a_tab_that_answers_and_then_freezes_is_not_waited_for() {
    let mut desk = Desk::with_devices(1);
    let tab = desk.open(0);
    let backup = desk.log.clone();
    desk.start(0, "tea");
    desk.wait(MINUTE_MS);
    put_back(&mut desk, backup);
    desk.tabs[0].cut_off = true;
    desk.said.clear();
    desk.set_online(0, true);
    desk.wait(20_000);
    assert!(desk.said.contains(&PeerMessage::LeaderPong), "the tab that sends was asked");
    desk.freeze(0);
    desk.wait(MINUTE_MS);
    assert_eq!((desk.logged(), desk.attention(tab)), (1, SyncBadge::Saved));
}

/// The tab dies before the mirror has what it offers, and the browser a moment later.
#[test]
fn the_archived_copy_is_kept_until_the_mirror_has_it_again() {
    let mut desk = Desk::with_devices(1);
    let backup = desk.log.clone();
    desk.start(0, "tea");
    desk.wait(MINUTE_MS);
    put_back(&mut desk, backup);
    desk.mood = Mood::Unavailable;
    desk.profiles[0].pace = Pace::Slow;
    desk.set_online(0, true);
    desk.wait(5_000);
    assert_eq!(desk.attention(0), SyncBadge::Saving { count: 1 }, "it is offered again");
    desk.profiles[0].pace = Pace::SlowToRead;
    desk.reopen(0);
    desk.wait(5_000);
    desk.profiles[0].pace = Pace::Swift;
    desk.mood = Mood::Good;
    let tab = desk.crash(0);
    desk.wait(2 * MINUTE_MS);
    assert_eq!((desk.logged(), desk.attention(tab)), (1, SyncBadge::Saved));
}

#[test]
fn once_all_is_offered_it_is_asked_once_a_minute() {
    let mut desk = Desk::with_devices(1);
    desk.open(0);
    desk.wait(MINUTE_MS);
    desk.said.clear();
    desk.wait(10 * MINUTE_MS);
    let questions = desk.said.iter().filter(|it| **it == PeerMessage::LeaderPing).count();
    assert!((9..=11).contains(&questions), "{questions}");
}

#[test]
fn after_a_month_it_is_let_go() {
    let mut desk = Desk::with_devices(1);
    desk.start(0, "tea");
    desk.wait(MINUTE_MS);
    assert_eq!(desk.profiles[0].archive.len(), 1);
    desk.set_online(0, false);
    desk.wait(31 * DAY_MS);
    desk.set_online(0, true);
    desk.reopen(0);
    desk.wait(MINUTE_MS);
    assert_eq!(desk.profiles[0].archive.len(), 0);
}
