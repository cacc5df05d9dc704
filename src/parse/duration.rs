//! Typed durations: `1h 20m`, `1:20`, `90m`, `1.5h`, `1,5h`.
//!
//! A bare integer is minutes, because 90 hours are unlikely; a bare fraction is hours, because half
//! minutes are.

use wizitime_domain::DurationMs;

use super::typed_text::normalised;

/// The longest duration that is accepted, in days. A longer one is a slip of the keyboard.
pub const DURATION_DAYS_MAX: i64 = 7;
/// The same as a duration.
pub(super) const DURATION_MAX: DurationMs = DurationMs::from_minutes(DURATION_DAYS_MAX * 24 * 60);
/// Anything longer has to be confirmed.
pub const DURATION_UNASKED_MAX: DurationMs = DurationMs::from_minutes(24 * 60);

const SECOND_MS: i64 = 1_000;
const MINUTE_MS: i64 = 60 * SECOND_MS;
const HOUR_MS: i64 = 60 * MINUTE_MS;
/// Significant digits after the point; a millionth of an hour is a few milliseconds.
const FRACTION_DIGITS: usize = 6;
const MILLIONTHS: i64 = 1_000_000;
const WHOLE_DIGITS_MAX: usize = 6;

/// Why a text is not a duration.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DurationError {
    Empty,
    NotADuration,
    /// More than [`DURATION_DAYS_MAX`].
    TooLong,
}

/// Parses a duration.
///
/// # Errors
/// When the text is empty, is not a duration, or exceeds [`DURATION_DAYS_MAX`].
pub fn parse_duration(text: &str) -> Result<DurationMs, DurationError> {
    parse_normalised(&normalised(text))
}

/// Parses a duration in a text that is normalised.
pub(super) fn parse_normalised(text: &str) -> Result<DurationMs, DurationError> {
    if text.is_empty() {
        return Err(DurationError::Empty);
    }
    let ms = if text.contains(':') { colons_ms(text) } else { units_ms(text) };
    let ms = ms.ok_or(DurationError::NotADuration)?;
    let duration = DurationMs::from_ms(ms);
    if duration > DURATION_MAX { Err(DurationError::TooLong) } else { Ok(duration) }
}

/// `1:20` is hours and minutes; `1:20:30` also has seconds.
fn colons_ms(text: &str) -> Option<i64> {
    let mut parts = text.split(':');
    let hours = whole(parts.next()?, 1..=WHOLE_DIGITS_MAX)?;
    let minutes = whole(parts.next()?, 2..=2)?;
    let seconds = parts.next().map_or(Some(0), |part| whole(part, 2..=2))?;
    let fits = minutes < 60 && seconds < 60 && parts.next().is_none();
    fits.then_some(hours * HOUR_MS + minutes * MINUTE_MS + seconds * SECOND_MS)
}

/// Numbers with units in descending order. A last number without a unit has the next smaller one:
/// `1h20`.
fn units_ms(text: &str) -> Option<i64> {
    let mut rest = text;
    let mut last_unit_ms = None;
    let mut sum_ms = 0;
    while !rest.is_empty() {
        let (number, after) = split_while(rest, |c| c.is_ascii_digit() || c == '.' || c == ',');
        let (word, after) = split_while(after.trim_start(), char::is_alphabetic);
        rest = after.trim_start();
        let (millionths, has_fraction) = decimal(number)?;
        let unit_ms = match (word, last_unit_ms) {
            ("", None) if has_fraction => HOUR_MS,
            ("", None | Some(HOUR_MS)) => MINUTE_MS,
            ("", Some(MINUTE_MS)) => SECOND_MS,
            ("h" | "hr" | "hrs" | "hour" | "hours", _) => HOUR_MS,
            ("m" | "min" | "mins" | "minute" | "minutes", _) => MINUTE_MS,
            ("s" | "sec" | "secs" | "second" | "seconds", _) => SECOND_MS,
            _ => return None,
        };
        if last_unit_ms.is_some_and(|last| last <= unit_ms) || (word.is_empty() && !rest.is_empty())
        {
            return None;
        }
        last_unit_ms = Some(unit_ms);
        // At most 10^12 millionths times 3.6 * 10^6: no overflow.
        sum_ms += millionths * unit_ms / MILLIONTHS;
    }
    Some(sum_ms)
}

