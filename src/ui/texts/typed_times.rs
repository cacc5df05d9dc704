//! What is wrong with a typed time or duration.

use wizitime_domain::DurationMs;

use super::length;
use crate::parse::{DURATION_HOURS_MAX, DurationError, TimeTextError};

pub(crate) const TIME_EXAMPLE: &str = "9:30";
pub(crate) const DURATION_EXAMPLE: &str = "1h 20m";
pub(crate) const IN_FUTURE: &str = "That is still to come.";
/// The button that confirms a time on another day.
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

fn too_long() -> String {
    format!("That is longer than {DURATION_HOURS_MAX} hours.")
}

pub(crate) fn end_before_start(start: &str) -> String {
    format!("The end would be before the start ({start}).")
}

pub(crate) fn start_after_end(end: &str) -> String {
    format!("The start would be after the end ({end}).")
}

/// A typed end that is only possible on a later day.
pub(crate) fn ends_another_day(weekday: &str, time: &str, duration: DurationMs) -> String {
    let long = length(duration);
    format!("That is before the start. Did you mean {weekday} {time}? It would take {long}.")
}

/// A typed start that is only possible on an earlier day.
pub(crate) fn starts_another_day(weekday: &str, time: &str, duration: DurationMs) -> String {
    let long = length(duration);
    format!("Did you mean {weekday} {time}? It would take {long}.")
}
