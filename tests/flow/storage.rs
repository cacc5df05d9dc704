//! What a device's storage can do to a person.

use wizitime::app::Moment;
use wizitime::app::input::Input;
use wizitime::features::SyncBadge;
use wizitime::features::{Intent, SyncIntent, TimerIntent};
use wizitime_domain::Timestamp;
use wizitime_protocol::phoenix::MonoTime;

use crate::desk::{Desk, NINE_MS};

const MINUTE_MS: u64 = 60_000;

#[test]
fn a_full_storage_is_said_at_once_and_the_event_still_syncs() {
    let mut desk = Desk::with_devices(1);
    desk.set_online(0, false);
    desk.profiles[0].full = true;
    desk.start(0, "tea");
    assert_eq!(desk.attention(0), SyncBadge::NotSaved { count: 1 });
    assert_eq!(desk.shown(0), ["tea 0–"]);
    desk.act(0, Intent::Sync(SyncIntent::ExportUnsynced));
    assert!(desk.tabs[0].downloads[0].contains("START_CLOCK"));
    desk.set_online(0, true);
    desk.wait(MINUTE_MS);
    assert_eq!((desk.logged(), desk.waiting(0)), (1, 0));
    assert_eq!(desk.attention(0), SyncBadge::Saved);
}

#[test]
fn what_did_not_fit_is_written_when_there_is_room() {
    let mut desk = Desk::with_devices(1);
    desk.set_online(0, false);
    desk.profiles[0].full = true;
    desk.start(0, "tea");
    desk.act(0, Intent::Sync(SyncIntent::SyncNow));
    assert_eq!(desk.attention(0), SyncBadge::NotSaved { count: 1 }, "there is no room yet");
    desk.profiles[0].full = false;
    desk.act(0, Intent::Sync(SyncIntent::SyncNow));
    assert_eq!(desk.attention(0), SyncBadge::Waiting { count: 1 });
    let tab = desk.reopen(0);
    assert_eq!(desk.shown(tab), ["tea 0–"]);
}

#[test]
fn what_follows_something_that_did_not_fit_is_not_sent_before_it() {
    let mut desk = Desk::with_devices(1);
    // The first tab sends what this one stores.
    let tab = desk.open(0);
    desk.profiles[0].full = true;
    desk.start(tab, "tea");
    desk.profiles[0].full = false;
    desk.act(tab, Intent::Timer(TimerIntent::Stop));
    desk.wait(MINUTE_MS);
    let log = desk.log.events(crate::desk::user(1));
    let names: Vec<&str> = log.iter().map(|it| it.event.envelope.event.event_type()).collect();
    assert_eq!(names, ["START_CLOCK", "STOP_CLOCK"]);
}

#[test]
fn what_only_the_mirror_took_from_a_frozen_tab_is_sent_by_another() {
    let mut desk = Desk::with_devices(1);
    let tab = desk.open(0);
    desk.profiles[0].full = true;
    desk.start(tab, "tea");
    desk.freeze(tab);
    desk.profiles[0].full = false;
    desk.wait(3 * MINUTE_MS);
    assert_eq!((desk.logged(), desk.shown(0)), (1, vec!["tea 0–".to_owned()]));
}

/// The others do not know that anything waits.
#[test]
fn what_only_the_mirror_took_from_the_frozen_sender_is_sent_by_another() {
    let mut desk = Desk::with_devices(1);
    let tab = desk.open(0);
    desk.wait(MINUTE_MS);
    desk.set_online(0, false);
    desk.profiles[0].full = true;
    desk.start(0, "tea");
    desk.freeze(0);
    desk.profiles[0].full = false;
    desk.set_online(0, true);
    desk.wait(3 * MINUTE_MS);
    assert_eq!((desk.logged(), desk.shown(tab)), (1, vec!["tea 1–".to_owned()]));
}

#[test]
fn a_damaged_text_stays_where_it_is_when_it_cannot_be_set_aside() {
    let mut desk = Desk::with_devices(1);
    let key = format!("wizi.event.{}.x", crate::desk::user(1));
    desk.profiles[0].stored.insert(key.clone(), "{".to_owned());
    desk.profiles[0].full = true;
    desk.reopen(0);
    assert!(desk.profiles[0].stored.contains_key(&key));
}

