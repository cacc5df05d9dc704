//! Parses the value of a date field.

use wizitime_domain::Day;

/// Smaller years are typed halfway: Chromium reports 0002, 0020 and 0202 on the way to 2026.
const COMPLETE_YEAR_MIN: i64 = 1_000;
/// The days on which every time of day is an instant in every zone.
const YEARS: std::ops::RangeInclusive<i64> = 1971..=2198;

/// Why a date field has no day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DateTextError {
    /// It is empty or not a date.
    Missing,
    /// The year is typed halfway.
    PartialYear,
    /// The year is before 1971 or after 2198.
    OutOfRange,
}

/// Parses the value of a date field, `2026-11-24`.
///
/// # Errors
/// When it has no day, or one that is incomplete or out of range.
pub fn parse_date(text: &str) -> Result<Day, DateTextError> {
    let (year, month, day) = year_month_day(text).ok_or(DateTextError::Missing)?;
    if year < COMPLETE_YEAR_MIN {
        return Err(DateTextError::PartialYear);
    }
    if !YEARS.contains(&year) {
        return Err(DateTextError::OutOfRange);
    }
    let parsed = Day::from_civil(year, month, day);
    // A date that does not exist converts to another one.
    if parsed.civil() == (year, month, day) { Ok(parsed) } else { Err(DateTextError::Missing) }
}

fn year_month_day(text: &str) -> Option<(i64, u8, u8)> {
    let mut parts = text.splitn(3, '-');
    let year: u32 = parts.next()?.parse().ok()?;
    Some((i64::from(year), parts.next()?.parse().ok()?, parts.next()?.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parse::date_text;

    #[test]
    fn dates_round_trip() {
        let day = |year, month, day| Day::from_civil(year, month, day).as_days();
        for days in day(1971, 1, 1)..=day(2198, 12, 31) {
            let day = Day::from_days(days);
            assert_eq!(parse_date(&date_text(day)), Ok(day));
        }
    }

    #[test]
    fn a_year_is_not_complete_before_its_fourth_digit() {
        for text in ["0002-11-25", "0020-11-25", "0202-11-25"] {
            assert_eq!(parse_date(text), Err(DateTextError::PartialYear), "{text}");
        }
        assert_eq!(parse_date("2026-11-25"), Ok(Day::from_civil(2026, 11, 25)));
    }

    #[test]
    fn days_without_instants_are_out_of_range() {
        for text in ["1969-12-31", "1970-01-01", "2199-01-01", "9999-12-31", "275760-09-13"] {
            assert_eq!(parse_date(text), Err(DateTextError::OutOfRange), "{text}");
        }
    }

    #[test]
    fn other_texts_are_not_dates() {
        for text in ["", "2026-11", "2026-02-30", "2026-13-01", "yesterday", "2026-11-24T00"] {
            assert_eq!(parse_date(text), Err(DateTextError::Missing), "{text}");
        }
    }
}
