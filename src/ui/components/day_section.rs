//! One day: its name, its total with what the running clock adds, where the entries lie on it, and
//! the entries.

use wizitime_domain::{Day, EntryId};

use super::entry_row::entry_row;
use super::ribbon::ribbon;
use super::week_head::{span, total_text};
use crate::ui::context::Ui;
use crate::ui::intl::{DateParts, date_words};
use crate::ui::view::{El, el};
use crate::ui::{dom, mirror, text};

/// What a day is called.
fn name(day: Day, today: Day) -> String {
    match today.as_days() - day.as_days() {
        0 => text::TODAY.to_owned(),
        1 => text::YESTERDAY.to_owned(),
        _ => date_words(day, DateParts::Weekday),
    }
}

/// What else to say of a day's date.
fn date(day: Day, today: Day) -> String {
    let parts = if (0..=1).contains(&(today.as_days() - day.as_days())) {
        DateParts::WeekdayDayMonth
    } else if day.civil().0 == today.civil().0 {
        DateParts::DayMonth
    } else {
        DateParts::DayMonthYear
    };
    date_words(day, parts)
}

/// The entries of a day. The clock that runs is on its card, not in the list.
fn entry_ids(day: Day) -> Vec<EntryId> {
    let running_id = mirror::running_id();
    let mut ids = mirror::day(day).entry_ids;
    ids.retain(|id| Some(*id) != running_id);
    ids
}

/// The day.
pub(super) fn day_section(ui: Ui, day: Day) -> El {
    let today = ui.tick.today;
    let heading_id = dom::fresh_id();
    let (from, to) = span(day, 1);
    let total = el("span", "day__total digits")
        .child(el("span", "said").text(text::TOTAL).text(" "))
        .text_fn(move || total_text(ui, mirror::day(day).total, (from, to)));
    let name =
        el("h3", "day__name").attr("id", &heading_id).text_fn(move || name(day, today.get()));
    let head = el("header", "day__head")
        .child(name)
        .child(el("span", "day__date").text_fn(move || date(day, today.get())))
        .child(total)
        .child(ribbon(ui, day, from, to));
    let list = move || {
        el("ul", "day__list")
            .attr("aria-labelledby", &heading_id)
            .each(move || entry_ids(day), move |id| el("li", "").child(entry_row(ui, id)))
    };
    el("section", "day").child(head).when(move || !entry_ids(day).is_empty(), list)
}
