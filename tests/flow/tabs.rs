//! Tabs of one browser profile: all record, one sends.

use crate::desk::Desk;

const MINUTE_MS: u64 = 60_000;

fn two_tabs() -> Desk {
    let mut desk = Desk::with_devices(1);
    desk.open(0);
    desk.wait(1_000);
    desk
}

#[test]
fn what_any_tab_records_is_shown_in_all_and_sent_by_one() {
    let mut desk = two_tabs();
    desk.start(1, "tea");
    assert_eq!(desk.shown(0), desk.shown(1), "at once, and without a server");
    desk.wait(1_000);
    assert_eq!(desk.logged(), 1);
    assert!(desk.tabs[0].log.iter().any(|it| it == "send BULK_EVENT"));
    assert!(!desk.tabs[1].log.iter().any(|it| it == "send BULK_EVENT"));
}

#[test]
fn a_frozen_sender_is_deposed_within_ten_seconds_and_does_no_harm_later() {
    let mut desk = two_tabs();
    desk.freeze(0);
    desk.start(1, "tea");
    desk.wait(10_000);
    assert_eq!((desk.logged(), desk.waiting(1)), (1, 0));
    assert!(desk.tabs[1].sends);
    desk.thaw(0);
    desk.start(0, "cake");
    desk.wait(MINUTE_MS);
    assert_eq!(desk.logged(), 2);
    assert_eq!(desk.shown(0), desk.shown(1));
    assert!(!desk.tabs[0].sends && desk.tabs[1].sends);
}

#[test]
fn a_sender_that_is_there_keeps_the_lock() {
    let mut desk = two_tabs();
    desk.mood = crate::desk::Mood::Unavailable;
    desk.start(1, "tea");
    desk.wait(MINUTE_MS);
    assert_eq!(desk.logged(), 0);
    assert!(desk.tabs[0].sends, "it is the server that does not take it");
}
