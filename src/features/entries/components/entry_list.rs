//! Entries by day, the latest days first, under their weeks; older days on demand.

use leptos::prelude::*;
use wizitime_domain::Day;

use super::day_section::DaySection;
use super::empty_state::EmptyState;
use super::week_header::WeekHeader;
use crate::ui::context::{Ui, use_ui, week_start};
use crate::ui::store::{use_days, use_running_id};
use crate::ui::texts;
use crate::ui::widgets::{Key, KeyedList, ShowIf};

/// Days with entries that are shown at first.
const INITIAL_DAYS: usize = 14;
/// Days that "Show more" adds.
const MORE_DAYS: usize = 28;

/// A row of the list.
#[derive(Clone, Copy)]
enum Row {
    /// The header of a week, by its first day.
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

/// The days to show: those with entries, and today while a clock runs that started earlier.
fn days(ui: Ui, limit: usize) -> Vec<Day> {
    let today = ui.clock.today.get();
    let mut days: Vec<Day> = use_days(|days| days.take(limit).collect());
    if use_running_id().is_some() && !days.contains(&today) {
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

/// The list.
#[component]
pub(crate) fn EntryList() -> AnyView {
    let ui = use_ui();
    let limit = RwSignal::new(INITIAL_DAYS);
    let row = |row| match row {
        Row::Week(first) => view! { <WeekHeader first/> },
        Row::Day(day) => view! { <DaySection day/> },
    };
    view! {
        <section class="history" aria-label=texts::ENTRIES>
            <KeyedList keys=move || rows(ui, limit.get()) children=row/>
            <ShowIf when=|| use_days(|days| days.next().is_none())><EmptyState/></ShowIf>
            <ShowIf when=move || use_days(|days| days.nth(limit.get()).is_some())>
                <button type="button" class="btn btn--plain more"
                    on:click=move |_| limit.update(|limit| *limit += MORE_DAYS)>
                    {texts::SHOW_MORE}
                </button>
            </ShowIf>
        </section>
    }
    .into_any()
}
