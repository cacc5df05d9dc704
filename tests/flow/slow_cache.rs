//! A snapshot cache that answers late or never.

use wizitime::app::input::{CacheSnapshot, Input};
use wizitime::features::SyncBadge;
use wizitime::sync::CACHE_READ_MS_MAX;
use wizitime_domain::EpochId;

use crate::desk::{Desk, Pace, account, user};

const MINUTE_MS: u64 = 60_000;

fn device_with_a_silent_cache() -> Desk {
    let mut desk = Desk::empty();
    let profile = desk.add_profile(Some(&account(1)));
    desk.profiles[profile].pace = Pace::SilentCache;
    desk.open(profile);
    desk
}

#[test]
fn a_cache_read_that_never_returns_does_not_keep_the_device_offline() {
    let mut desk = device_with_a_silent_cache();
    desk.start(0, "tea");
    desk.wait(CACHE_READ_MS_MAX - 1);
    assert_eq!(desk.tabs[0].connects, 0, "the cache has its time");
    desk.wait(MINUTE_MS);
    assert_eq!((desk.logged(), desk.attention(0)), (1, SyncBadge::Saved));
}

#[test]
fn a_cache_that_answers_after_the_server_changes_nothing() {
    let mut desk = device_with_a_silent_cache();
    desk.start(0, "tea");
    desk.wait(MINUTE_MS);
    let before = desk.shown(0);
    let snapshot =
        CacheSnapshot { epoch: EpochId::from_bytes([3; 16]), cursor: 99, entities: Vec::new() };
    desk.feed(0, Input::CacheLoaded { user_id: user(1), snapshot: Some(snapshot) });
    desk.wait(2 * MINUTE_MS);
    assert_eq!((desk.shown(0), desk.attention(0)), (before, SyncBadge::Saved));
    assert_eq!(desk.tabs[0].connects, 1, "it stays connected");
}

#[test]
fn a_cache_that_answers_before_the_server_is_shown() {
    let mut desk = device_with_a_silent_cache();
    desk.online[0] = false;
    desk.wait(2 * CACHE_READ_MS_MAX);
    let epoch = EpochId::from_bytes([9; 16]);
    let snapshot = CacheSnapshot { epoch, cursor: 0, entities: Vec::new() };
    desk.feed(0, Input::CacheLoaded { user_id: user(1), snapshot: Some(snapshot) });
    assert_eq!(desk.tabs[0].client.state().ledger.epoch(), Some(epoch));
    desk.start(0, "tea");
    desk.set_online(0, true);
    desk.wait(MINUTE_MS);
    assert_eq!((desk.logged(), desk.attention(0)), (1, SyncBadge::Saved));
}
