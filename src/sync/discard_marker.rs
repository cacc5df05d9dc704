//! Markers of discarded events.
//!
//! A tab that sees an event's key disappear assumes an acknowledgement. The marker tells it that
//! the event was discarded instead; it stays in storage for tabs that missed the change, and in the
//! durable copy for a start after a crash.

use serde::{Deserialize, Serialize};
use wizitime_domain::{EventId, SortedSet, Timestamp, json};

use super::event_buffer;
use super::storage_keys::StorageKey;
use crate::effects::Effect;
use crate::effects::Outbox;
use crate::store::record::BufferedEvent;
use crate::store::{Action, State, StorageAction};
use crate::sync::durable_copy;

/// How long a marker is kept, in milliseconds: 30 days. A tab can be frozen as long as that.
pub const DISCARD_MARKER_MS: i64 = 30 * 24 * 60 * 60 * 1_000;

/// The ids of events that were discarded together.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DiscardMarker {
    /// When, by the server's clock.
    at: Timestamp,
    pub ids: Vec<EventId>,
}

impl DiscardMarker {
    /// The key and the text of a marker for these events; None without events.
    pub fn write(events: &[BufferedEvent], at: Timestamp) -> Option<(String, String)> {
        let ids: Vec<EventId> = events.iter().map(BufferedEvent::id).collect();
        let id = *ids.first()?;
        Some((StorageKey::Discarded { id }.write(), json::to_string(&Self { at, ids })))
    }

    /// Reads a marker; None if the key is not that of a marker or the text cannot be read.
    pub fn read(key: &str, text: &str) -> Option<Self> {
        match StorageKey::parse(key)? {
            StorageKey::Discarded { .. } => json::from_str(text).ok(),
            StorageKey::Device
            | StorageKey::Session
            | StorageKey::Event { .. }
            | StorageKey::Quarantine { .. }
            | StorageKey::Corrupt { .. } => None,
        }
    }

    /// Whether the marker was kept long enough.
    pub const fn is_outdated(&self, now: Timestamp) -> bool {
        now.since(self.at).as_ms() > DISCARD_MARKER_MS
    }
}

/// The ids of all markers among these stored texts.
pub(super) fn discarded_ids(stored: &[(String, String)]) -> SortedSet<EventId> {
    let markers = stored.iter().filter_map(|(key, text)| DiscardMarker::read(key, text));
    markers.flat_map(|marker| marker.ids).collect()
}

/// Removes the markers among these stored texts that were kept long enough.
pub(super) fn remove_outdated(stored: &[(String, String)], now: Timestamp) -> Vec<Effect> {
    let is_outdated = |(key, text): &&(String, String)| {
        DiscardMarker::read(key, text).is_some_and(|it| it.is_outdated(now))
    };
    let outdated = stored.iter().filter(is_outdated);
    outdated.map(|(key, _)| Effect::RemoveStorage { key: key.clone() }).collect()
}

/// Drops events that another tab discarded, also from storage: a tab may have written them again
/// before it knew.
pub(crate) fn apply(ids: SortedSet<EventId>, state: &State, out: &mut Outbox) {
    let new: SortedSet<EventId> =
        ids.into_iter().filter(|id| !state.events.is_discarded(*id)).collect();
    if new.is_empty() {
        return;
    }
    let held = new.iter().filter_map(|id| state.events.find(*id));
    let removes: Vec<Effect> = held.flat_map(event_buffer::remove_everywhere).collect();
    durable_copy::push_write(&removes, out);
    out.effects.extend(removes);
    out.actions.push(Action::Storage(StorageAction::DiscardsFound { ids: new }));
}

/// Drops events whose markers the durable copy has. A crash may have taken the markers from
/// localStorage: they come back first, because other tabs would take the removal of the events for
/// an acknowledgement, and send them again.
pub(super) fn apply_durable(
    stored: &[(String, String)],
    state: &State,
    now: Timestamp,
    out: &mut Outbox,
) {
    for (key, text) in stored {
        let is_new = DiscardMarker::read(key, text).is_some_and(|marker| {
            !marker.is_outdated(now) && marker.ids.iter().any(|id| !state.events.is_discarded(*id))
        });
        if is_new {
            let (key, value) = (key.clone(), text.clone());
            out.effects.push(Effect::WriteStorage { key, value });
        }
    }
    apply(discarded_ids(stored), state, out);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markers_round_trip_and_expire() {
        let at = Timestamp::saturating_from_ms(1_000);
        let marker = DiscardMarker { at, ids: vec![EventId::from_bytes([7; 16])] };
        let key = StorageKey::Discarded { id: marker.ids[0] }.write();
        assert_eq!(DiscardMarker::read(&key, &json::to_string(&marker)), Some(marker.clone()));
        assert_eq!(DiscardMarker::read("wizi.device", &json::to_string(&marker)), None);
        assert!(!marker.is_outdated(Timestamp::saturating_from_ms(DISCARD_MARKER_MS)));
        assert!(marker.is_outdated(Timestamp::saturating_from_ms(DISCARD_MARKER_MS + 1_001)));
    }
}
