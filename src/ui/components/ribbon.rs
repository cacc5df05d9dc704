//! Where the entries lie on their day, as a ribbon from midnight to midnight. It repeats what the
//! list says, so assistive technology does not get it.

use wizitime_domain::{Day, EntryId, TimeEntry, Timestamp};

use crate::ui::context::Ui;
use crate::ui::mirror;
use crate::ui::view::{El, svg};

/// The ribbon's width in its own units: a minute each on most days.
const WIDTH: i64 = 1_440;
/// What is shorter could not be seen.
const PART_WIDTH_MIN: i64 = 3;
const MINUTE_MS: i64 = 60_000;

/// The ribbon of the day that lasts from `from` to `to`.
pub(super) fn ribbon(ui: Ui, day: Day, from: Timestamp, to: Timestamp) -> El {
    let ids = move || {
        // What began the day before may reach into this one.
        let mut ids = mirror::day(day.plus(-1)).entry_ids;
        ids.append(&mut mirror::day(day).entry_ids);
        ids
    };
    svg("svg", "ribbon")
        .attr("viewBox", "0 0 1440 6")
        .attr("preserveAspectRatio", "none")
        .attr("aria-hidden", "true")
        .each(ids, move |id| part(ui, id, (from, to)))
}

fn part(ui: Ui, id: EntryId, span: (Timestamp, Timestamp)) -> El {
    let color = move || {
        let project_id = mirror::entry(id).and_then(|entry| entry.project_id);
        project_id.and_then(mirror::project).map_or("none", |project| project.color.name())
    };
    let place = move || mirror::entry(id).and_then(|entry| place(ui, &entry, span));
    svg("rect", "")
        .attr("height", "6")
        .attr_opt("x", move || place().map(|(x, _)| x.to_string()))
        .attr_fn("width", move || place().map_or(0, |(_, width)| width).to_string())
        .attr_fn("data-color", color)
        .state("data-running", move || mirror::running_id() == Some(id))
}

/// Where an entry lies on the day: its begin and its width; none if it does not.
fn place(ui: Ui, entry: &TimeEntry, (from, to): (Timestamp, Timestamp)) -> Option<(i64, i64)> {
    let end = entry.stop.map_or_else(
        || {
            // Minutes are fine enough: the ribbon of a running clock grows once a minute.
            let ms = ui.tick.now.get().as_ms();
            Timestamp::saturating_from_ms(ms - ms.rem_euclid(MINUTE_MS))
        },
        |stop| stop.at,
    );
    let start = entry.started_at;
    if start >= to || (end <= from && start < from) {
        return None;
    }
    let length_ms = to.since(from).as_ms().max(1);
    let at = |at: Timestamp| at.clamp(from, to).since(from).as_ms() * WIDTH / length_ms;
    let width = (at(end) - at(start)).max(PART_WIDTH_MIN);
    Some((at(start).min(WIDTH - width), width))
}
