//! Events that were let go of a moment ago. A reading of the mirror that began before may still
//! have them.

use wizitime_domain::{EventId, SortedSet};

/// What was let go of since the reading of the mirror before the last.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RecentlyRemoved {
    before: SortedSet<EventId>,
    since: SortedSet<EventId>,
}

impl RecentlyRemoved {
    /// The mirror is read from now on.
    pub fn reading_begins(&mut self) {
        self.before = std::mem::take(&mut self.since);
    }

    /// These are no longer held.
    pub fn add(&mut self, ids: impl Iterator<Item = EventId>) {
        self.since.extend(ids);
    }

    /// Whether a reading that ends now may have been overtaken by this event's end.
    pub fn has(&self, id: EventId) -> bool {
        self.before.contains(&id) || self.since.contains(&id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_ended_two_readings_ago_is_forgotten() {
        let event = |byte| EventId::from_bytes([byte; 16]);
        let mut recently_removed = RecentlyRemoved::default();
        recently_removed.add([event(1)].into_iter());
        recently_removed.reading_begins();
        recently_removed.add([event(2)].into_iter());
        assert!(
            recently_removed.has(event(1))
                && recently_removed.has(event(2))
                && !recently_removed.has(event(3))
        );
        recently_removed.reading_begins();
        assert!(!recently_removed.has(event(1)) && recently_removed.has(event(2)));
    }
}
