//! Where the entries lie on their day, as a ribbon from midnight to midnight. It repeats what the
//! list says, so assistive technology does not get it.

use leptos::prelude::*;
use wizitime_domain::{Day, EntryId, TimeEntry, Timestamp};

use crate::ui::context::{Ui, use_ui};
use crate::ui::mirror;

/// The ribbon's width in its own units: a minute each on most days.
const WIDTH: f64 = 1440.0;
/// What is shorter could not be seen.
const PART_WIDTH_MIN: f64 = 3.0;
const MINUTE_MS: i64 = 60_000;

/// The ribbon of the day that lasts from `from` to `to`.
#[component]
pub(super) fn Ribbon(day: Day, from: Timestamp, to: Timestamp) -> AnyView {
    let ui = use_ui();
    // What began the day before may reach into this one.
    let parts = [day.plus(-1), day].map(|day| {
        let view = RwSignal::from(mirror::day(day));
        move || {
            let ids = view.with(|it| it.entry_ids.clone());
            ids.into_iter().map(|id| part(ui, id, from, to)).collect_view()
        }
    });
    view! {
        <svg class="ribbon" viewBox="0 0 1440 6" preserveAspectRatio="none" aria-hidden="true">
            {parts.into_iter().collect_view()}
        </svg>
    }
    .into_any()
}

fn part(ui: Ui, id: EntryId, from: Timestamp, to: Timestamp) -> AnyView {
    let entry = RwSignal::from(mirror::entry(id));
    let color = move || {
        let project_id = entry.with(|it| it.as_ref().and_then(|it| it.project_id));
        let project = project_id.and_then(|id| mirror::project(id).get());
        project.map_or("none", |it| it.color.name())
    };
    // Minutes are fine enough: the ribbon of a running clock grows once a minute.
    let place = Memo::new(move |_| {
        entry.with(|entry| {
            let entry = entry.as_ref().filter(|it| it.started_at < to)?;
            let length = to.since(from).as_ms().max(1) as f64;
            let at = |at: Timestamp| at.clamp(from, to).since(from).as_ms() as f64 * WIDTH / length;
            let end =
                Some(end_of(ui, entry)).filter(|end| *end > from || entry.started_at >= from)?;
            let (x, end) = (at(entry.started_at), at(end));
            let width = (end - x).max(PART_WIDTH_MIN);
            Some((x.min(WIDTH - width).round() as i32, width.round() as i32))
        })
    });
    let x = move || place.get().map(|(x, _)| x);
    let width = move || place.get().map_or(0, |(_, width)| width);
    let runs = move || entry.with(|it| it.as_ref().is_some_and(|it| it.stop.is_none()));
    view! {
        <rect
            x=x
            width=width
            height="6"
            data-color=color
            data-running=move || if runs() { "true" } else { "false" }
        ></rect>
    }
    .into_any()
}

fn end_of(ui: Ui, entry: &TimeEntry) -> Timestamp {
    entry.stop.map_or_else(
        || {
            let ms = ui.tick.now.get().as_ms();
            Timestamp::saturating_from_ms(ms - ms.rem_euclid(MINUTE_MS))
        },
        |stop| stop.at,
    )
}
