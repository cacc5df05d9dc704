//! Tests of scheduling and batch splitting.

use wizitime_domain::{
    DeviceId, EntryId, Envelope, Event, TimeEntryRef, Timestamp, WriterId, Zone,
};

use super::*;
use crate::store::record::Owner;

const fn at(ms: u64) -> MonoTime {
    MonoTime::from_ms(ms)
}

const fn moment(ms: u64) -> Moment {
    Moment { wall: Timestamp::saturating_from_ms(0), mono: at(ms), entropy: 0 }
}

fn event(byte: u8) -> BufferedEvent {
    let envelope = Envelope {
        id: EventId::from_bytes([byte; 16]),
        device_id: DeviceId::from_bytes([1; 16]),
        writer_id: WriterId::from_bytes([1; 16]),
        seq: u64::from(byte),
        at: Timestamp::saturating_from_ms(0),
        recorded_at: Timestamp::saturating_from_ms(0),
        zone: Zone::utc(),
        event: Event::DeleteTimeEntry(TimeEntryRef { time_entry_id: EntryId::from_bytes([1; 16]) }),
    };
    let json = envelope.to_json();
    BufferedEvent { envelope, json, owner: Owner::Guest }
}

fn events(count: u8) -> Vec<BufferedEvent> {
    (1..=count).map(event).collect()
}

fn started(count: u8) -> SyncHelper {
    let mut helper = SyncHelper::default();
    helper.schedule_now(at(0));
    helper.start(events(count).iter());
    helper
}

#[test]
fn events_recorded_together_go_together_within_a_bound() {
    let mut helper = SyncHelper::default();
    helper.schedule(at(0));
    assert_eq!(helper.due(), Some(at(SYNC_DELAY_MS)));
    for ms in (0..2_000).step_by(50) {
        helper.schedule(at(ms));
    }
    assert_eq!(helper.due(), Some(at(SCHEDULE_MS_MAX)));
    assert!(helper.is_due(at(SCHEDULE_MS_MAX)));
}

#[test]
fn only_one_push_is_in_flight() {
    let mut helper = started(1);
    helper.schedule_now(at(10));
    helper.schedule(at(20));
    assert!(!helper.is_due(at(60_000)));
    assert_eq!(helper.accepted(), [event(1).id()]);
}

#[test]
fn delays_grow_with_failures_and_start_over_after_success() {
    let mut helper = SyncHelper::default();
    let mut delays_ms = Vec::new();
    for _ in 0..7 {
        helper.schedule_now(at(0));
        helper.start(events(1).iter());
        helper.failed(None, moment(0));
        delays_ms.push(helper.due().unwrap().as_ms());
    }
    assert_eq!(delays_ms, [250, 500, 1_000, 2_500, 7_500, 7_500, 7_500]);
    helper.schedule_now(at(0));
    helper.start(events(1).iter());
    helper.accepted();
    helper.failed(None, moment(0));
    assert_eq!(helper.due(), Some(at(250)));
}

#[test]
fn the_server_can_ask_for_a_longer_delay_within_a_bound() {
    let mut helper = SyncHelper::default();
    helper.failed(Some(3_000), moment(0));
    assert_eq!(helper.due(), Some(at(3_000)));
    helper.schedule(at(10));
    assert_eq!(helper.due(), Some(at(3_000)), "an ordinary request waits as well");
    helper.failed(Some(u64::MAX), moment(0));
    assert_eq!(helper.due(), Some(at(RETRY_AFTER_MS_MAX)));
}

#[test]
fn a_batch_that_the_server_fails_on_is_halved_down_to_the_culprit() {
    let error = BulkError::because(Reason::Internal);
    let mut helper = started(4);
    assert_eq!(helper.refused(&error, moment(0)), None);
    assert_eq!(helper.start(events(4).iter()).len(), 2);
    assert_eq!(helper.refused(&error, moment(0)), None);
    for _ in 1..SINGLE_FAILURES_MAX {
        assert_eq!(helper.start(events(4).iter()).len(), 1);
        assert_eq!(helper.refused(&error, moment(0)), None);
    }
    assert_eq!(helper.start(events(4).iter()).len(), 1);
    let culprit = helper.refused(&error, moment(0)).unwrap();
    assert_eq!((culprit.id, culprit.code), (event(1).id(), QuarantineCode::ServerFailed));
    helper.accepted();
    assert_eq!(helper.start(events(4).iter()).len(), 4, "the rest goes in one batch again");
}

#[test]
fn an_event_does_not_inherit_the_failures_of_another() {
    let error = BulkError::because(Reason::Internal);
    let mut helper = SyncHelper::default();
    for byte in [1, 2] {
        for _ in 1..SINGLE_FAILURES_MAX {
            assert_eq!(helper.start([event(byte)].iter()).len(), 1);
            assert_eq!(helper.refused(&error, moment(0)), None);
        }
    }
}

#[test]
fn only_the_user_ends_the_delay_after_an_internal_error() {
    let mut helper = started(1);
    helper.refused(&BulkError::because(Reason::Internal), moment(0));
    let due = helper.due().unwrap();
    helper.connection_lost();
    for request in [SyncHelper::schedule, SyncHelper::schedule_now] {
        request(&mut helper, at(10));
        assert_eq!(helper.due(), Some(due));
    }
    helper.requested_by_user(at(10));
    assert_eq!(helper.due(), Some(at(10)));
}

#[test]
fn a_rejection_names_the_event_by_id_or_by_index() {
    let mut error = BulkError::because(Reason::Rejected);
    error.index = Some(1);
    assert_eq!(started(3).refused(&error, moment(0)).unwrap().id, event(2).id());
    error.id = Some(event(3).id());
    assert_eq!(started(3).refused(&error, moment(0)).unwrap().id, event(3).id());
    error.id = Some(event(9).id());
    error.index = None;
    assert_eq!(started(3).refused(&error, moment(0)), None, "it was not sent");
}

#[test]
fn a_batch_stays_within_the_limits_of_the_server() {
    let mut helper = SyncHelper::default();
    helper.set_limits(Limits { events: 2, ..Limits::default() });
    assert_eq!(helper.start(events(3).iter()).len(), 2);
    let mut helper = SyncHelper::default();
    helper.set_limits(Limits { bytes: 1, ..Limits::default() });
    assert_eq!(helper.start(events(3).iter()).len(), 1, "the first always goes");
}
