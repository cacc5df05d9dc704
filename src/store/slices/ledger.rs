//! What the server confirmed, and what is shown: the confirmed data with the buffer replayed.

use wizitime_domain::{EntityKey, EpochId, EventProcessor, Ledger, SortedSet};

use super::events::Events;
use crate::store::action::{Action, Confirmed, Scope};
use crate::store::changes::Changes;
use crate::sync::record::BufferedEvent;

/// The data, twice.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LedgerSlice {
    confirmed: Ledger,
    shown: Ledger,
    epoch: Option<EpochId>,
    cursor: u64,
    /// Whether the device's own copy was read; nothing is asked of the server before.
    loaded: bool,
    /// What the replayed events touch: these differ from the confirmed data.
    overlaid: SortedSet<EntityKey>,
}

impl LedgerSlice {
    /// What the person sees.
    pub const fn shown(&self) -> &Ledger {
        &self.shown
    }

    /// What the server confirmed, up to [`LedgerSlice::cursor`].
    pub const fn confirmed(&self) -> &Ledger {
        &self.confirmed
    }

    /// Which log the cursor belongs to.
    pub const fn epoch(&self) -> Option<EpochId> {
        self.epoch
    }

    /// How far the confirmed data goes.
    pub const fn cursor(&self) -> u64 {
        self.cursor
    }

    /// Whether the device's own copy was read.
    pub const fn is_loaded(&self) -> bool {
        self.loaded
    }

    pub(in crate::store) fn reduce(
        &mut self,
        action: &Action,
        events: &Events,
        changes: &mut Changes,
    ) {
        #[expect(clippy::wildcard_enum_match_arm, reason = "a slice answers what concerns it")]
        match action {
            Action::Recorded(records) => self.replay(records, changes),
            Action::StoredEventsFound(_)
            | Action::Restored(_)
            | Action::Quarantined(_)
            | Action::Requeued { .. }
            | Action::RestoreResent { .. }
            | Action::Discarded { .. }
            | Action::FilterOutSynced { .. } => self.rebase(SortedSet::default(), events, changes),
            Action::Confirmed(page) => self.confirm(page, events, changes),
            Action::CacheLoaded { snapshot, .. } => {
                self.loaded = true;
                if let Some(snapshot) = snapshot
                    && self.epoch.is_none()
                {
                    let page = Confirmed {
                        epoch: snapshot.epoch,
                        cursor: snapshot.cursor,
                        entities: snapshot.entities.clone(),
                        scope: Scope::All,
                    };
                    self.confirm(&page, events, changes);
                }
            }
            Action::SignedIn { .. } | Action::SignedOut => {
                *self = Self::default();
                changes.whole_ledger = true;
                self.rebase(SortedSet::default(), events, changes);
            }
            _ => (),
        }
    }

    /// Applies events that were made just now on top of what is shown.
    fn replay(&mut self, records: &[BufferedEvent], changes: &mut Changes) {
        for record in records {
            // A rejection leaves no trace here; the server's answer decides what becomes of it.
            if let Ok(applied) = EventProcessor::apply(&mut self.shown, &record.envelope) {
                self.overlaid.extend(applied.touched.iter().copied());
                changes.entities.extend(applied.touched);
            }
        }
    }

    fn confirm(&mut self, page: &Confirmed, events: &Events, changes: &mut Changes) {
        if page.scope != Scope::Changes {
            self.confirmed = Ledger::default();
            changes.whole_ledger = true;
        }
        let keys = page.entities.iter().map(wizitime_domain::Entity::key).collect();
        for entity in &page.entities {
            self.confirmed.upsert(entity.clone());
        }
        self.epoch = Some(page.epoch);
        self.cursor = page.cursor;
        changes.sync = true;
        self.rebase(keys, events, changes);
    }

    /// Recomputes what is shown. Whatever the changes or the buffer, before or after, touch may be
    /// different; nothing else is.
    fn rebase(&mut self, changed: SortedSet<EntityKey>, events: &Events, changes: &mut Changes) {
        let before = std::mem::replace(&mut self.shown, self.confirmed.clone());
        let mut suspects = changed;
        suspects.extend(std::mem::take(&mut self.overlaid));
        for record in events.overlay() {
            if let Ok(applied) = EventProcessor::apply(&mut self.shown, &record.envelope) {
                self.overlaid.extend(applied.touched);
            }
        }
        suspects.extend(self.overlaid.iter().copied());
        let different = suspects.into_iter().filter(|key| before.get(*key) != self.shown.get(*key));
        changes.entities.extend(different);
    }
}
