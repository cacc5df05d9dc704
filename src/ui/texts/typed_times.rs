//! What is wrong with a typed time or duration.

use wizitime_domain::DurationMs;

use super::length;
use crate::parse::{DURATION_DAYS_MAX, DateTextError, Doubt, DurationError, Hms, TimeTextError};

pub(crate) const TIME_EXAMPLE: &str = "9:30";
pub(crate) const DURATION_EXAMPLE: &str = "1h 20m";
pub(crate) const IN_FUTURE: &str = "That is still to come.";
/// The button that confirms a guess.
pub(crate) const ACCEPT: &str = "Take it";

pub(crate) fn time_text_error(error: TimeTextError) -> String {
    match error {
        TimeTextError::Empty => "Type a time, such as 9:30, 21:30 or -15m.".to_owned(),
        TimeTextError::NotATime => {
            "This is not a time. Try 9:30, 930, 9:30pm, now or -15m.".to_owned()
        }
        TimeTextError::NoSuchTime => "There is no such time on a clock.".to_owned(),
        TimeTextError::TooLong => too_long(),
    }
}

pub(crate) fn duration_error(error: DurationError) -> String {
    match error {
        DurationError::Empty => "Type a duration, such as 1h 20m or 1:20.".to_owned(),
        DurationError::NotADuration => {
            "This is not a duration. Try 1h 20m, 1:20, 90m or 1.5h.".to_owned()
        }
        DurationError::TooLong => too_long(),
    }
}

pub(crate) fn too_long() -> String {
    format!("That would be longer than {DURATION_DAYS_MAX} days.")
}

/// What is wrong with a day.
pub(crate) const fn date_error(error: DateTextError) -> &'static str {
    match error {
        DateTextError::Missing => "Choose a day.",
        DateTextError::PartialYear => "The year of the day is not complete.",
        DateTextError::OutOfRange => "This day is too far away. Choose one from 1971 to 2198.",
    }
}

/// Asks about a duration of more than a day.
pub(crate) fn long_duration(duration: DurationMs) -> String {
    format!("That is {}. Is it right?", length(duration))
}

/// Clocks skip the time of day that an entry had, on its new day.
pub(crate) fn skipped_on_new_day(time: &str) -> String {
    format!("Clocks go forward on this day and skip that time. It is {time} now.")
}

pub(crate) fn end_before_start(start: &str) -> String {
    format!("The end would be before the start ({start}).")
}

pub(crate) fn start_after_end(end: &str) -> String {
    format!("The start would be after the end ({end}).")
}

/// Asks about a time that is possible but may not be meant. `time` names the day if it is not the
/// one of the field.
pub(crate) fn unsure_time(doubt: Doubt, time: &str, duration: Option<DurationMs>) -> String {
    let would_take = duration.map(|it| format!(" It would take {}.", length(it)));
    let would_take = would_take.unwrap_or_default();
    match doubt {
        Doubt::AnotherDay | Doubt::LongEntry => format!("Did you mean {time}?{would_take}"),
        Doubt::ClockOrLength(typed) => {
            let Hms { hours, minutes, .. } = Hms::of(typed);
            format!("Did you mean {time}?{would_take} For a length, type {hours}h {minutes}m.")
        }
        Doubt::SkippedHour => format!("Clocks go forward and skip that time. Did you mean {time}?"),
    }
}
