//! What has to wait when an event is set aside.

use wizitime_domain::{EntityKey, EventId, SortedSet};

use crate::store::slices::events::Record;

/// The code of an event that was set aside because it hangs on a rejected one.
pub const DEPENDS_CODE: &str = "depends";

/// The waiting events that cannot stand without the rejected one: those that were made later and
/// act on the same thing, or refer to a thing whose creation was set aside. In order, without the
/// rejected one.
pub fn dependants_of<'a>(
    rejected: &Record,
    waiting: impl Iterator<Item = &'a Record>,
) -> Vec<EventId> {
    let event = &rejected.envelope.event;
    let mut subjects: SortedSet<EntityKey> = event.subjects().into_iter().collect();
    let mut uncreated: SortedSet<EntityKey> = event.creates().into_iter().collect();
    let mut dependants = Vec::new();
    for record in waiting.filter(|record| record.place() > rejected.place()) {
        let event = &record.envelope.event;
        let acts = event.subjects().iter().any(|key| subjects.contains(key));
        let refers = event.references().iter().any(|key| uncreated.contains(key));
        if acts || refers {
            subjects.extend(event.subjects());
            uncreated.extend(event.creates());
            dependants.push(record.envelope.id);
        }
    }
    dependants
}
