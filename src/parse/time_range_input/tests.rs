//! Typed starts and ends, each case as (day, time) in a zone one hour east of UTC.

use super::*;
use crate::parse::clock_text;
use crate::parse::test_zone::{Berlin, utc_2026};
use wizitime_domain::FixedOffset;

const ZONE: FixedOffset = FixedOffset(3_600_000);

/// `1 09:30`: half past nine on day 1 of the calendar of these tests.
fn at(text: &str) -> Timestamp {
    let (day, time) = text.split_once(' ').unwrap();
    let (hour, minute) = time.split_once(':').unwrap();
    let minutes = hour.parse::<i64>().unwrap() * 60 + minute.parse::<i64>().unwrap();
    instant_at(parse_day(day), minutes * 60_000, &ZONE).first()
}

fn parse_day(text: &str) -> Day {
    Day::from_days(20_000 + text.parse::<i64>().unwrap())
}

fn describe(result: Result<Timestamp, TimeError>) -> String {
    let text = |at: Timestamp| {
        let day = day_of(at, &ZONE).as_days() - 20_000;
        format!("{day} {}", clock_text(at, &ZONE, ClockStyle::H24))
    };
    match result {
        Ok(at) => text(at),
        Err(TimeError::Unsure(Guess { at, doubt, .. })) => match doubt {
            Doubt::AnotherDay => format!("confirm {}", text(at)),
            Doubt::ClockOrLength(_) => format!("time or length {}", text(at)),
            Doubt::SkippedHour => format!("skipped {}", text(at)),
            Doubt::LongEntry => format!("long {}", text(at)),
        },
        Err(TimeError::TooLong) => "too long".to_owned(),
        Err(TimeError::Text(_)) => "not a time".to_owned(),
        Err(TimeError::EndBeforeStart { .. }) => "before start".to_owned(),
        Err(TimeError::StartAfterEnd { .. }) => "after end".to_owned(),
        Err(TimeError::InFuture) => "in future".to_owned(),
    }
}

/// An entry from `start` to `was`; the end is typed at noon of day 5.
fn check_end(start: &str, was: Option<&str>, clock: ClockStyle, typed: &str, expected: &str) {
    let field = EndField { start: at(start), current: was.map(at) };
    let ctx = InputCtx { now: at("5 12:00"), zone: &ZONE, clock };
    assert_eq!(describe(field.parse(typed, ctx)), expected, "{start} to {was:?}, typed {typed:?}");
}

fn check_start(was: &str, end: Option<&str>, clock: ClockStyle, typed: &str, expected: &str) {
    let was = at(was);
    let bound = end.map_or(EndBound::Now, |end| EndBound::At(at(end)));
    let field = StartField { day: day_of(was, &ZONE), current: Some(was), end: bound };
    let ctx = InputCtx { now: at("5 12:00"), zone: &ZONE, clock };
    assert_eq!(describe(field.parse(typed, ctx)), expected, "{was:?} to {end:?}, typed {typed:?}");
}

use ClockStyle::{H12, H24};

#[test]
fn an_end_is_on_the_day_that_the_field_shows() {
    let day = |typed, expected| check_end("1 09:00", Some("1 17:00"), H24, typed, expected);
    day("17:30", "1 17:30");
    day("930", "1 09:30");
    day("9", "1 09:00");
    day("24", "2 00:00");
    day("5", "confirm 2 05:00");
    day("8:59", "confirm 2 08:59");
    let night = |typed, expected| check_end("1 22:00", Some("2 01:00"), H24, typed, expected);
    night("1:30", "2 01:30");
    night("23", "1 23:00");
    night("22", "1 22:00");
    night("9", "2 09:00");
    check_end("1 22:00", Some("3 03:00"), H24, "4", "long 3 04:00");
    check_end("1 22:00", Some("3 03:00"), H24, "23", "long 3 23:00");
}

#[test]
fn a_new_end_is_after_the_start() {
    check_end("1 09:00", None, H24, "10", "1 10:00");
    check_end("1 22:00", None, H24, "1", "confirm 2 01:00");
    check_end("1 09:00", None, H12, "5", "1 17:00");
    check_end("1 09:00", None, H12, "10", "1 10:00");
    check_end("1 22:00", None, H12, "11", "1 23:00");
    check_end("1 22:00", None, H12, "1", "confirm 2 01:00");
}

