//! Typed times of day: `9`, `930`, `9:30pm`, `9.30`, `9h30`, `21:30`, `now`, `-15m`; and `1h 20m`
//! for a length. `14h` can be either.

use wizitime_domain::DurationMs;

use super::duration::{self, DurationError, whole};
use super::typed_text::normalised;

const SECOND_MS: i64 = 1_000;
const MINUTE_MS: i64 = 60 * SECOND_MS;
const HOUR_MS: i64 = 60 * MINUTE_MS;
const HALF_DAY_MS: i64 = 12 * HOUR_MS;

/// A parsed text, before its context is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TimeText {
    /// `now`
    Now,
    /// A time of day.
    Clock(ClockTime),
    /// `-15m`, `+1h`: earlier or later by a duration.
    Shift(DurationMs),
    /// `1h 20m`: the length of the entry.
    Length(DurationMs),
    /// `14h`, `9h5`: a time of day in many languages, and a length.
    ClockOrLength(ClockTime, DurationMs),
}

/// A time of day, 24:00 included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ClockTime {
    /// Milliseconds from midnight, on a clock of 24 hours.
    pub ms: i64,
    /// Whether the text is also valid for the other half of the day on a clock of 12 hours: true
    /// for `9:30`, false for `9:30am`, `09:30` and `21:30`.
    pub is_ambiguous: bool,
}

/// Why a text is not a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TimeTextError {
    Empty,
    NotATime,
    /// A time that no clock shows: `25:00`, `9:75`, `13pm`.
    NoSuchTime,
    /// A length of more than [`super::DURATION_DAYS_MAX`].
    TooLong,
}

impl ClockTime {
    /// The same digits in the other half of the day, if that is possible.
    pub(super) const fn other_meridiem_ms(self) -> Option<i64> {
        if !self.is_ambiguous {
            None
        } else if self.ms < HALF_DAY_MS {
            Some(self.ms + HALF_DAY_MS)
        } else {
            Some(self.ms - HALF_DAY_MS)
        }
    }
}

/// Parses a time.
///
/// # Errors
/// When the text is empty or is not a time.
pub fn parse_time(text: &str) -> Result<TimeText, TimeTextError> {
    let text = normalised(text);
    if text.is_empty() {
        return Err(TimeTextError::Empty);
    }
    if text == "now" {
        return Ok(TimeText::Now);
    }
    if let Some(length) = text.strip_prefix('+') {
        return Ok(TimeText::Shift(length_of(length)?));
    }
    if let Some(length) = text.strip_prefix('-') {
        return Ok(TimeText::Shift(DurationMs::ZERO.saturating_sub(length_of(length)?)));
    }
    let (digits, meridiem) = split_meridiem(&text);
    if digits.bytes().all(|byte| byte.is_ascii_digit() || b":.,".contains(&byte)) {
        return clock(digits, meridiem).map(TimeText::Clock);
    }
    match hour_unit(&text) {
        Some(HourUnit::Clock(time)) => return Ok(TimeText::Clock(time)),
        Some(HourUnit::Either(time)) => {
            return Ok(TimeText::ClockOrLength(time, length_of(&text)?));
        }
        None => (),
    }
    length_of(&text).map(TimeText::Length)
}

/// How a time with the letter `h` is read.
enum HourUnit {
    /// `9h30`, `9:30h`, `14 Uhr`: no length is written like this.
    Clock(ClockTime),
    /// `14h`, `9h5`
    Either(ClockTime),
}

/// Reads `9h30`, `14h`, `9:30 h`, `14 Uhr` as a time of day; none if it is not one, or has units
/// that only a length has.
fn hour_unit(text: &str) -> Option<HourUnit> {
    if let Some(digits) = text.strip_suffix("uhr") {
        return clock(digits.trim_end(), None).ok().map(HourUnit::Clock);
    }
    let (hour, minute) = text.split_once('h')?;
    let (hour, minute) = (hour.trim_end(), minute.trim_start());
    if minute.is_empty() && hour.contains(':') {
        return clock(hour, None).ok().map(HourUnit::Clock);
    }
    // `1.5h` is a length.
    whole(hour, 1..=2)?;
    let time = clock(&format!("{hour}:{minute:0>2}"), None).ok()?;
    Some(if minute.len() == 2 { HourUnit::Clock(time) } else { HourUnit::Either(time) })
}

