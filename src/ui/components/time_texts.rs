//! What is wrong with a typed time, as an objection of a field.

use leptos::prelude::untrack;
use wizitime_domain::{DurationMs, Timestamp, day_of};

use super::read_field::{Objection, Typed};
use crate::browser::clock::BrowserZone;
use crate::fields::{EndField, StartField, TimeProblem, clock_text, parse_duration};
use crate::ui::context::{clock_style, here_and_now};
use crate::ui::intl::{DateParts, date_words};
use crate::ui::text;

/// Reads the start of an entry.
pub(super) fn read_start(field: StartField, typed: &Typed) -> Result<Timestamp, Objection> {
    read(field.read(&typed.text, here_and_now()), typed, text::starts_another_day)
}

/// Reads the end of an entry.
pub(super) fn read_end(field: EndField, typed: &Typed) -> Result<Timestamp, Objection> {
    read(field.read(&typed.text, here_and_now()), typed, text::ends_another_day)
}

/// Reads a duration.
pub(super) fn read_duration(typed: &Typed) -> Result<DurationMs, Objection> {
    parse_duration(&typed.text).map_err(|problem| refusal(text::duration_problem(problem)))
}

/// An objection that can only be met by another text.
fn refusal(message: String) -> Objection {
    Objection { message, can_confirm: false }
}

fn read(
    read: Result<Timestamp, TimeProblem>,
    typed: &Typed,
    ask: fn(&str, &str, DurationMs) -> String,
) -> Result<Timestamp, Objection> {
    let clock = |at| clock_text(at, &BrowserZone, untrack(clock_style));
    read.or_else(|problem| match problem {
        TimeProblem::AnotherDay { at, .. } if typed.confirmed => Ok(at),
        TimeProblem::AnotherDay { at, length } => {
            let weekday = date_words(day_of(at, &BrowserZone), DateParts::Weekday);
            let message = ask(&weekday, &clock(at), length);
            Err(Objection { message, can_confirm: true })
        }
        TimeProblem::Text(problem) => Err(refusal(text::time_text_problem(problem))),
        TimeProblem::EndBeforeStart { start } => {
            Err(refusal(text::end_before_start(&clock(start))))
        }
        TimeProblem::StartAfterEnd { end } => Err(refusal(text::start_after_end(&clock(end)))),
        TimeProblem::InFuture => Err(refusal(text::IN_FUTURE.to_owned())),
    })
}