#[test]
fn an_end_can_be_a_length_or_a_shift() {
    check_end("1 09:00", Some("1 17:00"), H24, "1h 20m", "1 10:20");
    check_end("1 09:00", None, H24, "1h 20m", "1 10:20");
    check_end("1 09:00", Some("1 17:00"), H24, "-15m", "1 16:45");
    check_end("1 09:00", Some("1 17:00"), H24, "+1h", "1 18:00");
    check_end("1 09:00", Some("1 09:10"), H24, "-15m", "before start");
    check_end("1 09:00", Some("1 17:00"), H24, "now", "long 5 12:00");
    check_end("6 09:00", Some("6 17:00"), H24, "now", "before start");
    check_end("5 09:00", None, H24, "-15m", "5 11:45");
    check_end("1 09:00", Some("1 17:00"), H24, "later", "not a time");
}

#[test]
fn a_start_is_before_the_end() {
    let day = |typed, expected| check_start("1 09:00", Some("1 10:00"), H24, typed, expected);
    day("8", "1 08:00");
    day("10", "1 10:00");
    day("22", "confirm 0 22:00");
    day("10:01", "confirm 0 10:01");
    day("-15m", "1 08:45");
    day("+30m", "1 09:30");
    day("+2h", "after end");
    day("1h 20m", "1 08:40");
    day("now", "after end");
    let night = |typed, expected| check_start("1 22:00", Some("2 01:00"), H24, typed, expected);
    night("23", "1 23:00");
    night("0:30", "2 00:30");
    night("2", "1 02:00");
}

#[test]
fn a_running_clock_started_before_now() {
    let running = |typed, expected| check_start("5 11:00", None, H24, typed, expected);
    running("9", "5 09:00");
    running("-20m", "5 11:40");
    running("20m", "5 11:40");
    running("+5m", "5 11:05");
    running("now", "5 12:00");
    running("12", "5 12:00");
    running("13", "confirm 4 13:00");
    running("+2h", "in future");
    check_start("5 00:10", None, H24, "23:50", "confirm 4 23:50");
}

#[test]
fn ambiguous_times_are_the_nearest() {
    check_start("1 13:30", Some("1 15:00"), H12, "1:45", "1 13:45");
    check_start("1 13:30", Some("1 15:00"), H12, "9", "1 09:00");
    check_start("1 09:30", Some("1 23:00"), H12, "9:45", "1 09:45");
    check_start("5 09:30", None, H12, "11", "5 11:00");
    check_end("1 13:30", Some("1 15:00"), H12, "3:15", "1 15:15");
    check_end("1 13:30", Some("1 15:00"), H12, "315am", "confirm 2 03:15");
    check_end("1 11:30", Some("1 11:45"), H12, "12:15", "1 12:15");
}

#[test]
fn a_new_start_is_taken_literally() {
    let field = StartField { day: parse_day("3"), current: None, end: EndBound::Unknown };
    for clock in [H12, H24] {
        let ctx = InputCtx { now: at("5 12:00"), zone: &ZONE, clock };
        assert_eq!(describe(field.parse("9", ctx)), "3 09:00");
        assert_eq!(describe(field.parse("9pm", ctx)), "3 21:00");
        assert_eq!(describe(field.parse("-1h", ctx)), "5 11:00");
        assert_eq!(describe(field.parse("1h", ctx)), "time or length 3 01:00");
        assert_eq!(describe(field.parse("1h 20m", ctx)), "not a time");
    }
}

#[test]
fn hours_and_minutes_around_an_h_are_a_time_of_day() {
    check_start("1 09:00", Some("1 10:00"), H24, "9h30", "1 09:30");
    check_end("1 09:00", Some("1 10:00"), H24, "14h30", "1 14:30");
    check_end("1 09:00", Some("1 10:00"), H24, "9 h 45", "1 09:45");
    check_end("1 09:00", Some("1 10:00"), H24, "1h20m", "1 10:20");
}

#[test]
fn a_bare_number_of_hours_asks_a_question() {
    check_end("1 09:00", Some("1 10:00"), H24, "14h", "time or length 1 14:00");
    check_start("1 09:00", Some("1 10:00"), H24, "8h", "time or length 1 08:00");
    // Only on the next day; still a question.
    check_end("1 09:00", Some("1 10:00"), H24, "2h", "time or length 2 02:00");
    check_start("5 11:00", None, H24, "8h", "time or length 5 08:00");
    let guess = EndField { start: at("1 09:00"), current: None };
    let ctx = InputCtx { now: at("5 12:00"), zone: &ZONE, clock: H24 };
    let Err(TimeError::Unsure(guess)) = guess.parse("14h", ctx) else { panic!("no question") };
    assert_eq!(guess.doubt, Doubt::ClockOrLength(DurationMs::from_minutes(14 * 60)));
}

