//! A device's clock that is turned back, or that is earlier than the start of the running entry.

use wizitime::app::input::{Input, PageEvent};
use wizitime::features::{Intent, TimerIntent, TimerNote, select_timer_note};
use wizitime::store::record::QuarantineCode;
use wizitime::store::slices::notices::{Notice, Refusal};
use wizitime_domain::{DurationMs, Rejection, RejectionCode};

use crate::test_bed::{TestBed, account, sign_in_answer};

const MINUTE_MS: u64 = 60_000;
const HOUR_MS: i64 = 3_600_000;

/// A guest whose clock of an entry runs since minute 10, at minute 11.
fn running_guest() -> (TestBed, usize, usize) {
    let mut bed = TestBed::empty();
    let profile = bed.add_profile(None);
    let tab = bed.open(profile);
    bed.wait(10 * MINUTE_MS);
    bed.start(tab, "tea");
    bed.wait(MINUTE_MS);
    (bed, profile, tab)
}

fn stop(bed: &mut TestBed, tab: usize) {
    bed.act(tab, Intent::Timer(TimerIntent::Stop));
}

/// What the timer card says while the device's clock shows `minutes` after the start.
fn note(bed: &TestBed, tab: usize, minutes: i64) -> Option<TimerNote> {
    let state = bed.state(tab);
    let started_at = state.ledger.shown().running()?.started_at;
    let wall = started_at.saturating_add(DurationMs::from_minutes(minutes));
    select_timer_note(state, started_at, wall, state.device.server_time(wall))
}

#[test]
fn the_running_time_of_a_guest_goes_on_after_the_clock_was_turned_back() {
    let (mut bed, profile, tab) = running_guest();
    bed.set_skew_ms(profile, -HOUR_MS);
    bed.wait(MINUTE_MS);
    assert_eq!(note(&bed, tab, -58), Some(TimerNote::CheckClock));
    stop(&mut bed, tab);
    assert_eq!(bed.shown(tab), ["tea 10–12"]);
}

#[test]
fn the_next_start_of_a_guest_is_not_in_the_future() {
    let (mut bed, profile, tab) = running_guest();
    bed.set_skew_ms(profile, -HOUR_MS);
    bed.wait(MINUTE_MS);
    stop(&mut bed, tab);
    bed.wait(MINUTE_MS);
    bed.start(tab, "mail");
    // The device shows 13 - 60 minutes.
    assert_eq!(bed.shown(tab), ["mail -47–", "tea 10–12"]);
    assert_eq!(note(&bed, tab, 1), None);
}

#[test]
fn a_clock_that_was_turned_back_while_none_ran_is_followed() {
    let (mut bed, profile, tab) = running_guest();
    stop(&mut bed, tab);
    bed.set_skew_ms(profile, -HOUR_MS);
    bed.wait(MINUTE_MS);
    bed.start(tab, "mail");
    assert_eq!(bed.shown(tab), ["mail -48–", "tea 10–11"]);
}

#[test]
fn turning_the_clock_forward_again_takes_back_what_was_assumed() {
    let (mut bed, profile, tab) = running_guest();
    bed.set_skew_ms(profile, -HOUR_MS);
    bed.wait(MINUTE_MS);
    // The core notices a jump at the next input.
    bed.feed(tab, Input::Page(PageEvent::Visible));
    bed.set_skew_ms(profile, 0);
    bed.wait(MINUTE_MS);
    stop(&mut bed, tab);
    assert_eq!(bed.shown(tab), ["tea 10–13"]);
}

#[test]
fn a_start_after_now_is_noted_after_a_reload() {
    let (mut bed, profile, _) = running_guest();
    bed.set_skew_ms(profile, -HOUR_MS);
    let tab = bed.reopen(profile);
    assert_eq!(note(&bed, tab, -59), Some(TimerNote::CheckClock));
    // It can be stopped, and the next clock starts when the device says.
    stop(&mut bed, tab);
    bed.start(tab, "mail");
    assert_eq!(bed.shown(tab), ["mail -49–", "tea 10–10"]);
}

#[test]
fn a_measured_clock_is_corrected_without_a_note() {
    let mut bed = TestBed::with_devices(1);
    bed.set_skew_ms(0, -HOUR_MS);
    let tab = bed.reopen(0);
    bed.wait(10 * MINUTE_MS);
    bed.start(tab, "tea");
    assert_eq!(bed.shown(tab), ["tea 10–"]);
    assert_eq!(note(&bed, tab, -59), None);
}

#[test]
fn a_clock_that_runs_for_half_a_day_is_asked_about() {
    let (bed, _, tab) = running_guest();
    assert_eq!(note(&bed, tab, 12 * 60 - 1), None);
    assert_eq!(note(&bed, tab, 12 * 60), Some(TimerNote::StillRunning));
}

#[test]
fn start_more_than_a_day_ahead_is_refused_at_once() {
    let (mut bed, _, tab) = running_guest();
    let now = bed.state(tab).ledger.shown().running().unwrap().started_at;
    let started_at = Some(now.saturating_add(DurationMs::from_minutes(25 * 60)));
    let (description, project_id) = ("mail".to_owned(), None);
    bed.act(tab, Intent::Timer(TimerIntent::Start { description, project_id, started_at }));
    let refusal = Refusal::Rejected(Rejection::StartInFuture);
    assert_eq!(bed.state(tab).notices.current, Some(Notice::Refused(refusal)));
    assert_eq!(bed.shown(tab), ["tea 10–"]);
}

/// The clock of the device is years ahead, and no server was there to compare it with.
#[test]
fn clock_started_years_ahead_by_a_guest_is_quarantined_at_sign_in() {
    const YEAR_MS: i64 = 365 * 24 * HOUR_MS;
    let mut bed = TestBed::with_devices(1);
    bed.start(0, "right");
    bed.wait(MINUTE_MS);
    let profile = bed.add_profile(None);
    bed.set_skew_ms(profile, 10 * YEAR_MS);
    let guest = bed.open(profile);
    bed.start(guest, "wrong");
    bed.wait(MINUTE_MS);
    bed.feed(guest, sign_in_answer(account(1)));
    bed.wait(MINUTE_MS);
    let quarantined = bed.state(guest).events.quarantined().next().unwrap();
    let code = QuarantineCode::Rejected(RejectionCode::StartInFuture.name().into());
    assert_eq!(quarantined.reason.code, code);
    for tab in [0, guest] {
        assert_eq!(bed.shown(tab), ["right 0–"]);
    }
}
