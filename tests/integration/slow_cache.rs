//! A snapshot cache that answers late or never.

use wizitime::app::input::{CacheSnapshot, Input};
use wizitime::features::SyncBadge;
use wizitime::sync::CACHE_READ_MS_MAX;
use wizitime_domain::EpochId;

use crate::test_bed::{Database, TestBed, account, user};

const MINUTE_MS: u64 = 60_000;

fn device_with_a_silent_cache() -> TestBed {
    let mut bed = TestBed::empty();
    let profile = bed.add_profile(Some(&account(1)));
    bed.set_database(profile, Database::SilentCache);
    bed.open(profile);
    bed
}

#[test]
fn a_cache_read_that_never_returns_does_not_keep_the_device_offline() {
    let mut bed = device_with_a_silent_cache();
    bed.start(0, "tea");
    bed.wait(CACHE_READ_MS_MAX - 1);
    assert_eq!(bed.record(0).connects, 0, "the cache has its time");
    bed.wait(MINUTE_MS);
    assert_eq!((bed.logged(), bed.badge(0)), (1, SyncBadge::Saved));
}

#[test]
fn a_cache_that_answers_after_the_server_changes_nothing() {
    let mut bed = device_with_a_silent_cache();
    bed.start(0, "tea");
    bed.wait(MINUTE_MS);
    let before = bed.shown(0);
    let snapshot =
        CacheSnapshot { epoch: EpochId::from_bytes([3; 16]), cursor: 99, entities: Vec::new() };
    bed.feed(0, Input::CacheLoaded { user_id: user(1), snapshot: Some(snapshot) });
    bed.wait(2 * MINUTE_MS);
    assert_eq!((bed.shown(0), bed.badge(0)), (before, SyncBadge::Saved));
    assert_eq!(bed.record(0).connects, 1, "it stays connected");
}

#[test]
fn a_cache_that_answers_before_the_server_is_shown() {
    let mut bed = device_with_a_silent_cache();
    bed.set_online(0, false);
    bed.wait(2 * CACHE_READ_MS_MAX);
    let epoch = EpochId::from_bytes([9; 16]);
    let snapshot = CacheSnapshot { epoch, cursor: 0, entities: Vec::new() };
    bed.feed(0, Input::CacheLoaded { user_id: user(1), snapshot: Some(snapshot) });
    assert_eq!(bed.state(0).ledger.epoch(), Some(epoch));
    bed.start(0, "tea");
    bed.set_online(0, true);
    bed.wait(MINUTE_MS);
    assert_eq!((bed.logged(), bed.badge(0)), (1, SyncBadge::Saved));
}