#[test]
fn more_than_a_day_has_to_be_confirmed() {
    let end = |typed, expected| check_end("1 09:00", Some("1 10:00"), H24, typed, expected);
    end("24h 0m", "2 09:00");
    end("30h", "long 2 15:00");
    end("+24h", "long 2 10:00");
    end("+23h", "2 09:00");
    let start = |typed, expected| check_start("1 09:00", Some("1 10:00"), H24, typed, expected);
    start("30h", "long 0 04:00");
    start("-24h", "long 0 09:00");
    check_start("5 11:00", None, H24, "-25h", "long 4 11:00");
    check_end("1 09:00", None, H24, "now", "long 5 12:00");
}

#[test]
fn an_entry_that_was_longer_before_is_not_asked_about() {
    check_end("1 09:00", Some("3 10:00"), H24, "-5h", "3 05:00");
    check_end("1 09:00", Some("3 10:00"), H24, "+5h", "long 3 15:00");
    check_start("1 09:00", Some("3 10:00"), H24, "+5h", "1 14:00");
    check_end("1 09:00", Some("12 10:00"), H24, "-5h", "12 05:00");
}

#[test]
fn an_implausible_length_is_refused() {
    check_end("1 09:00", Some("1 10:00"), H24, "+168h", "too long");
    check_end("1 09:00", Some("1 10:00"), H24, "+167h", "long 8 09:00");
    check_end("1 09:00", Some("1 10:00"), H24, "400h", "not a time");
    check_start("1 09:00", Some("1 10:00"), H24, "-168h", "too long");
    check_end("-9 09:00", None, H24, "now", "too long");
}

/// What an end or a start means in Berlin, in UTC.
fn in_berlin(parse: impl FnOnce(InputCtx<'_>) -> Result<Timestamp, TimeError>) -> String {
    let ctx = InputCtx { now: utc_2026(12, 1, "12:00"), zone: &Berlin, clock: H24 };
    let text = |at| clock_text(at, &FixedOffset(0), H24);
    match parse(ctx) {
        Ok(at) => text(at),
        Err(TimeError::Unsure(Guess { at, doubt: Doubt::SkippedHour, .. })) => {
            format!("skipped {}", text(at))
        }
        Err(error) => format!("{error:?}"),
    }
}

fn october(time: &str) -> Timestamp {
    utc_2026(10, 25, time)
}

#[test]
fn an_end_in_a_repeated_hour_is_after_its_start() {
    let end = |start: &str, current: Option<&str>, typed: &str| {
        let field = EndField { start: october(start), current: current.map(october) };
        in_berlin(|ctx| field.parse(typed, ctx))
    };
    // The start is 02:30 in the second hour: 02:50 is in that hour too.
    assert_eq!(end("01:30", None, "2:50"), "01:50");
    assert_eq!(end("01:30", Some("02:30"), "2:50"), "01:50");
    // From the first hour, both are possible: the first, or the nearest to what is shown.
    assert_eq!(end("00:30", None, "2:50"), "00:50");
    assert_eq!(end("00:30", Some("00:40"), "2:50"), "00:50");
    assert_eq!(end("00:30", Some("01:40"), "2:50"), "01:50");
    // 02:10 after 02:30 is in the second hour.
    assert_eq!(end("00:30", None, "2:10"), "01:10");
}

#[test]
fn a_start_in_a_repeated_hour_is_before_its_end() {
    let start = |current: &str, end: &str, typed: &str| {
        let current = Some(october(current));
        let day = Day::from_civil(2026, 10, 25);
        let field = StartField { day, current, end: EndBound::At(october(end)) };
        in_berlin(|ctx| field.parse(typed, ctx))
    };
    // The end is 02:30 in the first hour.
    assert_eq!(start("00:00", "00:30", "2:10"), "00:10");
    // The end is 02:30 in the second hour.
    assert_eq!(start("01:20", "01:30", "2:50"), "00:50");
    assert_eq!(start("01:20", "01:30", "2:10"), "01:10");
    assert_eq!(start("00:20", "01:30", "2:10"), "00:10");
}

#[test]
fn a_skipped_hour_is_reported() {
    let day = Day::from_civil(2026, 3, 29);
    let start = StartField { day, current: None, end: EndBound::Unknown };
    assert_eq!(in_berlin(|ctx| start.parse("2:30", ctx)), "skipped 01:30");
    assert_eq!(in_berlin(|ctx| start.parse("3:30", ctx)), "01:30");
    let end = EndField { start: utc_2026(3, 29, "00:30"), current: None };
    assert_eq!(in_berlin(|ctx| end.parse("2:30", ctx)), "skipped 01:30");
}
