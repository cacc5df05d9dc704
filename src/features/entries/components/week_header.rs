//! The header of a week with its total.

use leptos::prelude::*;
use wizitime_domain::{Day, DurationMs, Timestamp, day_start};

use crate::browser::clock::BrowserZone;
use crate::features::running_part;
use crate::parse::hms_text;
use crate::ui::context::{Ui, use_ui, week_start};
use crate::ui::intl::{DateParts, format_date};
use crate::ui::store::{use_running, use_week_total};
use crate::ui::texts;

/// The start and the end of a number of days.
pub(super) type Span = (Timestamp, Timestamp);

/// The span of a number of days in the device's time zone.
pub(super) fn span_of_days(first: Day, count: i64) -> Span {
    (day_start(first, &BrowserZone), day_start(first.plus(count), &BrowserZone))
}

/// The current time, no later than the end of a span. It ticks only until then.
pub(super) fn now_until(ui: Ui, to: Timestamp) -> Timestamp {
    let is_over = ui.clock.now.get_untracked() >= to;
    if is_over { to } else { ui.clock.now.get().min(to) }
}

/// A total of ended entries plus what the running clock adds within the span.
pub(super) fn total_text(ui: Ui, ended: DurationMs, (from, to): Span) -> String {
    let started_at = use_running().map(|entry| entry.started_at);
    let running = started_at
        .filter(|at| *at < to)
        .map(|started_at| running_part(started_at, now_until(ui, to), (from, to)));
    hms_text(ended.saturating_add(running.unwrap_or_default()))
}

fn title(first: Day, today: Day) -> String {
    match today.week_start(week_start()).as_days() - first.as_days() {
        0 => texts::THIS_WEEK.to_owned(),
        7 => texts::LAST_WEEK.to_owned(),
        _ => {
            let last = format_date(first.plus(6), DateParts::Short);
            texts::week_of(&format_date(first, DateParts::Short), &last)
        }
    }
}

/// The header of the week that begins on `first`.
#[component]
pub(crate) fn WeekHeader(first: Day) -> AnyView {
    let ui = use_ui();
    let span = span_of_days(first, 7);
    view! {
        <header class="week">
            <h2 class="week__title">{move || title(first, ui.clock.today.get())}</h2>
            <span class="digits">
                <span class="sr-only">{texts::TOTAL}" "</span>
                {move || total_text(ui, use_week_total(first), span)}
            </span>
        </header>
    }
    .into_any()
}
