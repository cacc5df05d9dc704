//! Local days: the day of an instant, and the parts of an interval by day.

use crate::time::{DurationMs, Timestamp};

const DAY_MS: i64 = 86_400_000;
/// Every offset from UTC is smaller than this.
const OFFSET_MS_MAX: i64 = 26 * 3_600_000;

/// The rules of one time zone: the browser's database, or a table in a test.
pub trait LocalTime {
    /// The offset from UTC at `at`, in milliseconds.
    fn offset_ms_at(&self, at: Timestamp) -> i64;
}

/// A zone with a fixed offset from UTC in milliseconds.
#[derive(Clone, Copy, Debug, Default)]
pub struct FixedOffset(pub i64);

impl LocalTime for FixedOffset {
    fn offset_ms_at(&self, _at: Timestamp) -> i64 {
        self.0
    }
}

/// A calendar day, counted from 1970-01-01.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Day(i64);

/// A day of the week.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Weekday {
    Monday,
    Tuesday,
    Wednesday,
    Thursday,
    Friday,
    Saturday,
    Sunday,
}

impl Day {
    /// The day `days` after 1970-01-01.
    pub const fn from_days(days: i64) -> Self {
        Self(days)
    }

    /// Days since 1970-01-01.
    pub const fn as_days(self) -> i64 {
        self.0
    }

    /// The day `days` later.
    pub const fn plus(self, days: i64) -> Self {
        Self(self.0.saturating_add(days))
    }

    /// The day of the week; 1970-01-01 was a Thursday.
    pub const fn weekday(self) -> Weekday {
        match (self.0 + 3).rem_euclid(7) {
            0 => Weekday::Monday,
            1 => Weekday::Tuesday,
            2 => Weekday::Wednesday,
            3 => Weekday::Thursday,
            4 => Weekday::Friday,
            5 => Weekday::Saturday,
            _ => Weekday::Sunday,
        }
    }

    /// The latest day up to this one that is a `first` day of the week.
    pub const fn week_start(self, first: Weekday) -> Self {
        let days_since = (self.weekday() as i64 - first as i64).rem_euclid(7);
        Self(self.0 - days_since)
    }

