//! Which days the history shows.

use wizitime_domain::Day;

/// The days to show.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DayList {
    /// Latest first.
    pub days: Vec<Day>,
    /// Whether there are days beyond the limit.
    pub has_more: bool,
}

/// The days with entries (`days`, latest first) and every day that the running clock reaches into,
/// from `running_since` to today.
///
/// At most `limit` days up to today, and as many nearest ones after it: entries in the future
/// never push today off the list.
pub fn select_day_list(
    days: impl Iterator<Item = Day>,
    running_since: Option<Day>,
    today: Day,
    limit: usize,
) -> DayList {
    let mut later = Vec::new();
    let mut shown = Vec::new();
    let mut days = days.peekable();
    while let Some(day) = days.next_if(|day| *day > today) {
        later.push(day);
    }
    let mut running = running_since.filter(|since| *since <= today).map(|_| today);
    let mut next = || {
        let day = running.max(days.peek().copied())?;
        days.next_if_eq(&day);
        if running == Some(day) {
            running = Some(day.plus(-1)).filter(|day| running_since.is_some_and(|it| it <= *day));
        }
        Some(day)
    };
    while shown.len() < limit {
        let Some(day) = next() else { break };
        shown.push(day);
    }
    let has_more = later.len() > limit || next().is_some();
    let mut days = later.split_off(later.len().saturating_sub(limit));
    days.append(&mut shown);
    DayList { days, has_more }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TODAY: i64 = 100;

    fn list(days: &[i64], running_since: Option<i64>, limit: usize) -> (Vec<i64>, bool) {
        let days = days.iter().copied().map(Day::from_days);
        let running_since = running_since.map(Day::from_days);
        let list = select_day_list(days, running_since, Day::from_days(TODAY), limit);
        (list.days.into_iter().map(Day::as_days).collect(), list.has_more)
    }

    #[test]
    fn the_latest_days_are_shown_up_to_the_limit() {
        assert_eq!(list(&[100, 98, 50], None, 3), (vec![100, 98, 50], false));
        assert_eq!(list(&[100, 98, 50], None, 2), (vec![100, 98], true));
        assert_eq!(list(&[], None, 3), (vec![], false));
    }

    #[test]
    fn every_day_of_a_running_clock_is_shown() {
        assert_eq!(list(&[98], Some(98), 14), (vec![100, 99, 98], false));
        assert_eq!(list(&[98, 97], Some(98), 14), (vec![100, 99, 98, 97], false));
        assert_eq!(list(&[100, 98], Some(98), 2), (vec![100, 99], true));
        // A start after now: this device's clock is wrong.
        assert_eq!(list(&[101, 98], Some(101), 14), (vec![101, 98], false));
    }

    #[test]
    fn days_in_the_future_do_not_push_today_off_the_list() {
        let future: Vec<i64> = (101..=117).rev().chain([100, 99, 98]).collect();
        let (days, has_more) = list(&future, None, 14);
        assert_eq!(days, [(101..=114).rev().collect(), vec![100, 99, 98]].concat());
        assert!(has_more);
        assert!(!list(&future, None, 17).1);
    }
}