fn length_of(text: &str) -> Result<DurationMs, TimeTextError> {
    duration::parse_normalised(text.trim_start()).map_err(|error| match error {
        DurationError::Empty | DurationError::NotADuration => TimeTextError::NotATime,
        DurationError::TooLong => TimeTextError::TooLong,
    })
}

#[derive(Clone, Copy)]
enum Meridiem {
    Am,
    Pm,
}

/// Splits `am`, `p.m.`, `a` and the like off the end.
fn split_meridiem(text: &str) -> (&str, Option<Meridiem>) {
    let digits = text.trim_end_matches(['a', 'p', 'm', '.', ' ']);
    let letters: String = text[digits.len()..].chars().filter(|c| c.is_alphabetic()).collect();
    match letters.as_str() {
        "a" | "am" => (digits, Some(Meridiem::Am)),
        "p" | "pm" => (digits, Some(Meridiem::Pm)),
        _ => (text, None),
    }
}

fn clock(digits: &str, meridiem: Option<Meridiem>) -> Result<ClockTime, TimeTextError> {
    let (hour, minute, second) = hour_minute_second(digits).ok_or(TimeTextError::NotATime)?;
    let hour_24 = match meridiem {
        // Written for 12:05 AM by those who are used to 24 hours.
        Some(Meridiem::Am) if hour == 0 => 0,
        Some(_) if !(1..=12).contains(&hour) => return Err(TimeTextError::NoSuchTime),
        Some(Meridiem::Am) => hour % 12,
        Some(Meridiem::Pm) => hour % 12 + 12,
        None => hour,
    };
    let ms = hour_24 * HOUR_MS + minute * MINUTE_MS + second * SECOND_MS;
    if minute > 59 || second > 59 || ms > 2 * HALF_DAY_MS {
        return Err(TimeTextError::NoSuchTime);
    }
    let is_ambiguous = meridiem.is_none() && (1..=12).contains(&hour) && !digits.starts_with('0');
    Ok(ClockTime { ms, is_ambiguous })
}

