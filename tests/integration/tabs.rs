//! Tabs of one browser profile: all record, the leader sends.

use crate::test_bed::TestBed;

const MINUTE_MS: u64 = 60_000;

#[test]
fn events_of_any_tab_are_shown_in_all_and_sent_by_the_leader() {
    let mut bed = TestBed::with_two_tabs();
    bed.start(1, "tea");
    assert_eq!(bed.shown(0), bed.shown(1), "at once, and without a server");
    bed.wait(1_000);
    assert_eq!(bed.logged(), 1);
    assert!(bed.record(0).steps.iter().any(|it| it == "send BULK_EVENT"));
    assert!(!bed.record(1).steps.iter().any(|it| it == "send BULK_EVENT"));
}

#[test]
fn a_frozen_leader_is_replaced_within_ten_seconds() {
    let mut bed = TestBed::with_two_tabs();
    bed.freeze(0);
    bed.start(1, "tea");
    bed.wait(10_000);
    assert_eq!((bed.logged(), bed.waiting(1)), (1, 0));
    assert!(bed.is_leader(1));
    bed.thaw(0);
    bed.start(0, "cake");
    bed.wait(MINUTE_MS);
    assert_eq!(bed.logged(), 2);
    assert_eq!(bed.shown(0), bed.shown(1));
    assert!(!bed.is_leader(0) && bed.is_leader(1));
}

#[test]
fn a_responsive_leader_keeps_the_lock() {
    let mut bed = TestBed::with_two_tabs();
    bed.set_server(crate::test_bed::ServerBehavior::Unavailable);
    bed.start(1, "tea");
    bed.wait(MINUTE_MS);
    assert_eq!(bed.logged(), 0);
    assert!(bed.is_leader(0), "the server is what fails");
}
