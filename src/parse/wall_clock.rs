//! Converts between instants and local wall clock times.

use wizitime_domain::{Day, DurationMs, LocalTime, Timestamp, day_of};

const DAY_MS: i64 = 86_400_000;

/// The local time of day at `at`, in milliseconds from midnight.
pub fn ms_of_day(at: Timestamp, zone: &dyn LocalTime) -> i64 {
    (at.as_ms() + zone.offset_ms_at(at)).rem_euclid(DAY_MS)
}

/// The instants of a local time of day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WallInstant {
    Once(Timestamp),
    /// Clocks are turned back: the time occurs twice.
    Repeated {
        first: Timestamp,
        second: Timestamp,
    },
    /// Clocks are turned forward and skip the time: the instant that it would be without the
    /// change. Clocks show a later time then.
    Skipped {
        shifted: Timestamp,
    },
}

impl WallInstant {
    /// The only instant, the first of two, or the shifted one.
    pub const fn first(self) -> Timestamp {
        match self {
            Self::Once(at) | Self::Repeated { first: at, .. } | Self::Skipped { shifted: at } => at,
        }
    }

    /// The second of two instants.
    pub const fn second(self) -> Option<Timestamp> {
        match self {
            Self::Repeated { second, .. } => Some(second),
            Self::Once(_) | Self::Skipped { .. } => None,
        }
    }

    /// Whether no clock shows the time.
    pub const fn is_skipped(self) -> bool {
        match self {
            Self::Skipped { .. } => true,
            Self::Once(_) | Self::Repeated { .. } => false,
        }
    }
}

/// The instants of a local time of day, in milliseconds from midnight, on `day`.
pub fn instant_at(day: Day, ms_of_day: i64, zone: &dyn LocalTime) -> WallInstant {
    let wall_ms = day.as_days().saturating_mul(DAY_MS).saturating_add(ms_of_day);
    let offset_near =
        |ms: i64| zone.offset_ms_at(Timestamp::saturating_from_ms(wall_ms.saturating_add(ms)));
    let (before_ms, after_ms) = (offset_near(-DAY_MS), offset_near(DAY_MS));
    let with_before = Timestamp::saturating_from_ms(wall_ms.saturating_sub(before_ms));
    let with_after = Timestamp::saturating_from_ms(wall_ms.saturating_sub(after_ms));
    let fits_before = zone.offset_ms_at(with_before) == before_ms;
    let fits_after = zone.offset_ms_at(with_after) == after_ms;
    match (fits_before, fits_after) {
        (true, true) if with_before < with_after => {
            WallInstant::Repeated { first: with_before, second: with_after }
        }
        (true, _) => WallInstant::Once(with_before),
        (false, true) => WallInstant::Once(with_after),
        (false, false) => WallInstant::Skipped { shifted: with_before },
    }
}

/// The offset from UTC at an instant whose local time occurs twice, which tells the two apart;
/// none if the local time is unambiguous.
pub fn repeated_hour_offset_ms(at: Timestamp, zone: &dyn LocalTime) -> Option<i64> {
    let instants = instant_at(day_of(at, zone), ms_of_day(at, zone), zone);
    instants.second().map(|_| zone.offset_ms_at(at))
}

/// The instant `by` before `at`.
pub(super) const fn earlier(at: Timestamp, by: DurationMs) -> Timestamp {
    at.saturating_add(DurationMs::ZERO.saturating_sub(by))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parse::test_zone::{Berlin, utc_2026};
    use wizitime_domain::FixedOffset;

    const HOUR_MS: i64 = 3_600_000;

    fn berlin(date: (u8, u8), time: &str) -> WallInstant {
        let (hour, minute) = time.split_once(':').unwrap();
        let minutes = hour.parse::<i64>().unwrap() * 60 + minute.parse::<i64>().unwrap();
        instant_at(Day::from_civil(2026, date.0, date.1), minutes * 60_000, &Berlin)
    }

    #[test]
    fn most_times_of_day_are_one_instant() {
        let check = |date, time, utc| assert_eq!(berlin(date, time), WallInstant::Once(utc));
        check((1, 15), "09:00", utc_2026(1, 15, "08:00"));
        check((7, 15), "09:00", utc_2026(7, 15, "07:00"));
        check((7, 15), "24:00", utc_2026(7, 15, "22:00"));
        check((3, 29), "01:59", utc_2026(3, 29, "00:59"));
        check((3, 29), "03:00", utc_2026(3, 29, "01:00"));
        check((10, 25), "01:59", utc_2026(10, 24, "23:59"));
        check((10, 25), "03:00", utc_2026(10, 25, "02:00"));
    }

    #[test]
    fn a_repeated_hour_has_two_instants() {
        let instants = berlin((10, 25), "02:50");
        let (first, second) = (utc_2026(10, 25, "00:50"), utc_2026(10, 25, "01:50"));
        assert_eq!(instants, WallInstant::Repeated { first, second });
        assert_eq!(repeated_hour_offset_ms(first, &Berlin), Some(2 * HOUR_MS));
        assert_eq!(repeated_hour_offset_ms(second, &Berlin), Some(HOUR_MS));
        assert_eq!(repeated_hour_offset_ms(utc_2026(10, 25, "02:00"), &Berlin), None);
        assert_eq!(repeated_hour_offset_ms(utc_2026(10, 24, "23:59"), &Berlin), None);
    }

    #[test]
    fn a_skipped_hour_has_the_instant_that_it_would_be() {
        let instants = berlin((3, 29), "02:30");
        // 03:30 in summer time.
        assert_eq!(instants, WallInstant::Skipped { shifted: utc_2026(3, 29, "01:30") });
    }

    #[test]
    fn local_times_round_trip() {
        let zone = FixedOffset(-5 * HOUR_MS - 1_800_000);
        for ms in (0..DAY_MS).step_by(1_234_567) {
            let at = instant_at(Day::from_days(20_000), ms, &zone).first();
            assert_eq!(ms_of_day(at, &zone), ms);
            assert_eq!(day_of(at, &zone), Day::from_days(20_000));
        }
    }
}
