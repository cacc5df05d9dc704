//! The client with Phoenix servers of several versions, also where Phoenix's own JavaScript client
//! is known to fail.

use wizitime::app::input::{Input, PageEvent};
use wizitime::features::{Intent, TimerIntent};
use wizitime::features::{SyncBadge, select_status};
use wizitime::store::slices::connection::SyncError;

use crate::test_bed::{ServerBehavior, TestBed};
use wizitime_testkit::phoenix::Version;

const SECOND_MS: u64 = 1_000;
const MINUTE_MS: u64 = 60 * SECOND_MS;

/// All close codes of Phoenix and its web servers, and those of proxies.
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
fn two_devices_sync_on_every_version() {
    for version in Version::ALL {
        let mut bed = TestBed::on_phoenix(version, 2);
        bed.start(0, "tea");
        bed.wait(MINUTE_MS);
        bed.act(1, Intent::Timer(TimerIntent::Stop));
        bed.start(1, "cake");
        bed.wait(MINUTE_MS);
        assert_eq!(bed.shown(0), ["tea 0–1", "cake 1–"], "{version:?}");
        assert_eq!((bed.shown(1), bed.logged()), (bed.shown(0), 3), "{version:?}");
        assert_eq!(bed.badge(0), SyncBadge::Saved, "{version:?}");
        assert_eq!((bed.phoenix(0).joins, bed.record(0).connects), (1, 1), "{version:?}");
    }
}

/// Phoenix's own client waits for the push to time out, and never reconnects after 1000.
#[test]
fn a_push_in_flight_is_resent_at_once_after_any_close_code() {
    for version in Version::ALL {
        for code in CLOSE_CODES {
            let mut bed = TestBed::on_phoenix(version, 1);
            bed.set_server(ServerBehavior::ClosesAfterCommit(code));
            bed.start(0, "tea");
            bed.wait(SECOND_MS);
            assert_eq!(bed.record(0).connects, 2, "{version:?} {code:?}");
            bed.wait(SECOND_MS);
            let end = (bed.logged(), bed.badge(0));
            assert_eq!(end, (1, SyncBadge::Saved), "{version:?} {code:?}");
        }
    }
}

#[test]
fn a_crashed_channel_is_rejoined_and_the_batch_is_resent() {
    for version in Version::ALL {
        let mut bed = TestBed::on_phoenix(version, 1);
        bed.set_server(ServerBehavior::ChannelCrashes);
        bed.start(0, "tea");
        bed.wait(4 * SECOND_MS);
        assert_eq!((bed.logged(), bed.badge(0)), (1, SyncBadge::Saved), "{version:?}");
        assert_eq!((bed.phoenix(0).joins, bed.record(0).connects), (2, 1), "{version:?}");
    }
}

/// An exception in a handler is `phx_error` in Phoenix, whatever caused it.
#[test]
fn an_event_that_crashes_the_channel_each_time_is_quarantined_and_the_rest_is_sent() {
    for version in Version::ALL {
        let mut bed = TestBed::on_phoenix(version, 1);
        bed.set_server(ServerBehavior::CrashesOnBatches("tea".to_owned()));
        bed.set_online(0, false);
        bed.start(0, "tea");
        bed.act(0, Intent::Timer(TimerIntent::Stop));
        bed.start(0, "cake");
        bed.set_online(0, true);
        bed.wait(10 * SECOND_MS);
        // All three events together, and five times the first one alone.
        let joins_max = 1 + 1 + 5;
        assert!(bed.phoenix(0).joins < joins_max, "{version:?}: the waits grow");
        bed.wait(2 * MINUTE_MS);
        let end = (bed.logged(), bed.badge(0));
        assert_eq!(end, (1, SyncBadge::NeedsAttention { count: 2 }), "{version:?}");
        assert_eq!(bed.phoenix(0).joins, joins_max, "{version:?}");
    }
}

#[test]
fn a_channel_that_crashes_over_each_request_is_joined_ever_less_often() {
    for version in Version::ALL {
        let mut bed = TestBed::on_phoenix(version, 1);
        bed.set_server(ServerBehavior::CrashesOnChanges);
        bed.set_online(0, false);
        bed.set_online(0, true);
        bed.wait(MINUTE_MS);
        let joins = bed.phoenix(0).joins;
        assert!((3..20).contains(&joins), "{version:?}: {joins} joins");
        bed.set_server(ServerBehavior::Normal);
        bed.start(0, "tea");
        bed.wait(MINUTE_MS);
        assert_eq!((bed.logged(), bed.badge(0)), (1, SyncBadge::Saved), "{version:?}");
    }
}

