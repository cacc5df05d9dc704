//! The same client on somebody else's Phoenix, and better than its own JavaScript where that is
//! known to fall short.

use wizitime::app::input::{Input, PageEvent};
use wizitime::features::{Intent, TimerIntent};
use wizitime::features::{SyncBadge, select_status};
use wizitime::store::slices::connection::SyncError;

use crate::desk::{Desk, Mood};
use crate::phoenix::Version;

const SECOND_MS: u64 = 1_000;
const MINUTE_MS: u64 = 60 * SECOND_MS;

/// All that a Phoenix closes with, by whatever cause and web server, and what proxies make of it.
const CLOSE_CODES: [Option<u16>; 13] = [
    Some(1000),
    Some(1001),
    Some(1002),
    Some(1005),
    Some(1006),
    Some(1007),
    Some(1008),
    Some(1009),
    Some(1011),
    Some(1012),
    Some(1013),
    Some(4001),
    None,
];

#[test]
fn a_working_day_goes_well_on_every_version() {
    for version in Version::ALL {
        let mut desk = Desk::on_phoenix(version, 2);
        desk.start(0, "tea");
        desk.wait(MINUTE_MS);
        desk.act(1, Intent::Timer(TimerIntent::Stop));
        desk.start(1, "cake");
        desk.wait(MINUTE_MS);
        assert_eq!(desk.shown(0), ["tea 0–1", "cake 1–"], "{version:?}");
        assert_eq!((desk.shown(1), desk.logged()), (desk.shown(0), 3), "{version:?}");
        assert_eq!(desk.attention(0), SyncBadge::Saved, "{version:?}");
        assert_eq!((desk.phoenix(0).joins, desk.tabs[0].connects), (1, 1), "{version:?}");
    }
}

/// Phoenix's own client waits for the push to time out, and stays away for ever after 1000.
#[test]
fn however_a_connection_ends_the_push_in_flight_is_made_up_for_at_once() {
    for version in Version::ALL {
        for code in CLOSE_CODES {
            let mut desk = Desk::on_phoenix(version, 1);
            desk.mood = Mood::ClosesAfterCommit(code);
            desk.start(0, "tea");
            desk.wait(SECOND_MS);
            assert_eq!(desk.tabs[0].connects, 2, "{version:?} {code:?}");
            desk.wait(SECOND_MS);
            let end = (desk.logged(), desk.attention(0));
            assert_eq!(end, (1, SyncBadge::Saved), "{version:?} {code:?}");
        }
    }
}

#[test]
fn a_crashed_channel_is_joined_again_and_gets_what_it_crashed_over() {
    for version in Version::ALL {
        let mut desk = Desk::on_phoenix(version, 1);
        desk.mood = Mood::Crashes;
        desk.start(0, "tea");
        desk.wait(4 * SECOND_MS);
        assert_eq!((desk.logged(), desk.attention(0)), (1, SyncBadge::Saved), "{version:?}");
        assert_eq!((desk.phoenix(0).joins, desk.tabs[0].connects), (2, 1), "{version:?}");
    }
}

/// Phoenix's own client goes on believing that it is joined.
#[test]
fn a_channel_that_the_server_forgot_is_joined_again() {
    for version in Version::ALL {
        let mut desk = Desk::on_phoenix(version, 1);
        desk.phoenix(0).forget();
        desk.start(0, "tea");
        desk.wait(4 * SECOND_MS);
        assert_eq!((desk.logged(), desk.attention(0)), (1, SyncBadge::Saved), "{version:?}");
        assert_eq!(desk.phoenix(0).joins, 2, "{version:?}");
    }
}

