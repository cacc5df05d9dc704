//! A bar from midnight to midnight that shows when the entries of a day were. It repeats what the
//! list says, so it is hidden from assistive technology.

use leptos::prelude::*;
use wizitime_domain::{Day, EntryId, TimeEntry, Timestamp, day_of};

use super::week_header::{Span, now_until};
use crate::browser::clock::BrowserZone;
use crate::features::DayView;
use crate::ui::context::{Ui, use_ui};
use crate::ui::store::{use_day, use_entry, use_project, use_running, use_running_id};
use crate::ui::widgets::KeyedList;

/// The width of the bar in its own units: one for each minute of most days.
const WIDTH: i64 = 1_440;
/// Shorter segments would be invisible.
const SEGMENT_WIDTH_MIN: i64 = 3;
const MINUTE_MS: i64 = 60_000;

/// The entries with time on a day. The running entry reaches into every day up to today.
fn entry_ids(ui: Ui, day: Day) -> Vec<EntryId> {
    let DayView { entry_ids: mut ids, mut reaching_ids, .. } = use_day(day);
    ids.append(&mut reaching_ids);
    if let Some(running) = use_running()
        && day_of(running.started_at, &BrowserZone) < day
        && day <= ui.clock.today.get()
    {
        ids.push(running.id);
    }
    ids
}

/// The bar of a day and its span.
#[component]
pub(crate) fn DayBar(day: Day, span: Span) -> AnyView {
    let ui = use_ui();
    view! {
        <svg class="day-bar" viewBox="0 0 1440 6" preserveAspectRatio="none" aria-hidden="true">
            <KeyedList keys=move || entry_ids(ui, day) children=move |id| segment(ui, id, span)/>
        </svg>
    }
    .into_any()
}

fn segment(ui: Ui, id: EntryId, span: Span) -> AnyView {
    let extent = move || use_entry(id).and_then(|entry| extent(ui, &entry, span));
    let color = move || {
        let project_id = use_entry(id).and_then(|entry| entry.project_id);
        project_id.and_then(use_project).map_or("none", |project| project.color.name())
    };
    view! {
        <rect height="6"
            x=move || extent().map(|(x, _)| x.to_string())
            width=move || extent().map_or(0, |(_, width)| width).to_string()
            data-color=move || color().to_owned()
            data-running=move || (use_running_id() == Some(id)).to_string()
        />
    }
    .into_any()
}

/// The position and the width of an entry on the bar; none if it is not on this day.
fn extent(ui: Ui, entry: &TimeEntry, (from, to): (Timestamp, Timestamp)) -> Option<(i64, i64)> {
    let end = entry.stop.map_or_else(
        || {
            // The segment of a running clock grows once a minute.
            let ms = now_until(ui, to).as_ms();
            Timestamp::saturating_from_ms(ms - ms.rem_euclid(MINUTE_MS))
        },
        |stop| stop.at,
    );
    let start = entry.started_at;
    if start >= to || (end <= from && start < from) {
        return None;
    }
    let length_ms = to.since(from).as_ms().max(1);
    let x = |at: Timestamp| at.clamp(from, to).since(from).as_ms() * WIDTH / length_ms;
    let width = (x(end) - x(start)).max(SEGMENT_WIDTH_MIN);
    Some((x(start).min(WIDTH - width), width))
}