/// Phoenix's own client still considers itself joined.
#[test]
fn a_channel_that_ended_silently_is_rejoined() {
    for version in Version::ALL {
        let mut bed = TestBed::on_phoenix(version, 1);
        bed.phoenix(0).forget();
        bed.start(0, "tea");
        bed.wait(4 * SECOND_MS);
        assert_eq!((bed.logged(), bed.badge(0)), (1, SyncBadge::Saved), "{version:?}");
        assert_eq!(bed.phoenix(0).joins, 2, "{version:?}");
    }
}

/// The client receives a crash that the server does not know of. The server replies to the new join
/// before it closes the old channel.
#[test]
fn a_rejoin_survives_the_close_of_the_earlier_channel() {
    for version in Version::ALL {
        let mut bed = TestBed::on_phoenix(version, 1);
        let error = bed.phoenix(0).error();
        bed.send_frame(0, error);
        bed.start(0, "tea");
        bed.wait(4 * SECOND_MS);
        assert_eq!((bed.logged(), bed.badge(0)), (1, SyncBadge::Saved), "{version:?}");
        bed.wait(10 * MINUTE_MS);
        assert_eq!((bed.phoenix(0).joins, bed.record(0).connects), (2, 1), "{version:?}");
    }
}

#[test]
fn late_frames_of_an_earlier_join_change_nothing() {
    for version in Version::ALL {
        let mut bed = TestBed::on_phoenix(version, 1);
        let first = bed.phoenix(0).joined_as().to_owned();
        bed.set_server(ServerBehavior::ChannelCrashes);
        bed.start(0, "tea");
        bed.wait(4 * SECOND_MS);
        let before = bed.state(0).connection.clone();
        for text in bed.phoenix(0).late(&first) {
            bed.send_frame(0, text);
        }
        bed.act(0, Intent::Timer(TimerIntent::Stop));
        bed.wait(MINUTE_MS);
        assert_eq!(bed.state(0).connection, before, "{version:?}");
        assert_eq!((bed.logged(), bed.badge(0)), (2, SyncBadge::Saved), "{version:?}");
        assert_eq!((bed.phoenix(0).joins, bed.record(0).connects), (2, 1), "{version:?}");
    }
}

#[test]
fn a_refused_join_is_shown_and_retried() {
    for reason in ["unauthorized", "join crashed", "too many channels joined"] {
        let mut bed = TestBed::on_phoenix(Version::V1_8_12, 1);
        bed.phoenix(0).refusal = Some(reason.to_owned());
        bed.phoenix(0).forget();
        bed.start(0, "tea");
        bed.wait(MINUTE_MS);
        let status = select_status(bed.state(0));
        assert_eq!(status.error, SyncError::Refused { reason: reason.to_owned() });
        assert!((5..=12).contains(&bed.phoenix(0).joins), "{}", bed.phoenix(0).joins);
        bed.phoenix(0).refusal = None;
        bed.wait(20 * SECOND_MS);
        assert_eq!((bed.logged(), bed.badge(0)), (1, SyncBadge::Saved), "{reason}");
    }
}

/// Phoenix's own client does not probe: it takes up to a minute.
#[test]
fn a_dead_connection_is_detected_within_five_seconds_of_waking() {
    let mut bed = TestBed::on_phoenix(Version::V1_8_12, 1);
    bed.wait(3 * SECOND_MS);
    bed.record(0).is_link_dead = true;
    bed.feed(0, Input::Page(PageEvent::Visible));
    bed.wait(5 * SECOND_MS);
    assert!(bed.state(0).connection.joined);
    assert_eq!(bed.record(0).connects, 2);
}

/// A browser cannot see whether the server is down or the token refused.
#[test]
fn a_client_that_never_connects_backs_off_and_shows_it() {
    let mut bed = TestBed::on_phoenix(Version::V1_8_12, 1);
    bed.record(0).is_cut_off = true;
    bed.close(0, Some(1001));
    bed.record(0).connects = 0;
    bed.wait(MINUTE_MS);
    let first = bed.record(0).connects;
    bed.wait(9 * MINUTE_MS);
    let all = bed.record(0).connects;
    assert!((10..=25).contains(&first), "{first} in the first minute");
    assert!((first + 9..=first + 40).contains(&all), "{all} in ten minutes");
    assert_eq!(select_status(bed.state(0)).failed_connects as usize, all);
    bed.record(0).is_cut_off = false;
    bed.feed(0, Input::Page(PageEvent::Online));
    bed.wait(SECOND_MS);
    assert!(bed.state(0).connection.joined, "the network event ends the backoff");
}
