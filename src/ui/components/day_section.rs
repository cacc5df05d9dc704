//! One day: its name, its total with what the running clock adds, where the entries lie on it, and
//! the entries. The first day of a week that is shown also carries the week's total.

use leptos::prelude::*;
use wizitime_domain::{Day, DurationMs, Timestamp, day_start};

use super::entry_row::EntryRow;
use super::ribbon::Ribbon;
use crate::browser::clock::BrowserZone;
use crate::fields::hms_text;
use crate::ui::context::{Ui, use_ui};
use crate::ui::intl::{DateParts, date_words};
use crate::ui::{dom, mirror, text};

/// What the running clock adds to the time from `from` to `to`. It follows the time only while
/// that is not over.
fn running_part(ui: Ui, from: Timestamp, to: Timestamp) -> DurationMs {
    let started_at = ui.mirror.running.with(|it| it.as_ref().map(|it| it.started_at));
    let Some(started_at) = started_at.filter(|at| *at < to) else { return DurationMs::ZERO };
    let is_over = ui.tick.now.with_untracked(|now| *now >= to);
    let now = if is_over { to } else { ui.tick.now.get().min(to) };
    now.since(started_at.max(from)).max(DurationMs::ZERO)
}

/// The instants at which so many days begin and end.
fn span(first: Day, days: i64) -> (Timestamp, Timestamp) {
    (day_start(first, &BrowserZone), day_start(first.plus(days), &BrowserZone))
}

/// What a day is called, and what else to say of its date.
fn names(day: Day, today: Day) -> (String, String) {
    match today.as_days() - day.as_days() {
        0 => (text::TODAY.to_owned(), date_words(day, DateParts::WeekdayDayMonth)),
        1 => (text::YESTERDAY.to_owned(), date_words(day, DateParts::WeekdayDayMonth)),
        _ => {
            let same_year = day.civil().0 == today.civil().0;
            let parts = if same_year { DateParts::DayMonth } else { DateParts::DayMonthYear };
            (date_words(day, DateParts::Weekday), date_words(day, parts))
        }
    }
}

/// The day.
#[component]
pub(super) fn DaySection(day: Day) -> AnyView {
    let ui = use_ui();
    let view = RwSignal::from(mirror::day(day));
    let heading_id = dom::fresh_id();
    let names = Memo::new(move |_| names(day, ui.tick.today.get()));
    let (from, to) = span(day, 1);
    let total =
        move || hms_text(view.with(|it| it.total).saturating_add(running_part(ui, from, to)));
    // The clock that runs is on its card, not in the list.
    let entry_ids = Memo::new(move |_| {
        let running_id = ui.mirror.running_id.get();
        let shown = |id: &_| Some(*id) != running_id;
        view.with(|it| it.entry_ids.iter().copied().filter(shown).collect::<Vec<_>>())
    });
    let list_label = heading_id.clone();
    let list = move || {
        let label = list_label.clone();
        view! {
            <ul class="day__list" aria-labelledby=label>
                <For each=move || entry_ids.get() key=|id| *id let(id)>
                    <li>
                        <EntryRow id=id />
                    </li>
                </For>
            </ul>
        }
        .into_any()
    };
    view! {
        <WeekHead day=day />
        <section class="day">
            <header class="day__head">
                <h3 class="day__name" id=heading_id>
                    {move || names.get().0}
                </h3>
                <span class="day__date">{move || names.get().1}</span>
                <span class="day__total digits">
                    <span class="said">{text::TOTAL}" "</span>
                    {total}
                </span>
                <Ribbon day=day from=from to=to />
            </header>
            <Show when=move || entry_ids.with(|it| !it.is_empty())>{list()}</Show>
        </section>
    }
    .into_any()
}

/// The heading of a week with its total, above the latest day of that week.
#[component]
fn WeekHead(day: Day) -> AnyView {
    let ui = use_ui();
    let first = Memo::new(move |_| day.week_start(ui.week_start()));
    let is_latest = Memo::new(move |_| {
        let first = first.get();
        ui.days.with(|days| {
            // Latest first: the day before this one in the list is the next later one.
            let place = days.partition_point(|it| *it > day);
            let later = place.checked_sub(1).and_then(|it| days.get(it));
            later.is_none_or(|later| *later >= first.plus(7))
        })
    });
    let head = move || {
        let first = first.get();
        let (from, to) = span(first, 7);
        let total = RwSignal::from(mirror::week(first));
        let total = move || hms_text(total.get().saturating_add(running_part(ui, from, to)));
        let name = move || {
            let this = ui.tick.today.get().week_start(ui.week_start());
            match this.as_days() - first.as_days() {
                0 => text::THIS_WEEK.to_owned(),
                7 => text::LAST_WEEK.to_owned(),
                _ => {
                    let last = date_words(first.plus(6), DateParts::Short);
                    text::week_of(&date_words(first, DateParts::Short), &last)
                }
            }
        };
        view! {
            <header class="week">
                <h2 class="week__title">{name}</h2>
                <span class="digits">
                    <span class="said">{text::TOTAL}" "</span>
                    {total}
                </span>
            </header>
        }
        .into_any()
    };
    view! { <Show when=move || is_latest.get()>{head()}</Show> }.into_any()
}
