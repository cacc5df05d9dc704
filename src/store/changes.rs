//! What a dispatch changed, so that showing it costs what changed.

use wizitime_domain::{EntityKey, SortedSet};

/// The parts of the state that are different.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Changes {
    /// These things in the shown ledger.
    pub entities: SortedSet<EntityKey>,
    /// Anything in the shown ledger may be different.
    pub whole_ledger: bool,
    /// Who is signed in.
    pub session: bool,
    /// What waits, what needs the person, how the link is.
    pub sync: bool,
    /// Toasts and offers.
    pub notices: bool,
    /// The local days of everything: the zone changed.
    pub zone: bool,
}

impl Changes {
    /// Whether nothing changed.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// Adds what another dispatch changed.
    pub fn merge(&mut self, other: Self) {
        self.entities.extend(other.entities);
        self.whole_ledger |= other.whole_ledger;
        self.session |= other.session;
        self.sync |= other.sync;
        self.notices |= other.notices;
        self.zone |= other.zone;
    }
}
