//! The dependency rule: which events cannot stand without a rejected one.
//!
//! The same rule selects what goes into quarantine with a rejected event, and what is retried or
//! discarded with it.

use wizitime_domain::{EntityKey, EventId, SortedSet};

use crate::store::State;
use crate::store::record::{BufferedEvent, QuarantineCode};

/// The later events that act on the same entity as `rejected`, or refer to an entity that it or one
/// of its dependents creates. In order, without `rejected`.
pub fn dependents_of<'a>(
    rejected: &BufferedEvent,
    events: impl Iterator<Item = &'a BufferedEvent>,
) -> Vec<EventId> {
    let event = &rejected.envelope.event;
    let mut subjects: SortedSet<EntityKey> = event.subjects().into_iter().collect();
    let mut uncreated: SortedSet<EntityKey> = event.creates().into_iter().collect();
    let mut dependents = Vec::new();
    for later in events.filter(|it| it.order_key() > rejected.order_key()) {
        let event = &later.envelope.event;
        let acts = event.subjects().iter().any(|key| subjects.contains(key));
        let refers = event.references().iter().any(|key| uncreated.contains(key));
        if acts || refers {
            subjects.extend(event.subjects());
            uncreated.extend(event.creates());
            dependents.push(later.id());
        }
    }
    dependents
}

/// A quarantined event and its dependents in quarantine, in order. Empty if it is not quarantined.
pub fn with_dependents(state: &State, id: EventId) -> Vec<BufferedEvent> {
    let Some(first) = state.events.find_quarantined(id) else { return Vec::new() };
    let root_cause = first.root_cause();
    // An event without a root cause was quarantined by an earlier version: the rule alone decides.
    let is_candidate = |cause: Option<EventId>| cause.is_none_or(|it| it == root_cause);
    let candidates: Vec<BufferedEvent> = state
        .events
        .quarantined()
        .filter(|it| it.reason.code == QuarantineCode::Dependent)
        .filter(|it| is_candidate(it.reason.root_cause))
        .map(|it| it.event)
        .collect();
    let ids: SortedSet<EventId> =
        dependents_of(&first.event, candidates.iter()).into_iter().collect();
    let dependents = candidates.into_iter().filter(|it| ids.contains(&it.id()));
    std::iter::once(first.event).chain(dependents).collect()
}

/// The same for several quarantined events, each event once, in order.
pub(super) fn all_with_dependents(
    state: &State,
    ids: impl Iterator<Item = EventId>,
) -> Vec<BufferedEvent> {
    let mut ordered: Vec<BufferedEvent> = Vec::new();
    for event in ids.flat_map(|id| with_dependents(state, id)) {
        insert_in_order(&mut ordered, event);
    }
    ordered
}

/// Inserts an event at its place in the order, once. An event must not be stored without those
/// before it, and the archive has those of one commit by their ids. Few events are out of order, so
/// a list does, in a tenth of the code of a sort or a B-tree.
pub(super) fn insert_in_order(ordered: &mut Vec<BufferedEvent>, event: BufferedEvent) {
    let key = event.order_key();
    if let Err(index) = ordered.binary_search_by_key(&key, BufferedEvent::order_key) {
        ordered.insert(index, event);
    }
}
