//! One day: its name, its total including the running clock, a bar with its entries, and the
//! entries.

use leptos::prelude::*;
use wizitime_domain::{Day, EntryId};

use super::day_bar::DayBar;
use super::entry_row::EntryRow;
use super::week_header::{span_of_days, total_text};
use crate::ui::context::use_ui;
use crate::ui::dom::UniqueId;
use crate::ui::intl::{DateParts, format_date};
use crate::ui::store::{use_day, use_running_id};
use crate::ui::texts;
use crate::ui::widgets::{KeyedList, ShowIf};

fn name(day: Day, today: Day) -> String {
    match today.as_days() - day.as_days() {
        0 => texts::TODAY.to_owned(),
        1 => texts::YESTERDAY.to_owned(),
        _ => format_date(day, DateParts::Weekday),
    }
}

/// The date, as far as the name does not say it.
fn date(day: Day, today: Day) -> String {
    let parts = if (0..=1).contains(&(today.as_days() - day.as_days())) {
        DateParts::WeekdayDayMonth
    } else if day.civil().0 == today.civil().0 {
        DateParts::DayMonth
    } else {
        DateParts::DayMonthYear
    };
    format_date(day, parts)
}

/// The ended entries of a day. The running entry is on the timer card, not in the list.
fn entry_ids(day: Day) -> Vec<EntryId> {
    let running_id = use_running_id();
    let mut ids = use_day(day).entry_ids;
    ids.retain(|id| Some(*id) != running_id);
    ids
}

/// The day.
#[component]
pub(crate) fn DaySection(day: Day) -> AnyView {
    let ui = use_ui();
    let today = ui.clock.today;
    let heading_id = UniqueId::new();
    let span = span_of_days(day, 1);
    view! {
        <section class="day">
            <header class="day__head">
                <h3 class="day__name" id=heading_id.to_string()>
                    {move || name(day, today.get())}
                </h3>
                <span class="day__date">{move || date(day, today.get())}</span>
                <span class="day__total digits">
                    <span class="sr-only">{texts::TOTAL}" "</span>
                    {move || total_text(ui, use_day(day).total, span)}
                </span>
                <DayBar day span/>
            </header>
            <ShowIf when=move || !entry_ids(day).is_empty()>
                <ul class="day__list" aria-labelledby=heading_id.to_string()>
                    <KeyedList keys=move || entry_ids(day)
                        children=|id| view! { <li><EntryRow id/></li> }/>
                </ul>
            </ShowIf>
        </section>
    }
    .into_any()
}
