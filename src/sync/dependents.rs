//! What has to wait when an event is set aside.

use wizitime_domain::{EntityKey, EventId, SortedSet};

use crate::store::State;
use crate::sync::record::BufferedEvent;

/// The code of an event that was set aside because it hangs on a rejected one.
pub const DEPENDS_CODE: &str = "depends";

/// The waiting events that cannot stand without the rejected one: those that were made later and
/// act on the same thing, or refer to a thing whose creation was set aside. In order, without the
/// rejected one.
pub fn dependents_of<'a>(
    rejected: &BufferedEvent,
    waiting: impl Iterator<Item = &'a BufferedEvent>,
) -> Vec<EventId> {
    let event = &rejected.envelope.event;
    let mut subjects: SortedSet<EntityKey> = event.subjects().into_iter().collect();
    let mut uncreated: SortedSet<EntityKey> = event.creates().into_iter().collect();
    let mut dependents = Vec::new();
    for record in waiting.filter(|record| record.order_key() > rejected.order_key()) {
        let event = &record.envelope.event;
        let acts = event.subjects().iter().any(|key| subjects.contains(key));
        let refers = event.references().iter().any(|key| uncreated.contains(key));
        if acts || refers {
            subjects.extend(event.subjects());
            uncreated.extend(event.creates());
            dependents.push(record.envelope.id);
        }
    }
    dependents
}

/// The event, first, and the quarantined ones that hang on it.
pub fn with_dependents(state: &State, event_id: EventId) -> Vec<BufferedEvent> {
    let Some(first) = state.events.find_quarantined(event_id) else { return Vec::new() };
    let mut tainted: SortedSet<EntityKey> =
        first.event.envelope.event.subjects().into_iter().collect();
    let later = state
        .events
        .quarantined()
        .filter(|it| it.code == DEPENDS_CODE)
        .map(|it| it.event)
        .filter(|record| record.order_key() > first.event.order_key());
    let mut records = vec![first.event.clone()];
    for record in later {
        let event = &record.envelope.event;
        let keys = event.subjects().into_iter().chain(event.references());
        if keys.into_iter().any(|key| tainted.contains(&key)) {
            tainted.extend(event.subjects());
            records.push(record);
        }
    }
    records
}