#[test]
fn a_damaged_text_is_set_aside_and_the_rest_loads() {
    let mut desk = Desk::with_devices(1);
    desk.set_online(0, false);
    desk.start(0, "tea");
    let id = "01890a5d-ac96-774b-bcce-b302099a8057";
    let owner = crate::desk::user(1);
    let key = format!("wizi.event.{owner}.0000000000000001.{id}");
    desk.profiles[0].stored.insert(key.clone(), "{\"id\":".to_owned());
    let tab = desk.reopen(0);
    assert_eq!(desk.shown(tab), ["tea 0–"]);
    assert_eq!(desk.tabs[tab].client.state().events.corrupt_count, 1);
    let aside = desk.profiles[0].stored.get(&format!("wizi.damaged.{key}"));
    assert_eq!(aside.map(String::as_str), Some("{\"id\":"));
    assert!(!desk.profiles[0].stored.contains_key(&key));
    // It is still counted when the tab is opened once more.
    let tab = desk.reopen(0);
    assert_eq!(desk.tabs[tab].client.state().events.corrupt_count, 1);
}

#[test]
fn an_event_of_a_newer_version_is_left_alone() {
    let mut desk = Desk::with_devices(1);
    desk.set_online(0, false);
    desk.start(0, "tea");
    let (key, value) = desk.stored(0).into_iter().find(|(key, _)| key.contains("event")).unwrap();
    let newer = value.replace("\"v\":1", "\"v\":2").replace("START_CLOCK", "START_TWO_CLOCKS");
    desk.profiles[0].stored.insert(key.clone(), newer.clone());
    let tab = desk.reopen(0);
    desk.set_online(0, true);
    desk.wait(MINUTE_MS);
    assert_eq!(desk.tabs[tab].client.state().events.newer_count(), 1);
    assert_eq!(desk.profiles[0].stored.get(&key), Some(&newer));
}

#[test]
fn the_cache_shows_everything_before_the_server_is_asked() {
    let mut desk = Desk::with_devices(1);
    desk.start(0, "tea");
    desk.wait(MINUTE_MS);
    desk.set_online(0, false);
    let tab = desk.reopen(0);
    assert_eq!((desk.shown(tab), desk.waiting(tab)), (vec!["tea 0–".to_owned()], 0));
}

#[test]
fn a_clock_that_is_set_back_does_not_make_an_entry_that_cannot_be_stopped() {
    let mut desk = Desk::with_devices(1);
    desk.wait(10 * MINUTE_MS);
    desk.start(0, "tea");
    // An hour back on the wall, one minute later.
    let wall = Timestamp::saturating_from_ms(NINE_MS - 49 * 60_000);
    let now = Moment { entropy: 0, wall, mono: MonoTime::from_ms(200 + 11 * MINUTE_MS) };
    let effects = desk.tabs[0].client.handle(Input::User(Intent::Timer(TimerIntent::Stop)), now);
    assert!(!effects.is_empty());
    assert_eq!(desk.shown(0), ["tea 10–11"]);
}

/// Eight entries a day for a year, and never a server: Chromium gives an origin 5 Mi characters.
#[test]
fn a_year_without_a_server_fits_into_local_storage() {
    const CHARS_MAX: usize = 5 * 1024 * 1024;
    let mut desk = Desk::empty();
    let profile = desk.add_profile(None);
    let tab = desk.open(profile);
    for entry in 0..8 * 365 {
        desk.start(tab, &format!("What was done on that day, {entry}"));
        desk.act(tab, Intent::Timer(TimerIntent::Stop));
    }
    assert_eq!(desk.attention(tab), SyncBadge::Guest);
    let chars: usize =
        desk.stored(profile).iter().map(|(key, value)| key.len() + value.len()).sum();
    assert!(chars < CHARS_MAX * 7 / 10, "{chars} characters leave too little room");
}
