//! Times of day as people type them: `9`, `930`, `9:30pm`, `9.30`, `21:30`, `now`, `-15m`, and
//! `1h 20m` for how long.

use wizitime_domain::DurationMs;

use super::duration_field::{DurationProblem, parse_duration, whole};

const SECOND_MS: i64 = 1_000;
const MINUTE_MS: i64 = 60 * SECOND_MS;
const HOUR_MS: i64 = 60 * MINUTE_MS;
const HALF_DAY_MS: i64 = 12 * HOUR_MS;

/// What a text says, before it is known what it means at its place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TimeText {
    /// `now`
    Now,
    /// A time of day.
    Clock(ClockTime),
    /// `-15m`, `+1h`: so much earlier or later.
    Shift(DurationMs),
    /// `1h 20m`: so long.
    Length(DurationMs),
}

/// A time of day, 24:00 included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ClockTime {
    /// Read on a clock of 24 hours, in milliseconds from midnight.
    pub ms: i64,
    /// `9:30` can be in the evening for someone who uses a clock of 12 hours; `9:30am`, `09:30`
    /// and `21:30` cannot be read otherwise.
    pub either_half: bool,
}

/// Why a text is no time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TimeTextProblem {
    Empty,
    NotATime,
    /// It looks like a time, but no clock shows it: `25:00`, `9:75`, `13pm`.
    NoSuchTime,
    /// A length of more than [`super::DURATION_HOURS_MAX`].
    TooLong,
}

impl ClockTime {
    /// The same figures in the other half of the day.
    pub(super) const fn other_half_ms(self) -> Option<i64> {
        if !self.either_half {
            None
        } else if self.ms < HALF_DAY_MS {
            Some(self.ms + HALF_DAY_MS)
        } else {
            Some(self.ms - HALF_DAY_MS)
        }
    }
}

/// Reads a time.
///
/// # Errors
/// If the text is empty or is no time that a clock shows.
pub fn parse_time(text: &str) -> Result<TimeText, TimeTextProblem> {
    let text = text.trim().to_lowercase().replace(['\u{2212}', '\u{2013}'], "-");
    if text.is_empty() {
        return Err(TimeTextProblem::Empty);
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
    let (figures, half) = split_half(&text);
    if figures.bytes().all(|byte| byte.is_ascii_digit() || b":.,".contains(&byte)) {
        return clock(figures, half).map(TimeText::Clock);
    }
    length_of(&text).map(TimeText::Length)
}

fn length_of(text: &str) -> Result<DurationMs, TimeTextProblem> {
    parse_duration(text).map_err(|problem| match problem {
        DurationProblem::Empty | DurationProblem::NotADuration => TimeTextProblem::NotATime,
        DurationProblem::TooLong => TimeTextProblem::TooLong,
    })
}

#[derive(Clone, Copy)]
enum Half {
    Morning,
    Afternoon,
}

/// Takes `am`, `p.m.`, `a` and the like off the end.
fn split_half(text: &str) -> (&str, Option<Half>) {
    let figures = text.trim_end_matches(['a', 'p', 'm', '.', ' ']);
    let letters: String = text[figures.len()..].chars().filter(|it| it.is_alphabetic()).collect();
    match letters.as_str() {
        "a" | "am" => (figures, Some(Half::Morning)),
        "p" | "pm" => (figures, Some(Half::Afternoon)),
        _ => (text, None),
    }
}

fn clock(figures: &str, half: Option<Half>) -> Result<ClockTime, TimeTextProblem> {
    let (hour, minute, second) = hour_minute_second(figures).ok_or(TimeTextProblem::NotATime)?;
    let hour_24 = match half {
        Some(_) if !(1..=12).contains(&hour) => return Err(TimeTextProblem::NoSuchTime),
        Some(Half::Morning) => hour % 12,
        Some(Half::Afternoon) => hour % 12 + 12,
        None => hour,
    };
    let ms = hour_24 * HOUR_MS + minute * MINUTE_MS + second * SECOND_MS;
    if minute > 59 || second > 59 || ms > 2 * HALF_DAY_MS {
        return Err(TimeTextProblem::NoSuchTime);
    }
    let either_half = half.is_none() && (1..=12).contains(&hour) && !figures.starts_with('0');
    Ok(ClockTime { ms, either_half })
}

/// With a separator, minutes need both digits: `9:5` could mean five past or fifty past.
fn hour_minute_second(figures: &str) -> Option<(i64, i64, i64)> {
    if !figures.contains([':', '.', ',']) {
        let minute_digits = if figures.len() > 2 { 2 } else { 0 };
        let (hour, minute) = figures.split_at(figures.len() - minute_digits);
        let minute = if minute.is_empty() { 0 } else { whole(minute, 2..=2)? };
        return Some((whole(hour, 1..=2)?, minute, 0));
    }
    let mut parts = figures.split([':', '.', ',']);
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
            other => panic!("{text:?} was read as {other:?}"),
        }
    }

    fn check_other(text: &str, expected: Result<TimeText, TimeTextProblem>) {
        assert_eq!(parse_time(text), expected, "{text:?}");
    }

    #[test]
    fn times_as_people_type_them() {
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
        let time = ClockTime { ms: 34_215_000, either_half: true };
        check_other("9:30:15", Ok(TimeText::Clock(time)));
    }

    #[test]
    fn only_what_a_clock_of_12_hours_shows_can_be_in_either_half() {
        let either = |text| match parse_time(text) {
            Ok(TimeText::Clock(time)) => time.either_half,
            other => panic!("{text:?} was read as {other:?}"),
        };
        assert!(["9", "930", "12:15", "1:00"].into_iter().all(either));
        assert!(!["09", "9am", "13", "0:30", "24", "12 pm"].into_iter().any(either));
    }

    #[test]
    fn shifts_and_lengths() {
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
        check_other("90m", Ok(TimeText::Length(minutes(90))));
        check_other("1.5h", Ok(TimeText::Length(minutes(90))));
    }

    #[test]
    fn what_is_no_time_says_so() {
        use TimeTextProblem::{Empty, NoSuchTime, NotATime, TooLong};
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
        check_other("0am", Err(NoSuchTime));
        check_other("2000h", Err(TooLong));
    }

    #[test]
    fn every_text_is_refused_or_is_on_the_clock() {
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