/// The client thinks that the channel crashed; the server knows nothing of it. It answers the new
/// join first, and only then it closes the old channel.
#[test]
fn a_join_that_replaces_another_survives_its_close() {
    for version in Version::ALL {
        let mut desk = Desk::on_phoenix(version, 1);
        let error = desk.phoenix(0).error();
        desk.say(0, error);
        desk.start(0, "tea");
        desk.wait(4 * SECOND_MS);
        assert_eq!((desk.logged(), desk.attention(0)), (1, SyncBadge::Saved), "{version:?}");
        desk.wait(10 * MINUTE_MS);
        assert_eq!((desk.phoenix(0).joins, desk.tabs[0].connects), (2, 1), "{version:?}");
    }
}

#[test]
fn what_comes_late_from_an_earlier_join_changes_nothing() {
    for version in Version::ALL {
        let mut desk = Desk::on_phoenix(version, 1);
        let first = desk.phoenix(0).joined_as().to_owned();
        desk.mood = Mood::Crashes;
        desk.start(0, "tea");
        desk.wait(4 * SECOND_MS);
        let before = desk.tabs[0].client.state().connection.clone();
        for text in desk.phoenix(0).late(&first) {
            desk.say(0, text);
        }
        desk.act(0, Intent::Timer(TimerIntent::Stop));
        desk.wait(MINUTE_MS);
        assert_eq!(desk.tabs[0].client.state().connection, before, "{version:?}");
        assert_eq!((desk.logged(), desk.attention(0)), (2, SyncBadge::Saved), "{version:?}");
        assert_eq!((desk.phoenix(0).joins, desk.tabs[0].connects), (2, 1), "{version:?}");
    }
}

#[test]
fn a_refused_join_is_told_and_tried_again() {
    for reason in ["unauthorized", "join crashed", "too many channels joined"] {
        let mut desk = Desk::on_phoenix(Version::V1_8_12, 1);
        desk.phoenix(0).refusal = Some(reason.to_owned());
        desk.phoenix(0).forget();
        desk.start(0, "tea");
        desk.wait(MINUTE_MS);
        let status = select_status(desk.tabs[0].client.state());
        assert_eq!(status.error, SyncError::Refused { reason: reason.to_owned() });
        assert!((5..=12).contains(&desk.phoenix(0).joins), "{}", desk.phoenix(0).joins);
        desk.phoenix(0).refusal = None;
        desk.wait(20 * SECOND_MS);
        assert_eq!((desk.logged(), desk.attention(0)), (1, SyncBadge::Saved), "{reason}");
    }
}

/// Phoenix's own client probes nothing: it finds out after up to a minute.
#[test]
fn an_open_but_dead_link_is_found_within_five_seconds_of_waking() {
    let mut desk = Desk::on_phoenix(Version::V1_8_12, 1);
    desk.wait(3 * SECOND_MS);
    desk.tabs[0].link_is_dead = true;
    desk.feed(0, Input::Page(PageEvent::Visible));
    desk.wait(5 * SECOND_MS);
    assert!(desk.tabs[0].client.state().connection.joined);
    assert_eq!(desk.tabs[0].connects, 2);
}

/// A browser cannot see whether the server is down or the token refused.
#[test]
fn who_is_never_let_in_comes_less_often_and_says_so() {
    let mut desk = Desk::on_phoenix(Version::V1_8_12, 1);
    desk.tabs[0].cut_off = true;
    desk.close(0, Some(1001));
    desk.tabs[0].connects = 0;
    desk.wait(MINUTE_MS);
    let first = desk.tabs[0].connects;
    desk.wait(9 * MINUTE_MS);
    let all = desk.tabs[0].connects;
    assert!((10..=25).contains(&first), "{first} in the first minute");
    assert!((first + 9..=first + 40).contains(&all), "{all} in ten minutes");
    assert_eq!(select_status(desk.tabs[0].client.state()).failed_connects as usize, all);
    desk.tabs[0].cut_off = false;
    desk.feed(0, Input::Page(PageEvent::Online));
    desk.wait(SECOND_MS);
    assert!(desk.tabs[0].client.state().connection.joined, "the network coming back ends the wait");
}
