//! What a dispatch changed, so that showing it costs what changed.

use wizitime_domain::{Day, EntityKey, SortedSet};

/// The changed parts of the state.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Changes {
    /// These entities of the shown data.
    pub entities: SortedSet<EntityKey>,
    /// Anything in the shown data may be different.
    pub whole_ledger: bool,
    /// The session.
    pub session: bool,
    /// Waiting and quarantined events, and the connection.
    pub sync: bool,
    /// Notices and the offered update.
    pub notices: bool,
    /// The time zone, and with it the local day of every entry.
    pub zone: bool,
}

impl Changes {
    /// Whether nothing changed.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// Adds the changes of another dispatch.
    pub fn merge(&mut self, other: Self) {
        self.entities.extend(other.entities);
        self.whole_ledger |= other.whole_ledger;
        self.session |= other.session;
        self.sync |= other.sync;
        self.notices |= other.notices;
        self.zone |= other.zone;
    }
}

/// The days of the history that look different.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TimelineChanges {
    pub days: SortedSet<Day>,
    /// Days were added or removed.
    pub day_list: bool,
}
