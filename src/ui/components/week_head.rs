//! The heading of a week with its total.

use wizitime_domain::{Day, DurationMs, Timestamp, day_start};

use crate::browser::clock::BrowserZone;
use crate::fields::hms_text;
use crate::ui::context::{Ui, week_start};
use crate::ui::intl::{DateParts, date_words};
use crate::ui::view::{El, el};
use crate::ui::{mirror, text};

/// The instants at which so many days begin and end.
pub(super) fn span(first: Day, days: i64) -> (Timestamp, Timestamp) {
    (day_start(first, &BrowserZone), day_start(first.plus(days), &BrowserZone))
}

/// A total of ended entries with what the running clock adds to the time from `from` to `to`. It
/// follows the time only while that is not over.
pub(super) fn total_text(ui: Ui, ended: DurationMs, (from, to): (Timestamp, Timestamp)) -> String {
    let started_at = mirror::running().map(|entry| entry.started_at);
    let running = started_at.filter(|at| *at < to).map(|started_at| {
        let is_over = ui.tick.now.get_untracked() >= to;
        let now = if is_over { to } else { ui.tick.now.get().min(to) };
        now.since(started_at.max(from)).max(DurationMs::ZERO)
    });
    hms_text(ended.saturating_add(running.unwrap_or_default()))
}

/// The heading.
pub(super) fn week_head(ui: Ui, first: Day) -> El {
    let span = span(first, 7);
    let name = move || {
        let this = ui.tick.today.get().week_start(week_start());
        match this.as_days() - first.as_days() {
            0 => text::THIS_WEEK.to_owned(),
            7 => text::LAST_WEEK.to_owned(),
            _ => {
                let last = date_words(first.plus(6), DateParts::Short);
                text::week_of(&date_words(first, DateParts::Short), &last)
            }
        }
    };
    let total = el("span", "digits")
        .child(el("span", "said").text(text::TOTAL).text(" "))
        .text_fn(move || total_text(ui, mirror::week(first), span));
    el("header", "week").child(el("h2", "week__title").text_fn(name)).child(total)
}
