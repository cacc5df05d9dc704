//! When the running clock started, as a field, and how long ago that is.

use leptos::prelude::*;
use wizitime_domain::{Day, DurationMs, EntryId, Timestamp, day_of};

use crate::browser::clock::BrowserZone;
use crate::features::drafts::DraftPlace;
use crate::features::entries::components::submit_start;
use crate::parse::{offset_text, repeated_hour_offset_ms};
use crate::ui::context::{format_time, use_ui};
use crate::ui::intl::{DateParts, format_date};
use crate::ui::store::use_entry;
use crate::ui::texts;
use crate::ui::widgets::{ParsedField, Submitted};

/// The date if it is not today's, and the offset from UTC in an hour that clocks repeat.
fn started_mark(started_at: Timestamp, today: Day) -> String {
    let day = day_of(started_at, &BrowserZone);
    let date = (day != today).then(|| format_date(day, DateParts::Short));
    let offset = repeated_hour_offset_ms(started_at, &BrowserZone).map(offset_text);
    date.into_iter().chain(offset).collect::<Vec<_>>().join(" ")
}

/// `Started [09:12] 42 min ago`, `Started [22:00] 24 Nov 49 h ago`. The field belongs to one entry:
/// when another one runs, a text that was not submitted is in the row of this one.
#[component]
pub(crate) fn StartedAtField(id: EntryId) -> AnyView {
    let clock = use_ui().clock;
    let (now, today) = (clock.now, clock.today);
    let started_at = move || use_entry(id).map(|entry| entry.started_at);
    view! {
        <div class="timer__started digits">
            {texts::STARTED}
            <ParsedField label=texts::STARTED_AT class="field__input field__input--time"
                placeholder=texts::TIME_EXAMPLE
                value=move || started_at().map(format_time).unwrap_or_default()
                place=DraftPlace::of_entry(id, "start")
                on_submit=move |input: Submitted| submit_start(id, &input)
            />
            {move || started_at().map(|at| started_mark(at, today.get())).unwrap_or_default()}
            <span>
                {move || {
                    let elapsed = started_at().map(|at| now.get().since(at));
                    texts::ago(elapsed.unwrap_or(DurationMs::ZERO))
                }}
            </span>
        </div>
    }
    .into_any()
}
