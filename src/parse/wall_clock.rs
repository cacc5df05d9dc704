//! Converts between instants and local wall clock times.

use wizitime_domain::{Day, DurationMs, LocalTime, Timestamp};

const DAY_MS: i64 = 86_400_000;

/// The local time of day at `at`, in milliseconds from midnight.
pub fn ms_of_day(at: Timestamp, zone: &dyn LocalTime) -> i64 {
    (at.as_ms() + zone.offset_ms_at(at)).rem_euclid(DAY_MS)
}

/// The instant of a local time of day, in milliseconds from midnight, on `day`.
///
/// If the time occurs twice because clocks are turned back, the first instant; if it is skipped,
/// the instant that the time would be without the change.
pub fn instant_at(day: Day, ms_of_day: i64, zone: &dyn LocalTime) -> Timestamp {
    let wall_ms = day.as_days().saturating_mul(DAY_MS).saturating_add(ms_of_day);
    let offset_near =
        |ms: i64| zone.offset_ms_at(Timestamp::saturating_from_ms(wall_ms.saturating_add(ms)));
    let (before_ms, after_ms) = (offset_near(-DAY_MS), offset_near(DAY_MS));
    let with_before = Timestamp::saturating_from_ms(wall_ms.saturating_sub(before_ms));
    let with_after = Timestamp::saturating_from_ms(wall_ms.saturating_sub(after_ms));
    let fits_before = zone.offset_ms_at(with_before) == before_ms;
    let fits_after = zone.offset_ms_at(with_after) == after_ms;
    if fits_after && !fits_before { with_after } else { with_before }
}

/// The instant `by` before `at`.
pub(super) const fn earlier(at: Timestamp, by: DurationMs) -> Timestamp {
    at.saturating_add(DurationMs::ZERO.saturating_sub(by))
}

#[cfg(test)]
mod tests {
    use super::*;
    use wizitime_domain::{FixedOffset, day_of};

    const HOUR_MS: i64 = 3_600_000;

    /// UTC+1 until 01:00Z on day 100, then UTC+2; back again at 01:00Z on day 200.
    struct Summer;

    impl LocalTime for Summer {
        fn offset_ms_at(&self, at: Timestamp) -> i64 {
            let summer = 100 * DAY_MS + HOUR_MS..200 * DAY_MS + HOUR_MS;
            if summer.contains(&at.as_ms()) { 2 * HOUR_MS } else { HOUR_MS }
        }
    }

    fn check(day: i64, hours: i64, expected_utc_hours: i64) {
        let at = instant_at(Day::from_days(day), hours * HOUR_MS, &Summer);
        assert_eq!(at.as_ms(), day * DAY_MS + expected_utc_hours * HOUR_MS, "{day} {hours}:00");
    }

    #[test]
    fn a_local_time_is_one_instant() {
        check(50, 9, 8);
        check(150, 9, 7);
        check(50, 0, -1);
        check(50, 24, 23);
        // 02:00 is skipped on day 100: it becomes 03:00.
        check(100, 1, 0);
        check(100, 2, 1);
        check(100, 3, 1);
        // 02:00 occurs twice on day 200: the first.
        check(200, 2, 0);
        check(200, 3, 2);
    }

    #[test]
    fn local_times_round_trip() {
        let zone = FixedOffset(-5 * HOUR_MS - 1_800_000);
        for ms in (0..DAY_MS).step_by(1_234_567) {
            let at = instant_at(Day::from_days(20_000), ms, &zone);
            assert_eq!(ms_of_day(at, &zone), ms);
            assert_eq!(day_of(at, &zone), Day::from_days(20_000));
        }
    }
}