/// After a separator, minutes need both digits: `9:5` is ambiguous.
fn hour_minute_second(digits: &str) -> Option<(i64, i64, i64)> {
    if !digits.contains([':', '.', ',']) {
        let minute_digits = if digits.len() > 2 { 2 } else { 0 };
        let (hour, minute) = digits.split_at(digits.len() - minute_digits);
        let minute = if minute.is_empty() { 0 } else { whole(minute, 2..=2)? };
        return Some((whole(hour, 1..=2)?, minute, 0));
    }
    let mut parts = digits.split([':', '.', ',']);
    let hour = whole(parts.next()?, 1..=2)?;
    let minute = whole(parts.next()?, 2..=2)?;
    let second = parts.next().map_or(Some(0), |part| whole(part, 2..=2))?;
    parts.next().is_none().then_some((hour, minute, second))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, hour: i64, minute: i64) {
        match parse_time(text) {
            Ok(TimeText::Clock(time)) => {
                assert_eq!(time.ms, hour * HOUR_MS + minute * MINUTE_MS, "{text:?}");
            }
            other => panic!("{text:?} was parsed as {other:?}"),
        }
    }

    fn check_other(text: &str, expected: Result<TimeText, TimeTextError>) {
        assert_eq!(parse_time(text), expected, "{text:?}");
    }

    #[test]
    fn typed_times_are_parsed() {
        check("9", 9, 0);
        check("09", 9, 0);
        check("930", 9, 30);
        check("0930", 9, 30);
        check("9:30", 9, 30);
        check("9.30", 9, 30);
        check("9,30", 9, 30);
        check("9:30pm", 21, 30);
        check("9:30 PM", 21, 30);
        check("9:30 p.m.", 21, 30);
        check("930p", 21, 30);
        check("9a", 9, 0);
        check("9 am", 9, 0);
        check("12am", 0, 0);
        check("12:30am", 0, 30);
        check("0:05 AM", 0, 5);
        check("12pm", 12, 0);
        check("12", 12, 0);
        check("0", 0, 0);
        check("000", 0, 0);
        check("21:30", 21, 30);
        check("2130", 21, 30);
        check(" 23:59 ", 23, 59);
        check("24:00", 24, 0);
        check("24", 24, 0);
    }

    #[test]
    fn seconds_can_be_typed() {
        let time = ClockTime { ms: 34_215_000, is_ambiguous: true };
        check_other("9:30:15", Ok(TimeText::Clock(time)));
    }

    #[test]
    fn only_times_on_a_clock_of_12_hours_are_ambiguous() {
        let either = |text| match parse_time(text) {
            Ok(TimeText::Clock(time)) => time.is_ambiguous,
            other => panic!("{text:?} was parsed as {other:?}"),
        };
        assert!(["9", "930", "12:15", "1:00"].into_iter().all(either));
        assert!(!["09", "9am", "13", "0:30", "24", "12 pm"].into_iter().any(either));
    }

    #[test]
    fn shifts_and_lengths_are_parsed() {
        let minutes = |minutes| DurationMs::from_minutes(minutes);
        check_other("now", Ok(TimeText::Now));
        check_other("NOW", Ok(TimeText::Now));
        check_other("-15m", Ok(TimeText::Shift(minutes(-15))));
        check_other("-15", Ok(TimeText::Shift(minutes(-15))));
        check_other("\u{2212}15 min", Ok(TimeText::Shift(minutes(-15))));
        check_other("- 1h 20m", Ok(TimeText::Shift(minutes(-80))));
        check_other("-1:20", Ok(TimeText::Shift(minutes(-80))));
        check_other("+5", Ok(TimeText::Shift(minutes(5))));
        check_other("1h 20m", Ok(TimeText::Length(minutes(80))));
        check_other("1h20m", Ok(TimeText::Length(minutes(80))));
        check_other("14h 0m", Ok(TimeText::Length(minutes(840))));
        check_other("30h", Ok(TimeText::Length(minutes(1_800))));
        check_other("90m", Ok(TimeText::Length(minutes(90))));
        check_other("1.5h", Ok(TimeText::Length(minutes(90))));
    }

    #[test]
    fn hours_and_minutes_around_an_h_are_a_time_of_day() {
        check("9h30", 9, 30);
        check("9 h 30", 9, 30);
        check("14h05", 14, 5);
        check("0h15", 0, 15);
        check("9:30h", 9, 30);
        check("21:30 h", 21, 30);
        check("14 Uhr", 14, 0);
        check("14:30 Uhr", 14, 30);
    }

    #[test]
    fn a_bare_number_of_hours_is_a_time_of_day_or_a_length() {
        let either = |text: &str, hour: i64, minute: i64, is_ambiguous: bool| {
            let ms = hour * HOUR_MS + minute * MINUTE_MS;
            let time = ClockTime { ms, is_ambiguous };
            check_other(text, Ok(TimeText::ClockOrLength(time, DurationMs::from_ms(ms))));
        };
        either("14h", 14, 0, false);
        either("9 h", 9, 0, true);
        either("9h5", 9, 5, true);
    }

    #[test]
    fn times_in_other_writing_are_parsed() {
        check("9:30\u{202F}AM", 9, 30);
        check("9:30\u{A0}p.m.", 21, 30);
        check("\u{200E}21:30\u{200E}", 21, 30);
        check("９：３０", 9, 30);
        check("٢١:٣٠", 21, 30);
        check("९:३० pm", 21, 30);
    }

    #[test]
    fn other_texts_are_rejected_with_a_reason() {
        use TimeTextError::{Empty, NoSuchTime, NotATime, TooLong};
        check_other("", Err(Empty));
        check_other("  ", Err(Empty));
        check_other("noon", Err(NotATime));
        check_other("9:5", Err(NotATime));
        check_other("9:30:", Err(NotATime));
        check_other("12345", Err(NotATime));
        check_other(":30", Err(NotATime));
        check_other("am", Err(NotATime));
        check_other("9 30", Err(NotATime));
        check_other("-", Err(NotATime));
        check_other("--5", Err(NotATime));
        check_other("25", Err(NoSuchTime));
        check_other("24:01", Err(NoSuchTime));
        check_other("9:75", Err(NoSuchTime));
        check_other("13pm", Err(NoSuchTime));
        check_other("0pm", Err(NoSuchTime));
        check_other("2000h", Err(TooLong));
    }

    #[test]
    fn every_text_is_rejected_or_on_the_clock() {
        let alphabet = ["0", "1", "9", ":", ".", "a", "p", "m", " ", "é", "-"];
        let mut texts = vec![String::new()];
        for _ in 0..5 {
            let longer = texts.iter().flat_map(|text| alphabet.map(|it| format!("{text}{it}")));
            texts = longer.collect();
            for text in &texts {
                if let Ok(TimeText::Clock(time)) = parse_time(text) {
                    assert!((0..=2 * HALF_DAY_MS).contains(&time.ms), "{text:?}");
                }
            }
        }
    }
}
