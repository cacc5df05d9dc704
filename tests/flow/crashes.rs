//! A browser that is killed has not written localStorage to the disk yet; the mirror has.

use wizitime::app::input::Input;
use wizitime::features::{Intent, SyncIntent, TimerIntent};
use wizitime::features::{SyncBadge, select_status};
use wizitime::sync::StorageKey;
use wizitime_protocol::messages::{BulkError, Reason};

use crate::desk::{Desk, Mood, Pace};

const MINUTE_MS: u64 = 60_000;

fn mirrored(desk: &Desk) -> usize {
    desk.profiles[0].mirror.as_ref().unwrap().len()
}

#[test]
fn what_a_crash_took_comes_back_from_the_mirror_and_arrives_once() {
    let mut desk = Desk::with_devices(1);
    desk.set_online(0, false);
    desk.start(0, "tea");
    desk.wait(20 * MINUTE_MS);
    desk.act(0, Intent::Timer(TimerIntent::Stop));
    let tab = desk.crash(0);
    assert_eq!(desk.shown(tab), ["tea 0–20"]);
    let again = desk.profiles[0].stored.keys().filter(|key| key.starts_with("wizi.event"));
    assert_eq!(again.count(), 2, "other tabs find them as well");
    desk.set_online(0, true);
    desk.wait(2 * MINUTE_MS);
    assert_eq!((desk.logged(), desk.waiting(tab)), (2, 0));
    assert_eq!(mirrored(&desk), 0, "what the server has needs no mirror");
}

#[test]
fn it_is_said_to_be_saved_only_when_it_is_on_disk() {
    let mut desk = Desk::with_devices(1);
    desk.set_online(0, false);
    desk.profiles[0].pace = Pace::Slow;
    desk.start(0, "tea");
    assert_eq!(desk.attention(0), SyncBadge::Saving { count: 1 });
    desk.profiles[0].pace = Pace::Swift;
    let tab = desk.reopen(0);
    assert_eq!(mirrored(&desk), 1, "whoever finds it makes sure of it");
    assert_eq!(desk.attention(tab), SyncBadge::Waiting { count: 1 });
}

#[test]
fn nothing_overtakes_what_the_mirror_may_hold_but_it_is_not_waited_for_for_ever() {
    let mut desk = Desk::with_devices(1);
    desk.profiles[0].pace = Pace::Slow;
    let tab = desk.reopen(0);
    desk.start(tab, "tea");
    desk.wait(2_500);
    assert_eq!(desk.logged(), 0, "the mirror has not been read");
    desk.wait(1_000);
    assert_eq!(desk.logged(), 1);
}

#[test]
fn a_browser_without_a_mirror_works_and_says_what_that_means() {
    let mut desk = Desk::with_devices(1);
    desk.profiles[0].mirror = None;
    let tab = desk.reopen(0);
    desk.set_online(0, false);
    desk.start(tab, "tea");
    assert_eq!(desk.attention(tab), SyncBadge::Waiting { count: 1 });
    assert!(!select_status(desk.tabs[tab].client.state()).crash_safe);
    desk.set_online(0, true);
    desk.wait(MINUTE_MS);
    assert_eq!(desk.logged(), 1);
}

#[test]
fn what_was_set_aside_is_still_set_aside_after_a_crash() {
    let mut desk = Desk::with_devices(1);
    let error = BulkError { index: Some(0), ..BulkError::because(Reason::Rejected) };
    desk.mood = Mood::ChokesOn("tea".to_owned(), error);
    desk.start(0, "tea");
    desk.wait(MINUTE_MS);
    assert_eq!(desk.attention(0), SyncBadge::NeedsAttention { count: 1 });
    desk.profiles[0].stored.retain(|key, _| !key.starts_with("wizi.quarantine"));
    let tab = desk.reopen(0);
    assert_eq!(desk.attention(tab), SyncBadge::NeedsAttention { count: 1 });
}

