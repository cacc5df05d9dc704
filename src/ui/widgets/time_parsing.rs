//! Parses typed times, and explains what is wrong with them.

use leptos::prelude::untrack;
use wizitime_domain::{DurationMs, Timestamp, day_of};

use super::{Submitted, ValidationError};
use crate::browser::clock::BrowserZone;
use crate::parse::{EndField, StartField, TimeError, clock_text, parse_duration};
use crate::ui::context::{clock_style, input_ctx};
use crate::ui::intl::{DateParts, format_date};
use crate::ui::texts;

/// Parses the start of an entry.
pub(crate) fn parse_start_input(
    field: StartField,
    input: &Submitted,
) -> Result<Timestamp, ValidationError> {
    accept(field.parse(&input.text, input_ctx()), input, texts::starts_another_day)
}

/// Parses the end of an entry.
pub(crate) fn parse_end_input(
    field: EndField,
    input: &Submitted,
) -> Result<Timestamp, ValidationError> {
    accept(field.parse(&input.text, input_ctx()), input, texts::ends_another_day)
}

/// Parses a duration.
pub(crate) fn parse_duration_input(input: &Submitted) -> Result<DurationMs, ValidationError> {
    parse_duration(&input.text).map_err(|error| invalid(texts::duration_error(error)))
}

/// An error that only another text can resolve.
fn invalid(message: String) -> ValidationError {
    ValidationError { message, can_confirm: false }
}

fn accept(
    parsed: Result<Timestamp, TimeError>,
    input: &Submitted,
    ask: fn(&str, &str, DurationMs) -> String,
) -> Result<Timestamp, ValidationError> {
    let clock = |at| clock_text(at, &BrowserZone, untrack(clock_style));
    parsed.or_else(|error| match error {
        TimeError::AnotherDay { at, .. } if input.confirmed => Ok(at),
        TimeError::AnotherDay { at, length } => {
            let weekday = format_date(day_of(at, &BrowserZone), DateParts::Weekday);
            let message = ask(&weekday, &clock(at), length);
            Err(ValidationError { message, can_confirm: true })
        }
        TimeError::Text(error) => Err(invalid(texts::time_text_error(error))),
        TimeError::EndBeforeStart { start } => Err(invalid(texts::end_before_start(&clock(start)))),
        TimeError::StartAfterEnd { end } => Err(invalid(texts::start_after_end(&clock(end)))),
        TimeError::InFuture => Err(invalid(texts::IN_FUTURE.to_owned())),
    })
}