    /// Year, month (1–12) and day of the month in the Gregorian calendar.
    pub const fn civil(self) -> (i64, u8, u8) {
        // Eras of 400 years, years beginning in March, so that the leap day comes last.
        let days = self.0 + 719_468;
        let era = days.div_euclid(146_097);
        let day_of_era = days.rem_euclid(146_097);
        let year_of_era =
            (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
        let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        let month_from_march = (5 * day_of_year + 2) / 153;
        let day = (day_of_year - (153 * month_from_march + 2) / 5 + 1) as u8;
        let month =
            if month_from_march < 10 { month_from_march + 3 } else { month_from_march - 9 } as u8;
        let year = year_of_era + era * 400 + if month <= 2 { 1 } else { 0 };
        (year, month, day)
    }

    /// The day of a Gregorian date; months and days are not checked against the calendar.
    pub const fn from_civil(year: i64, month: u8, day: u8) -> Self {
        let year = if month <= 2 { year - 1 } else { year };
        let era = year.div_euclid(400);
        let year_of_era = year.rem_euclid(400);
        let month_from_march = if month > 2 { month as i64 - 3 } else { month as i64 + 9 };
        let day_of_year = (153 * month_from_march + 2) / 5 + day as i64 - 1;
        let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
        Self(era * 146_097 + day_of_era - 719_468)
    }
}

/// The local day that `at` falls on.
pub fn day_of(at: Timestamp, zone: &dyn LocalTime) -> Day {
    Day((at.as_ms() + zone.offset_ms_at(at)).div_euclid(DAY_MS))
}

/// The first instant of a local day, also where midnight is skipped by a daylight-saving change.
pub fn day_start(day: Day, zone: &dyn LocalTime) -> Timestamp {
    let midnight_utc_ms = day.as_days().saturating_mul(DAY_MS);
    let mut before_ms = midnight_utc_ms - OFFSET_MS_MAX;
    let mut from_ms = midnight_utc_ms + OFFSET_MS_MAX;
    // Binary search for the first instant of the day.
    while from_ms - before_ms > 1 {
        let middle_ms = before_ms + (from_ms - before_ms) / 2;
        if day_of(Timestamp::saturating_from_ms(middle_ms), zone) < day {
            before_ms = middle_ms;
        } else {
            from_ms = middle_ms;
        }
    }
    Timestamp::saturating_from_ms(from_ms)
}

/// The parts of `from..to` by local day, in order. They add up to the whole in every zone and over
/// every daylight-saving change (docs/TESTING.md#P10), because each boundary is one instant.
pub fn split_by_day(
    from: Timestamp,
    to: Timestamp,
    zone: &dyn LocalTime,
) -> Vec<(Day, DurationMs)> {
    let mut parts = Vec::new();
    let mut day = day_of(from, zone);
    let mut begin = from;
    while begin < to {
        let next = day_start(day.plus(1), zone).min(to);
        if next > begin {
            parts.push((day, next.since(begin)));
            begin = next;
        }
        day = day.plus(1);
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const HOUR_MS: i64 = 3_600_000;

    /// A zone whose offset changes once.
    #[derive(Debug)]
    struct OneChange {
        at: Timestamp,
        before_ms: i64,
        after_ms: i64,
    }

    impl LocalTime for OneChange {
        fn offset_ms_at(&self, at: Timestamp) -> i64 {
            if at < self.at { self.before_ms } else { self.after_ms }
        }
    }

    fn ms(ms: i64) -> Timestamp {
        Timestamp::from_ms(ms).unwrap()
    }

    #[test]
    fn civil_dates_round_trip() {
        assert_eq!(Day::from_days(0).civil(), (1970, 1, 1));
        assert_eq!(Day::from_civil(2024, 2, 29).plus(1).civil(), (2024, 3, 1));
        for days in -1_000..60_000 {
            let (year, month, day) = Day::from_days(days).civil();
            assert_eq!(Day::from_civil(year, month, day).as_days(), days);
        }
    }

    #[test]
    fn weeks_start_on_the_chosen_day() {
        let thursday = Day::from_days(0);
        assert_eq!(thursday.weekday(), Weekday::Thursday);
        assert_eq!(thursday.week_start(Weekday::Monday), Day::from_days(-3));
        assert_eq!(thursday.week_start(Weekday::Sunday), Day::from_days(-4));
        assert_eq!(thursday.week_start(Weekday::Thursday), thursday);
    }

    #[test]
    fn a_day_with_a_skipped_midnight_starts_at_one() {
        let change = OneChange { at: ms(10 * DAY_MS), before_ms: 0, after_ms: HOUR_MS };
        assert_eq!(day_start(Day::from_days(10), &change), ms(10 * DAY_MS));
        let parts = split_by_day(ms(9 * DAY_MS), ms(11 * DAY_MS), &change);
        let hours: Vec<_> = parts.iter().map(|(_, part)| part.as_ms() / HOUR_MS).collect();
        assert_eq!(hours, [24, 23, 1]);
    }

    proptest! {
        #[test]
        fn parts_add_up_over_any_change(
            change_ms in 0..40 * DAY_MS,
            before_quarters in -48_i64..56,
            step_quarters in -8_i64..8,
            from_ms in 0..40 * DAY_MS,
            length_ms in 0..5 * DAY_MS,
        ) {
            let zone = OneChange {
                at: ms(change_ms),
                before_ms: before_quarters * 900_000,
                after_ms: (before_quarters + step_quarters) * 900_000,
            };
            let (from, to) = (ms(from_ms), ms(from_ms + length_ms));
            let parts = split_by_day(from, to, &zone);
            let total_ms: i64 = parts.iter().map(|(_, part)| part.as_ms()).sum();
            prop_assert_eq!(total_ms, to.since(from).as_ms());
            prop_assert!(parts.iter().all(|(_, part)| part.as_ms() > 0));
            prop_assert!(parts.windows(2).all(|pair| pair[0].0 < pair[1].0));
        }
    }
}
