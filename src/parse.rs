//! Parses typed times, dates and durations, and formats them: pure text, no browser.
//!
//! A text is first parsed by itself ([`parse_time`], [`parse_duration`]), then in its context
//! ([`StartField`], [`EndField`]): `9:30` is an instant only together with a day, a zone and the
//! other end of the entry. Nothing is corrected silently: what is impossible is a [`TimeError`],
//! and a time that is only possible on another day has to be confirmed.

mod wall_clock;

mod format;

mod duration;
mod time;

mod time_range_input;

pub use duration::{DURATION_HOURS_MAX, DurationError, parse_duration};
pub use format::{ClockStyle, Hms, clock_text, date_text, day_from_date_text, hms_text};
pub use time::{ClockTime, TimeText, TimeTextError, parse_time};
pub use time_range_input::{EndBound, EndField, InputCtx, StartField, TimeError};
pub use wall_clock::{instant_at, ms_of_day};
