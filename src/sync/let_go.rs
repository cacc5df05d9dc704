//! Events that were let go of a moment ago. A reading of the mirror that began before may still
//! have them.

use wizitime_domain::{EventId, SortedSet};

/// What was let go of since the reading of the mirror before the last.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LetGo {
    before: SortedSet<EventId>,
    since: SortedSet<EventId>,
}

impl LetGo {
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
        let mut let_go = LetGo::default();
        let_go.add([event(1)].into_iter());
        let_go.reading_begins();
        let_go.add([event(2)].into_iter());
        assert!(let_go.has(event(1)) && let_go.has(event(2)) && !let_go.has(event(3)));
        let_go.reading_begins();
        assert!(!let_go.has(event(1)) && let_go.has(event(2)));
    }
}
