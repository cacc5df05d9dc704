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

/// An offset from UTC as `UTC`, `UTC+1` or `UTC−5:30`.
pub fn offset_text(offset_ms: i64) -> String {
    let minutes = offset_ms / 60_000;
    let sign = if minutes < 0 { '\u{2212}' } else { '+' };
    match (minutes.abs() / 60, minutes.abs() % 60) {
        (0, 0) => "UTC".to_owned(),
        (hours, 0) => format!("UTC{sign}{hours}"),
        (hours, minutes) => format!("UTC{sign}{hours}:{minutes:02}"),
    }
}

/// The offset from UTC in milliseconds at the end of a text such as `11/25/2026, GMT+05:30`, which
/// `Intl` prints for the time zone name `longOffset`.
pub fn offset_of_gmt_text(text: &str) -> Option<i64> {
    let (_, offset) = text.rsplit_once("GMT")?;
    if offset.is_empty() {
        return Some(0);
    }
    let (sign, digits) = match offset.strip_prefix('+') {
        Some(digits) => (1, digits),
        None => (-1, offset.strip_prefix(['-', '\u{2212}'])?),
    };
    let mut seconds = 0;
    for (part, seconds_each) in digits.split(':').zip([3_600, 60, 1]) {
        seconds += part.parse::<i64>().ok()? * seconds_each;
    }
    Some(sign * seconds * 1_000)
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
    fn offsets_have_a_sign_and_minutes_if_needed() {
        let check = |minutes: i64, expected| assert_eq!(offset_text(minutes * 60_000), expected);
        check(0, "UTC");
        check(60, "UTC+1");
        check(330, "UTC+5:30");
        check(-210, "UTC\u{2212}3:30");
        check(-480, "UTC\u{2212}8");
    }

    #[test]
    fn offsets_that_intl_prints_are_read() {
        let check = |text, minutes: Option<i64>| {
            assert_eq!(offset_of_gmt_text(text), minutes.map(|it| it * 60_000), "{text}");
        };
        check("11/25/2026, GMT", Some(0));
        check("11/25/2026, GMT+05:30", Some(330));
        check("11/25/2026, GMT-08:00", Some(-480));
        check("1/1/1970, GMT\u{2212}00:44:00", Some(-44));
        check("11/25/2026, PST", None);
        check("11/25/2026, GMT*", None);
    }
}
