//! What a person types into a field, and how values are written for them: pure text, no browser.
//!
//! A text is first read for what it says ([`parse_time`], [`parse_duration`]), then for what that
//! means at this place ([`StartField`], [`EndField`]): `9:30` is an instant only together with a
//! day, a zone and the other end of the entry. Nothing is corrected silently: what cannot be meant
//! is a [`TimeProblem`], and a reading that lands on another day has to be confirmed.

mod wall_clock;

mod format;

mod duration_field;
mod time_field;

mod span_field;

pub use duration_field::{DURATION_HOURS_MAX, DurationProblem, parse_duration};
pub use format::{ClockStyle, Hms, clock_text, date_text, day_from_date_text, hms_text};
pub use span_field::{EndField, Place, StartField, TimeProblem, Until};
pub use time_field::{ClockTime, TimeText, TimeTextProblem, parse_time};
pub use wall_clock::{instant_at, ms_of_day};
