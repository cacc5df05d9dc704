//! The rules of Berlin in 2026 as a table, for tests.

use wizitime_domain::{Day, LocalTime, Timestamp};

const HOUR_MS: i64 = 3_600_000;
const DAY_MS: i64 = 86_400_000;

/// UTC+1; UTC+2 from 29 March 2026 01:00Z until 25 October 2026 01:00Z.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Berlin;

impl LocalTime for Berlin {
    fn offset_ms_at(&self, at: Timestamp) -> i64 {
        let summer = utc_2026(3, 29, "01:00")..utc_2026(10, 25, "01:00");
        if summer.contains(&at) { 2 * HOUR_MS } else { HOUR_MS }
    }
}

/// An instant of 2026 by its time in UTC.
pub(crate) fn utc_2026(month: u8, day: u8, time: &str) -> Timestamp {
    let (hour, minute) = time.split_once(':').unwrap();
    let minutes = hour.parse::<i64>().unwrap() * 60 + minute.parse::<i64>().unwrap();
    let day_ms = Day::from_civil(2026, month, day).as_days() * DAY_MS;
    Timestamp::from_ms(day_ms + minutes * 60_000).unwrap()
}
