//! Events found in localStorage: at the start, when storage is read again, and when another tab
//! changes it.

use wizitime_domain::{SortedSet, Timestamp};

use super::discard_marker::{self, DiscardMarker, discarded_ids};
use super::durable_copy;
use super::event_buffer::{self, StoredText};
use super::session_storage::session_read;
use super::storage_keys::StorageKey;
use crate::effects::Effect;
use crate::effects::Outbox;
use crate::store::record::StoredEvent;
use crate::store::{Action, LocalAction, PeerAction, SessionAction, State, StorageAction};

/// Sorts everything that is stored: events become an action, corrupt texts are moved, events that
/// were discarded are removed. One without a marker was written again after storage was cleared.
pub(crate) fn load(stored: &[(String, String)], state: &State, out: &mut Outbox) {
    let discarded = discarded_ids(stored);
    let is_stored = |key: &StorageKey| {
        let key = key.write();
        stored.iter().any(|(known, _)| *known == key)
    };
    let (mut events, mut corrupt, mut newer) = (Vec::new(), 0, SortedSet::default());
    let mut moved: Vec<String> = Vec::new();
    let (mut removes, mut discarded_again) = (Vec::new(), Vec::new());
    for (key, value) in stored {
        match event_buffer::read(key, value, &state.events) {
            StoredText::Event(found) if discarded.contains(&found.event.id()) => {
                removes.push(Effect::RemoveStorage { key: key.clone() });
            }
            StoredText::Event(found) if state.events.is_discarded(found.event.id()) => {
                discarded_again.push(found.event);
            }
            // A move out of quarantine that was cut short left both keys.
            StoredText::Event(found)
                if found.quarantine.is_some()
                    && state.events.is_settled(&found.event.envelope)
                    && is_stored(&StorageKey::event(&found.event)) => {}
            StoredText::Event(found) if event_buffer::canonical_key(&found) == *key => {
                events.push(*found);
            }
            StoredText::Event(found) => {
                let to = event_buffer::canonical_key(&found);
                // A text whose canonical key is taken by another text is corrupt.
                if moved.contains(&to) || stored.iter().any(|(known, _)| *known == to) {
                    corrupt += 1;
                    out.effects.push(event_buffer::move_to_corrupt(key, value, stored));
                } else {
                    out.effects.push(event_buffer::move_to_canonical_key(key, value, &found));
                    events.push(*found);
                    moved.push(to);
                }
            }
            StoredText::FromNewerVersion => {
                newer.extend(StorageKey::parse(key).and_then(|it| it.event_id()));
            }
            StoredText::Corrupt => {
                corrupt += 1;
                out.effects.push(event_buffer::move_to_corrupt(key, value, stored));
            }
            StoredText::KnownCorrupt => corrupt += 1,
            StoredText::Other => (),
        }
    }
    durable_copy::push_write(&removes, out);
    out.effects.extend(removes);
    discard_marker::apply(discarded, state, out);
    if !discarded_again.is_empty() {
        let events = discarded_again;
        out.actions.push(Action::Local(LocalAction::Discarded { events }));
    }
    out.actions.push(Action::Storage(StorageAction::UnreadableFound { corrupt, newer }));
    if !events.is_empty() {
        out.actions.push(Action::Storage(StorageAction::EventsFound(events)));
    }
}

/// Finds what other tabs wrote while this tab missed it. A waiting event that is not there is
/// written again: storage may have been read before it was written, or cleared. If it was
/// acknowledged, the server recognises it by its id.
pub(crate) fn read_again(stored: &[(String, String)], state: &State, out: &mut Outbox) {
    session_read(stored, state, out);
    load(stored, state, out);
    let discarded = discarded_ids(stored);
    let keys: SortedSet<&str> = stored.iter().map(|(key, _)| key.as_str()).collect();
    let is_missing = |key: StorageKey| !keys.contains(&key.write().as_str());
    let waiting = state.events.waiting().filter(|event| !discarded.contains(&event.id()));
    // Another tab may have quarantined it just now.
    let missing = waiting.filter(|event| {
        is_missing(StorageKey::event(event)) && is_missing(StorageKey::quarantine(event))
    });
    let events: Vec<StoredEvent> = missing.cloned().map(StoredEvent::waiting).collect();
    if !events.is_empty() {
        out.actions.push(Action::Storage(StorageAction::WriteRetried { events }));
    }
}

/// Removes markers of discarded events that were kept long enough. Only the leader does it.
pub(crate) fn remove_outdated_markers(
    stored: &[(String, String)],
    now: Timestamp,
    out: &mut Outbox,
) {
    out.effects.extend(discard_marker::remove_outdated(stored, now));
}

/// Another tab wrote a key.
pub(crate) fn peer_stored(key: &str, value: &str, state: &State, out: &mut Outbox) {
    match StorageKey::parse(key) {
        // It may have been written again meanwhile: all tabs follow what is there now.
        Some(StorageKey::Session) => out.effects.push(Effect::ReadStorage),
        Some(StorageKey::Event { id, .. } | StorageKey::Quarantine { id, .. })
            if state.events.is_discarded(id) =>
        {
            out.effects.push(Effect::ReadStorage);
        }
        Some(StorageKey::Event { .. } | StorageKey::Quarantine { .. }) => {
            // A text that cannot be read is handled when all of storage is read again.
            if let StoredText::Event(found) = event_buffer::read(key, value, &state.events) {
                out.actions.push(Action::Storage(StorageAction::EventsFound(vec![*found])));
            }
        }
        Some(StorageKey::Discarded { .. }) => {
            if let Some(marker) = DiscardMarker::read(key, value) {
                discard_marker::apply(marker.ids.into_iter().collect(), state, out);
            }
        }
        Some(StorageKey::Device | StorageKey::Corrupt { .. }) | None => (),
    }
}

/// Another tab removed a key. An event is assumed to be acknowledged; if it was discarded, its
/// marker says so.
pub(crate) fn peer_removed(key: &str, state: &State, out: &mut Outbox) {
    match StorageKey::parse(key) {
        Some(StorageKey::Session) => {
            if state.session.account().is_some_and(|it| !it.hosted) {
                out.actions.push(Action::Session(SessionAction::SignedOut));
            }
        }
        Some(StorageKey::Event { id, owner, .. }) => {
            // An adopted event is still there under its new key.
            let waiting = state.events.find_waiting(id);
            if waiting.is_some_and(|event| event.owner == owner) {
                out.actions.push(Action::Peer(PeerAction::Acknowledged { id }));
            }
        }
        Some(StorageKey::Quarantine { id, owner }) => {
            let held = state.events.find_quarantined(id);
            if held.is_some_and(|it| it.event.owner == owner) {
                out.actions.push(Action::Peer(PeerAction::RemovedQuarantined { id }));
            }
        }
        Some(StorageKey::Device | StorageKey::Discarded { .. } | StorageKey::Corrupt { .. })
        | None => (),
    }
}
