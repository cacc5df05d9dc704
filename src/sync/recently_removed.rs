//! Recently removed event ids, so that a read of the durable copy that was already under way cannot
//! bring the events back.

use wizitime_domain::{EventId, SortedSet};

/// Ids removed since the start of the last read but one.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct RecentlyRemoved {
    before_read: SortedSet<EventId>,
    since_read: SortedSet<EventId>,
}

impl RecentlyRemoved {
    /// A read starts now.
    pub(super) fn read_started(&mut self) {
        self.before_read = std::mem::take(&mut self.since_read);
    }

    /// These events were removed.
    pub(super) fn add(&mut self, ids: impl Iterator<Item = EventId>) {
        self.since_read.extend(ids);
    }

    /// Whether a read that ends now may have started before this event was removed.
    pub(super) fn contains(&self, id: EventId) -> bool {
        self.before_read.contains(&id) || self.since_read.contains(&id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn events_removed_before_the_last_read_but_one_are_forgotten() {
        let event = |byte| EventId::from_bytes([byte; 16]);
        let mut removed = RecentlyRemoved::default();
        removed.add([event(1)].into_iter());
        removed.read_started();
        removed.add([event(2)].into_iter());
        assert!(removed.contains(event(1)) && removed.contains(event(2)));
        assert!(!removed.contains(event(3)));
        removed.read_started();
        assert!(!removed.contains(event(1)) && removed.contains(event(2)));
    }
}
