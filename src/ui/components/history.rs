//! Entries by day, the latest days first, under their weeks; older ones on demand.

use wizitime_domain::Day;

use super::day_section::day_section;
use super::empty_state::empty_state;
use super::week_head::week_head;
use crate::ui::context::{Ui, week_start};
use crate::ui::view::{El, Key, Var, button, el};
use crate::ui::{mirror, text};

/// Days with entries that are shown at first.
const DAYS_AT_FIRST: usize = 14;
/// Days that "Show more" adds.
const DAYS_MORE: usize = 28;

/// The heading of a week, or a day.
#[derive(Clone, Copy)]
enum Row {
    /// By its first day.
    Week(Day),
    Day(Day),
}

impl Key for Row {
    fn to_bits(self) -> u128 {
        match self {
            Self::Week(first) => first.to_bits() << 1 | 1,
            Self::Day(day) => day.to_bits() << 1,
        }
    }

    fn from_bits(bits: u128) -> Self {
        let day = Day::from_bits(bits >> 1);
        if bits & 1 == 1 { Self::Week(day) } else { Self::Day(day) }
    }
}

/// The days to show: those with entries, and today while a clock runs that was started before.
fn days(ui: Ui, limit: usize) -> Vec<Day> {
    let today = ui.tick.today.get();
    let mut days: Vec<Day> = mirror::days(|days| days.take(limit).collect());
    if mirror::running().is_some() && !days.contains(&today) {
        days.insert(days.partition_point(|day| *day > today), today);
    }
    days
}

fn rows(ui: Ui, limit: usize) -> Vec<Row> {
    let starts_on = week_start();
    let mut week = None;
    let mut rows = Vec::new();
    for day in days(ui, limit) {
        let first = day.week_start(starts_on);
        if week != Some(first) {
            rows.push(Row::Week(first));
            week = Some(first);
        }
        rows.push(Row::Day(day));
    }
    rows
}

/// The history.
pub(super) fn history(ui: Ui) -> El {
    let limit = Var::new(DAYS_AT_FIRST);
    let more = move || {
        button("btn btn--plain more", move || limit.update(|limit| *limit += DAYS_MORE))
            .text(text::SHOW_MORE)
    };
    el("section", "history")
        .attr("aria-label", text::ENTRIES)
        .each(
            move || rows(ui, limit.get()),
            move |row| match row {
                Row::Week(first) => week_head(ui, first),
                Row::Day(day) => day_section(ui, day),
            },
        )
        .when(|| mirror::days(|days| days.next().is_none()), empty_state)
        .when(move || mirror::days(|days| days.nth(limit.get()).is_some()), more)
}
