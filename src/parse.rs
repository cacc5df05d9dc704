//! Parses typed times, dates and durations, and formats them: pure text, no browser.
//!
//! A text is first parsed by itself ([`parse_time`], [`parse_duration`]), then in its context
//! ([`StartField`], [`EndField`]): `9:30` is an instant only together with a day, a zone and the
//! other end of the entry. Nothing is corrected silently: what is impossible is a [`TimeError`],
//! and what is only a guess ([`Guess`]) has to be confirmed.

mod typed_text;
mod wall_clock;

mod bidi;
mod date_input;
mod format;

mod duration;
mod time;

mod duration_input;
mod time_range_input;

#[cfg(test)]
pub(crate) mod test_zone;

pub use bidi::isolated;
pub use date_input::{DateTextError, parse_date};
pub use duration::{DURATION_DAYS_MAX, DURATION_UNASKED_MAX, DurationError, parse_duration};
pub use duration_input::{DurationField, DurationInputError, confirmed_duration};
pub use format::{
    ClockStyle, Hms, clock_text, date_text, hms_text, offset_of_gmt_text, offset_text,
};
pub use time::{ClockTime, TimeText, TimeTextError, parse_time};
pub use time_range_input::{
    Doubt, EndBound, EndField, Guess, InputCtx, StartField, TimeError, check_length, confirmed_time,
};
pub use wall_clock::{WallInstant, instant_at, ms_of_day, repeated_hour_offset_ms};
