//! The draft in Berlin in 2026, on a clock of 24 hours.

use super::*;
use crate::parse::test_zone::{Berlin, utc_2026};
use crate::parse::{ClockStyle, Doubt, Guess, clock_text, date_text};

fn ctx() -> InputCtx<'static> {
    InputCtx { now: utc_2026(12, 1, "12:00"), zone: &Berlin, clock: ClockStyle::H24 }
}

fn draft(month: u8, day: u8, start: &str, end: &str) -> ManualDraft {
    let mut draft = ManualDraft::new(Day::from_civil(2026, month, day));
    draft.set_start(start, false, ctx()).unwrap();
    draft.set_end(end, false, ctx()).unwrap();
    draft
}

/// `2026-11-25 14:00–15:30`
fn shown(draft: &ManualDraft) -> String {
    let time = |at: Option<Timestamp>| {
        at.map_or_else(|| "?".to_owned(), |at| clock_text(at, &Berlin, ClockStyle::H24))
    };
    let day = draft.start().map(|start| date_text(day_of(start, &Berlin)));
    format!("{} {}–{}", day.unwrap_or_default(), time(draft.start()), time(draft.end()))
}

fn length(draft: &ManualDraft) -> i64 {
    draft.duration().unwrap().as_ms() / 60_000
}

#[test]
fn wall_clock_times_are_kept_while_a_year_is_typed() {
    let mut draft = draft(11, 30, "14:00", "15:30");
    for date in ["0002-11-25", "0020-11-25", "0202-11-25"] {
        draft.set_day(date, &Berlin);
        assert_eq!(shown(&draft), "2026-11-30 14:00–15:30", "{date}");
        assert_eq!(draft.message, None);
    }
    draft.set_day("2026-11-25", &Berlin);
    assert_eq!(shown(&draft), "2026-11-25 14:00–15:30");
    assert!(draft.intent().is_ok());
}

#[test]
fn an_incomplete_year_cannot_be_saved() {
    let mut draft = draft(11, 30, "14:00", "15:30");
    draft.set_day("0202-11-25", &Berlin);
    assert_eq!(draft.intent(), Err(DraftMessage::Day(DateTextError::PartialYear)));
}

#[test]
fn a_day_out_of_range_is_refused_with_a_message() {
    let mut draft = draft(11, 30, "14:00", "15:30");
    draft.set_day("9999-11-25", &Berlin);
    let message = DraftMessage::Day(DateTextError::OutOfRange);
    assert_eq!(draft.message, Some(message));
    assert_eq!(draft.intent(), Err(message));
    assert_eq!(shown(&draft), "2026-11-30 14:00–15:30");
    draft.set_day("2026-11-25", &Berlin);
    assert_eq!(draft.message, None);
}

#[test]
fn an_empty_day_keeps_the_times_for_the_next_day() {
    let mut draft = draft(11, 30, "14:00", "15:30");
    draft.set_day("", &Berlin);
    assert_eq!(draft.intent(), Err(DraftMessage::Day(DateTextError::Missing)));
    draft.set_day("2026-11-25", &Berlin);
    assert_eq!(shown(&draft), "2026-11-25 14:00–15:30");
}

#[test]
fn wall_clock_times_are_kept_over_a_clock_change() {
    let mut winter = draft(1, 15, "14:00", "15:30");
    winter.set_day("2026-07-15", &Berlin);
    assert_eq!(shown(&winter), "2026-07-15 14:00–15:30");
    // The night from 24 to 25 October has an hour more, that from 28 to 29 March one less.
    let mut night = draft(10, 1, "22:00", "23:00");
    night.set_duration("8h", false, ctx()).unwrap();
    assert_eq!(shown(&night), "2026-10-01 22:00–06:00");
    night.set_day("2026-10-24", &Berlin);
    assert_eq!((shown(&night), length(&night)), ("2026-10-24 22:00–06:00".to_owned(), 9 * 60));
    night.set_day("2026-03-28", &Berlin);
    assert_eq!((shown(&night), length(&night)), ("2026-03-28 22:00–06:00".to_owned(), 7 * 60));
}

#[test]
fn a_skipped_hour_is_reported_and_comes_back_on_another_day() {
    let mut draft = draft(3, 28, "1:00", "2:30");
    draft.set_day("2026-03-29", &Berlin);
    assert_eq!(shown(&draft), "2026-03-29 01:00–03:30");
    let shifted = utc_2026(3, 29, "01:30");
    assert_eq!(draft.message, Some(DraftMessage::SkippedHour { shifted }));
    draft.set_day("2026-03-30", &Berlin);
    assert_eq!((shown(&draft), draft.message), ("2026-03-30 01:00–02:30".to_owned(), None));
}

#[test]
fn an_end_in_a_repeated_hour_stays_after_its_start() {
    let mut repeated = draft(10, 24, "2:30", "2:50");
    repeated.set_day("2026-10-25", &Berlin);
    assert_eq!(length(&repeated), 20);
    // From 02:50 in the first hour to 02:10 in the second.
    let mut backwards = ManualDraft::new(Day::from_civil(2026, 10, 25));
    backwards.set_start("2:50", false, ctx()).unwrap();
    backwards.set_end("2:10", false, ctx()).unwrap();
    assert_eq!(length(&backwards), 20);
    backwards.set_day("2026-10-26", &Berlin);
    assert_eq!(shown(&backwards), "2026-10-26 02:50–?");
    assert_eq!(backwards.message, Some(DraftMessage::NeedsEnd));
}

#[test]
fn long_entries_are_asked_about_however_they_are_typed() {
    let mut draft = draft(11, 25, "14:00", "15:30");
    assert!(matches!(draft.set_duration("30h", false, ctx()), Err(DurationInputError::Long(_))));
    draft.set_duration("30h", true, ctx()).unwrap();
    assert_eq!(length(&draft), 30 * 60);
    let is_long = |result: Result<(), TimeError>| {
        matches!(result, Err(TimeError::Unsure(Guess { doubt: Doubt::LongEntry, .. })))
    };
    assert!(is_long(draft.set_start("8:00", false, ctx())));
    assert!(is_long(draft.set_end("30h", false, ctx())));
    assert!(is_long(draft.set_end("now", false, ctx())));
    assert_eq!(length(&draft), 30 * 60);
    draft.set_start("8:00", true, ctx()).unwrap();
    assert_eq!(length(&draft), 36 * 60);
}

#[test]
fn an_end_that_a_later_start_passes_is_dropped() {
    let mut draft = draft(11, 25, "9:00", "10:00");
    draft.set_start("11:00", false, ctx()).unwrap();
    assert_eq!(shown(&draft), "2026-11-25 11:00–?");
    assert_eq!(draft.intent(), Err(DraftMessage::NeedsEnd));
}

#[test]
fn stored_draft_is_restored() {
    let today = Day::from_civil(2026, 12, 1);
    let mut filled = draft(11, 30, "13:00", "14:30");
    filled.description = "Breakfast".to_owned();
    filled.project_id = Some(ProjectId::from_bytes([9; 16]));
    let mut described = ManualDraft::new(Day::from_civil(2026, 11, 25));
    described.description = "Breakfast".to_owned();
    for draft in [filled, described] {
        let text = draft.to_text().unwrap();
        assert_eq!(ManualDraft::from_text(&text, today, &Berlin), draft, "{text:?}");
    }
    assert_eq!(ManualDraft::from_text("", today, &Berlin), ManualDraft::new(today));
    assert_eq!(ManualDraft::new(today).to_text(), None);
}