/// A number in millionths, and whether it has a fraction.
fn decimal(text: &str) -> Option<(i64, bool)> {
    let (units, fraction) = match text.split_once(['.', ',']) {
        Some((units, fraction)) => (units, fraction),
        None => return Some((whole(text, 1..=WHOLE_DIGITS_MAX)? * MILLIONTHS, false)),
    };
    let units = if units.is_empty() { 0 } else { whole(units, 1..=WHOLE_DIGITS_MAX)? };
    if fraction.is_empty() || !fraction.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let digits = fraction.bytes().chain(std::iter::repeat(b'0')).take(FRACTION_DIGITS);
    let fraction = digits.fold(0, |sum, digit| sum * 10 + i64::from(digit - b'0'));
    Some((units * MILLIONTHS + fraction, true))
}

/// An integer with a number of digits in the range.
pub(super) fn whole(text: &str, digits: std::ops::RangeInclusive<usize>) -> Option<i64> {
    let fits = digits.contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
    if fits { text.parse().ok() } else { None }
}

fn split_while(text: &str, matches: impl Fn(char) -> bool) -> (&str, &str) {
    text.split_at(text.find(|c| !matches(c)).unwrap_or(text.len()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected_minutes: f64) {
        let expected = DurationMs::from_ms((expected_minutes * 60_000.0).round() as i64);
        assert_eq!(parse_duration(text), Ok(expected), "{text:?}");
    }

    fn check_error(text: &str, expected: DurationError) {
        assert_eq!(parse_duration(text), Err(expected), "{text:?}");
    }

    #[test]
    fn typed_durations_are_parsed() {
        check("1h 20m", 80.0);
        check("1h20m", 80.0);
        check("1h20", 80.0);
        check("1 hr 20 min", 80.0);
        check(" 2 Hours ", 120.0);
        check("1:20", 80.0);
        check("01:20", 80.0);
        check("1:20:30", 80.5);
        check("90m", 90.0);
        check("90", 90.0);
        check("0", 0.0);
        check("1.5h", 90.0);
        check("1,5h", 90.0);
        check("1.5", 90.0);
        check(".5h", 30.0);
        check("0,25 h", 15.0);
        check("1.2345h", 74.07);
        check("45s", 0.75);
        check("1m30", 1.5);
        check("1h 20m 30s", 80.5);
        check("168h", 168.0 * 60.0);
    }

    #[test]
    fn other_texts_are_rejected_with_a_reason() {
        use DurationError::{Empty, NotADuration, TooLong};
        check_error("", Empty);
        check_error("   ", Empty);
        check_error("soon", NotADuration);
        check_error("-15m", NotADuration);
        check_error("1:5", NotADuration);
        check_error("1:60", NotADuration);
        check_error("1:20:30:40", NotADuration);
        check_error("1.2.3h", NotADuration);
        check_error("1.", NotADuration);
        check_error("h", NotADuration);
        check_error("20m 1h", NotADuration);
        check_error("1h 1h", NotADuration);
        check_error("10 20", NotADuration);
        check_error("5 bananas", NotADuration);
        check_error("9999999", NotADuration);
        check_error("169h", TooLong);
        check_error("400:00", TooLong);
        check_error("999999", TooLong);
    }

    #[test]
    fn durations_in_other_writing_are_parsed() {
        check("1\u{202F}h\u{A0}20\u{2009}min", 80.0);
        check("９ｈ", 540.0);
        check("١:٢٠", 80.0);
        check("\u{200F}90m", 90.0);
    }

    #[test]
    fn every_text_is_rejected_or_not_negative() {
        let alphabet = ["1", "9", ":", ".", ",", "h", "m", " ", "é", "-"];
        let mut texts = vec![String::new()];
        for _ in 0..5 {
            let longer = texts.iter().flat_map(|text| alphabet.map(|it| format!("{text}{it}")));
            texts = longer.collect();
            for text in &texts {
                assert!(!parse_duration(text).is_ok_and(|it| it < DurationMs::ZERO), "{text:?}");
            }
        }
    }
}
