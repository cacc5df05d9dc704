//! The note below an entry: how it ended, and what its times of day do not say.

use leptos::prelude::*;
use wizitime_domain::{EntryId, LocalTime as _, StopBy, TimeEntry, Timestamp};

use crate::browser::clock::BrowserZone;
use crate::parse::{offset_text, repeated_hour_offset_ms};
use crate::ui::context::format_time;
use crate::ui::intl::zone_offset_ms;
use crate::ui::store::{use_entry, use_zone_name};
use crate::ui::texts;

/// The start and the end.
fn instants(entry: &TimeEntry) -> impl Iterator<Item = Timestamp> {
    std::iter::once(entry.started_at).chain(entry.stop.map(|stop| stop.at))
}

/// Whether clocks in the entry's zone show other times than are shown here. Many zones differ in
/// name only: Asia/Calcutta and Asia/Kolkata.
fn is_in_other_zone(entry: &TimeEntry, zone_name: &str) -> bool {
    let name = entry.zone.name();
    let differs = |at| zone_offset_ms(name, at) != Some(BrowserZone.offset_ms_at(at));
    name != zone_name && instants(entry).any(differs)
}

/// The times of day that occur twice, each with its offset from UTC.
fn repeated_times(entry: &TimeEntry) -> Vec<(String, String)> {
    let repeated = |at| {
        let offset_ms = repeated_hour_offset_ms(at, &BrowserZone)?;
        Some((format_time(at), offset_text(offset_ms)))
    };
    instants(entry).filter_map(repeated).collect()
}

fn note(entry: &TimeEntry) -> Option<String> {
    let zone_name = use_zone_name();
    let mut notes = Vec::new();
    if entry.stop.is_some_and(|stop| stop.by == StopBy::Implied) {
        notes.push(texts::ENDED_BY_NEXT.to_owned());
    }
    if is_in_other_zone(entry, &zone_name) {
        notes.push(texts::recorded_in(entry.zone.name(), &zone_name));
    }
    let repeated = repeated_times(entry);
    if !repeated.is_empty() {
        notes.push(texts::repeated_times(&repeated));
    }
    (!notes.is_empty()).then(|| notes.join(" · "))
}

/// The note, if there is something to say.
pub(super) fn entry_note(id: EntryId) -> AnyView {
    match use_entry(id).and_then(|entry| note(&entry)) {
        Some(note) => view! { <p class="entry__note">{note}</p> }.into_any(),
        None => ().into_any(),
    }
}