/// The text is older than what became of the event: its removal had not reached the disk.
#[test]
fn what_is_set_aside_only_by_an_old_text_is_not_asked_about() {
    let mut desk = Desk::with_devices(1);
    desk.start(0, "tea");
    let events = &desk.tabs[0].client.state().events;
    let record = events.waiting().next().unwrap().clone();
    desk.wait(MINUTE_MS);
    let json = record.json.as_str();
    let text = format!(r#"{{"code":"depends","message":"","envelope":{json}}}"#);
    desk.profiles[0].stored.insert(StorageKey::quarantine(&record).write(), text);
    let tab = desk.reopen(0);
    desk.wait(MINUTE_MS);
    assert_eq!((desk.logged(), desk.attention(tab)), (1, SyncBadge::Saved));
    let keys = desk.profiles[0].stored.keys();
    assert_eq!(keys.filter(|key| key.starts_with("wizi.quarantine")).count(), 0);
}

/// Another tab had read the mirror before the event was moved from there to the archive.
#[test]
fn what_is_written_back_as_set_aside_after_it_was_acknowledged_is_not_asked_about() {
    let mut desk = Desk::with_devices(1);
    let error = BulkError { index: Some(0), ..BulkError::because(Reason::Rejected) };
    desk.mood = Mood::ChokesOn("tea".to_owned(), error);
    desk.start(0, "tea");
    desk.wait(MINUTE_MS);
    let quarantined = desk.tabs[0].client.state().events.quarantined().next().unwrap();
    let key = StorageKey::quarantine(&quarantined.event).write();
    let text = desk.profiles[0].stored[&key].clone();
    let outdated = desk.profiles[0].mirror.clone().map(|mirror| mirror.into_iter().collect());
    desk.mood = Mood::Good;
    desk.act(
        0,
        Intent::Sync(SyncIntent::RetryQuarantined { event_id: quarantined.event.envelope.id }),
    );
    desk.wait(MINUTE_MS);
    assert_eq!((desk.logged(), desk.attention(0)), (1, SyncBadge::Saved));
    // This tab itself knows better.
    desk.feed(0, Input::DurableCopyRead { stored: outdated });
    assert_eq!(desk.attention(0), SyncBadge::Saved);
    desk.profiles[0].stored.insert(key.clone(), text.clone());
    desk.feed(0, Input::PeerStored { key: key.clone(), value: text });
    desk.wait(2 * MINUTE_MS);
    assert_eq!((desk.logged(), desk.attention(0)), (1, SyncBadge::Saved));
    assert!(!desk.profiles[0].stored.contains_key(&key));
}

/// Another tab slept when it was acknowledged, and made sure in the mirror of what it had heard.
#[test]
fn what_is_mirrored_as_set_aside_after_it_was_acknowledged_is_not_asked_about() {
    let mut desk = Desk::with_devices(1);
    let error = BulkError { index: Some(0), ..BulkError::because(Reason::Rejected) };
    desk.mood = Mood::ChokesOn("tea".to_owned(), error);
    desk.start(0, "tea");
    desk.wait(MINUTE_MS);
    let outdated = desk.profiles[0].mirror.clone();
    desk.mood = Mood::Good;
    let event_id = desk.tabs[0].client.state().events.quarantined().next().unwrap();
    let event_id = event_id.event.envelope.id;
    desk.act(0, Intent::Sync(SyncIntent::RetryQuarantined { event_id }));
    desk.wait(MINUTE_MS);
    desk.profiles[0].mirror = outdated;
    // The periodic poll reads it.
    desk.wait(2 * MINUTE_MS);
    assert_eq!((desk.logged(), desk.attention(0)), (1, SyncBadge::Saved));
    assert_eq!(mirrored(&desk), 0);
}

/// It was set aside, became possible, and was acknowledged; of the last two the crash left nothing
/// behind.
#[test]
fn what_became_possible_before_a_crash_is_not_asked_about_after_it() {
    let mut desk = Desk::with_devices(1);
    desk.start(0, "tea");
    desk.wait(MINUTE_MS);
    let code = Some("unknown_entity".to_owned());
    let error = BulkError { index: Some(0), code, ..BulkError::because(Reason::Rejected) };
    desk.mood = Mood::ChokesOn("STOP_CLOCK".to_owned(), error);
    desk.act(0, Intent::Timer(TimerIntent::Stop));
    desk.wait(1_000);
    assert_eq!(desk.attention(0), SyncBadge::NeedsAttention { count: 1 });
    let outdated = desk.profiles[0].mirror.clone().map(|mirror| mirror.into_iter().collect());
    desk.mood = Mood::Good;
    desk.wait(2 * MINUTE_MS);
    assert_eq!((desk.logged(), desk.attention(0)), (2, SyncBadge::Saved));
    desk.profiles[0].archive.clear();
    desk.profiles[0].pace = Pace::SlowToRead;
    let tab = desk.reopen(0);
    desk.wait(5_000);
    desk.feed(tab, Input::DurableCopyRead { stored: outdated });
    desk.wait(1_000);
    assert_eq!((desk.logged(), desk.attention(tab)), (2, SyncBadge::Saved));
}

/// localStorage has no room for it under its new key, so it stays under the old one.
#[test]
fn what_could_not_be_moved_out_of_quarantine_leaves_no_text_there() {
    let mut desk = Desk::with_devices(1);
    let error = BulkError { index: Some(0), ..BulkError::because(Reason::Rejected) };
    desk.mood = Mood::ChokesOn("tea".to_owned(), error);
    desk.start(0, "tea");
    desk.wait(MINUTE_MS);
    desk.mood = Mood::Good;
    desk.profiles[0].full = true;
    let event_id = desk.tabs[0].client.state().events.quarantined().next().unwrap();
    let event_id = event_id.event.envelope.id;
    desk.act(0, Intent::Sync(SyncIntent::RetryQuarantined { event_id }));
    desk.wait(MINUTE_MS);
    desk.profiles[0].full = false;
    let tab = desk.reopen(0);
    desk.wait(MINUTE_MS);
    assert_eq!((desk.logged(), desk.attention(tab)), (1, SyncBadge::Saved));
}

#[test]
fn what_another_account_left_in_the_mirror_is_kept_and_not_shown() {
    let mut desk = Desk::with_devices(1);
    desk.set_online(0, false);
    desk.start(0, "tea");
    desk.profiles[0].stored.clear();
    let tab = desk.reopen(0);
    assert_eq!(desk.shown(tab), [""; 0], "nobody is signed in");
    assert_eq!(desk.tabs[tab].client.state().events.foreign_count(), 1);
    assert!(desk.profiles[0].stored.keys().any(|key| key.starts_with("wizi.event")));
}

/// What was acknowledged lies in localStorage again, as if it had never been sent.
#[test]
fn what_a_crash_brought_back_is_not_sent_again() {
    let mut desk = Desk::with_devices(1);
    desk.set_online(0, false);
    desk.start(0, "tea");
    let before = desk.profiles[0].stored.clone();
    desk.set_online(0, true);
    desk.wait(MINUTE_MS);
    assert_eq!((desk.logged(), desk.attention(0)), (1, SyncBadge::Saved));
    desk.profiles[0].stored.extend(before);
    desk.set_online(0, false);
    let tab = desk.reopen(0);
    assert_eq!(desk.waiting(tab), 1);
    desk.set_online(0, true);
    desk.wait(MINUTE_MS);
    assert_eq!(desk.attention(tab), SyncBadge::Saved);
    assert!(!desk.tabs[tab].log.contains(&"send BULK_EVENT".to_owned()));
    assert!(!desk.profiles[0].stored.keys().any(|key| key.starts_with("wizi.event")));
}
