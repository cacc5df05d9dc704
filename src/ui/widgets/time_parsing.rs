//! Parses typed times, and explains what is wrong with them.

use leptos::prelude::untrack;
use wizitime_domain::{Day, DurationMs, Timestamp, day_of};

use super::{Submitted, ValidationError};
use crate::browser::clock::BrowserZone;
use crate::parse::{
    DurationField, DurationInputError, EndField, Guess, StartField, TimeError, clock_text,
    confirmed_duration, confirmed_time,
};
use crate::ui::context::{clock_style, input_ctx};
use crate::ui::intl::{DateParts, format_date};
use crate::ui::texts;

/// Parses the start of an entry.
pub(crate) fn parse_start_input(
    field: StartField,
    input: &Submitted,
) -> Result<Timestamp, ValidationError> {
    let parsed = field.parse(&input.text, input_ctx());
    confirmed_time(parsed, input.confirmed).map_err(|error| time_error(error, field.day))
}

/// Parses the end of an entry.
pub(crate) fn parse_end_input(
    field: EndField,
    input: &Submitted,
) -> Result<Timestamp, ValidationError> {
    let day = day_of(field.current.unwrap_or(field.start), &BrowserZone);
    let parsed = field.parse(&input.text, input_ctx());
    confirmed_time(parsed, input.confirmed).map_err(|error| time_error(error, day))
}

/// Parses a duration.
pub(crate) fn parse_duration_input(
    field: DurationField,
    input: &Submitted,
) -> Result<DurationMs, ValidationError> {
    confirmed_duration(field.parse(&input.text), input.confirmed).map_err(duration_error)
}

/// Explains what is wrong with a duration.
pub(crate) fn duration_error(error: DurationInputError) -> ValidationError {
    match error {
        DurationInputError::Text(error) => invalid(texts::duration_error(error)),
        DurationInputError::Long(duration) => question(texts::long_duration(duration)),
    }
}

/// Explains what is wrong with a time in a field of `day`.
pub(crate) fn time_error(error: TimeError, day: Day) -> ValidationError {
    let clock = |at| clock_text(at, &BrowserZone, untrack(clock_style));
    match error {
        TimeError::Unsure(Guess { at, length, doubt }) => {
            let guess_day = day_of(at, &BrowserZone);
            let time = if guess_day == day {
                clock(at)
            } else {
                format!("{} {}", format_date(guess_day, DateParts::Weekday), clock(at))
            };
            question(texts::unsure_time(doubt, &time, length))
        }
        TimeError::Text(error) => invalid(texts::time_text_error(error)),
        TimeError::EndBeforeStart { start } => invalid(texts::end_before_start(&clock(start))),
        TimeError::StartAfterEnd { end } => invalid(texts::start_after_end(&clock(end))),
        TimeError::InFuture => invalid(texts::IN_FUTURE.to_owned()),
        TimeError::TooLong => invalid(texts::too_long()),
    }
}

/// An error that only another text can resolve.
fn invalid(message: String) -> ValidationError {
    ValidationError { message, can_confirm: false }
}

/// An error that the user can resolve by confirming the text.
fn question(message: String) -> ValidationError {
    ValidationError { message, can_confirm: true }
}
