//! When the running clock started, as a field, and how long ago that is.

use leptos::prelude::*;
use wizitime_domain::{Day, DurationMs, EntryId, Timestamp, day_of};

use crate::browser::clock::BrowserZone;
use crate::features::entries::components::submit_start;
use crate::parse::{offset_text, repeated_hour_offset_ms};
use crate::ui::context::{format_time, use_ui};
use crate::ui::intl::{DateParts, format_date};
use crate::ui::store::{use_running, use_running_id};
use crate::ui::texts;
use crate::ui::widgets::{ParsedField, Submitted};

/// The date if it is not today's, and the offset from UTC in an hour that clocks repeat.
fn started_mark(started_at: Timestamp, today: Day) -> String {
    let day = day_of(started_at, &BrowserZone);
    let date = (day != today).then(|| format_date(day, DateParts::Short));
    let offset = repeated_hour_offset_ms(started_at, &BrowserZone).map(offset_text);
    date.into_iter().chain(offset).collect::<Vec<_>>().join(" ")
}

/// `Started [09:12] 42 min ago`, `Started [22:00] 24 Nov 49 h ago`.
#[component]
pub(crate) fn StartedAtField() -> AnyView {
    let clock = use_ui().clock;
    let (now, today) = (clock.now, clock.today);
    let started_at = || use_running().map(|entry| entry.started_at);
    let bound = RwSignal::new(None::<EntryId>);
    // The start of the entry that ran when typing began.
    let submit = move |input: Submitted| {
        bound.get_untracked().map_or(Ok(()), |id| submit_start(id, &input))?;
        bound.set(None);
        Ok(())
    };
    view! {
        <div class="timer__started digits"
            on:input=move |_| {
                let running = untrack(use_running_id);
                bound.update(|bound| *bound = bound.or(running));
            }
            on:keydown=move |event| {
                if event.key() == "Escape" {
                    bound.set(None);
                }
            }>
            {texts::STARTED}
            <ParsedField label=texts::STARTED_AT class="field__input field__input--time"
                placeholder=texts::TIME_EXAMPLE
                value=move || started_at().map(format_time).unwrap_or_default()
                on_submit=submit
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
