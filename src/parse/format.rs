//! Formats times, dates and durations in digits. Words are in the catalogue of texts.

use wizitime_domain::{Day, DurationMs, LocalTime, Timestamp};

use super::wall_clock::ms_of_day;

/// The style of times of day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ClockStyle {
    /// 13:30
    H24,
    /// 1:30 PM
    H12,
}

/// A duration in hours, minutes and whole seconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Hms {
    pub hours: i64,
    pub minutes: i64,
    pub seconds: i64,
}

impl Hms {
    /// Splits a duration; a negative one counts as zero.
    pub const fn of(duration: DurationMs) -> Self {
        let ms = duration.as_ms();
        let seconds = if ms < 0 { 0 } else { ms / 1_000 };
        Self { hours: seconds / 3_600, minutes: seconds / 60 % 60, seconds: seconds % 60 }
    }
}

/// A duration as `1:05:09`, for digits of equal width.
pub fn hms_text(duration: DurationMs) -> String {
    let Hms { hours, minutes, seconds } = Hms::of(duration);
    format!("{hours}:{minutes:02}:{seconds:02}")
}

/// The time of day as `09:05` or `9:05 AM`.
pub fn clock_text(at: Timestamp, zone: &dyn LocalTime, style: ClockStyle) -> String {
    let minutes = ms_of_day(at, zone) / 60_000;
    let (hour, minute) = (minutes / 60, minutes % 60);
    match style {
        ClockStyle::H24 => format!("{hour:02}:{minute:02}"),
        ClockStyle::H12 => {
            let meridiem = if hour < 12 { "AM" } else { "PM" };
            let hour = (hour + 11) % 12 + 1;
            format!("{hour}:{minute:02} {meridiem}")
        }
    }
}

/// A day as `2026-11-24`, the value of a date field.
pub fn date_text(day: Day) -> String {
    let (year, month, day) = day.civil();
    format!("{year:04}-{month:02}-{day:02}")
}

/// The day of a date field's value; none if that is empty or not a date.
pub fn day_from_date_text(text: &str) -> Option<Day> {
    let mut parts = text.splitn(3, '-');
    let year: i64 = parts.next()?.parse().ok()?;
    let month: u8 = parts.next()?.parse().ok()?;
    let day: u8 = parts.next()?.parse().ok()?;
    let parsed = Day::from_civil(year, month, day);
    // A date that does not exist converts to another one.
    (parsed.civil() == (year, month, day)).then_some(parsed)
}

#[cfg(test)]
mod tests {
    use super::*;
    use wizitime_domain::FixedOffset;

    #[test]
    fn durations_are_shown_in_whole_seconds() {
        let check = |ms, expected: &str| assert_eq!(hms_text(DurationMs::from_ms(ms)), expected);
        check(0, "0:00:00");
        check(999, "0:00:00");
        check(61_000, "0:01:01");
        check(3_599_999, "0:59:59");
        check(360_000_000, "100:00:00");
        check(-5_000, "0:00:00");
    }

    #[test]
    fn times_of_day_have_two_styles() {
        let check = |minutes: i64, h24: &str, h12: &str| {
            let at = Timestamp::from_ms(minutes * 60_000 + 59_999).unwrap();
            assert_eq!(clock_text(at, &FixedOffset(0), ClockStyle::H24), h24);
            assert_eq!(clock_text(at, &FixedOffset(0), ClockStyle::H12), h12);
        };
        check(0, "00:00", "12:00 AM");
        check(9 * 60 + 5, "09:05", "9:05 AM");
        check(12 * 60, "12:00", "12:00 PM");
        check(23 * 60 + 59, "23:59", "11:59 PM");
    }

    #[test]
    fn dates_round_trip() {
        for days in 0..40_000 {
            let day = Day::from_days(days);
            assert_eq!(day_from_date_text(&date_text(day)), Some(day));
        }
        for text in ["", "2026-11", "2026-02-30", "2026-13-01", "yesterday", "2026-11-24T00"] {
            assert_eq!(day_from_date_text(text), None, "{text}");
        }
    }
}
