//! Confirmed data, and the shown data: the confirmed data with the buffer replayed.

use wizitime_domain::{Entity, EntityKey, EpochId, EventProcessor, Ledger, SortedSet};

use super::events::Events;
use crate::store::action::{
    Action, CacheSnapshot, Confirmed, LocalAction, Scope, SessionAction, StorageAction, SyncAction,
};
use crate::store::changes::Changes;
use crate::store::record::BufferedEvent;

/// Confirmed and shown data.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LedgerSlice {
    confirmed: Ledger,
    shown: Ledger,
    epoch: Option<EpochId>,
    cursor: u64,
    /// Whether the snapshot cache answered, or is no longer waited for.
    loaded: bool,
    /// The entities that the overlay touches.
    overlaid: SortedSet<EntityKey>,
}

impl LedgerSlice {
    /// What the user sees.
    pub const fn shown(&self) -> &Ledger {
        &self.shown
    }

    /// What the server confirmed, up to [`LedgerSlice::cursor`].
    pub const fn confirmed(&self) -> &Ledger {
        &self.confirmed
    }

    /// The epoch that the cursor belongs to.
    pub const fn epoch(&self) -> Option<EpochId> {
        self.epoch
    }

    /// The end of the confirmed data in the server's log.
    pub const fn cursor(&self) -> u64 {
        self.cursor
    }

    /// Whether the snapshot cache answered, or is no longer waited for.
    pub const fn is_loaded(&self) -> bool {
        self.loaded
    }

    pub(in crate::store) fn reduce(
        &mut self,
        action: &Action,
        events: &Events,
        changes: &mut Changes,
    ) {
        match action {
            Action::Local(action) => match action {
                LocalAction::Recorded(recorded) => self.replay(recorded, changes),
                LocalAction::Discarded { .. } => self.rebase_buffer(events, changes),
                LocalAction::SyncRequested
                | LocalAction::Notified(_)
                | LocalAction::NoticeDismissed => (),
            },
            Action::Sync(action) => match action {
                SyncAction::Confirmed(confirmed) => self.confirm(confirmed, events, changes),
                SyncAction::Quarantined(_)
                | SyncAction::Requeued { .. }
                | SyncAction::RestoreResent { .. }
                | SyncAction::Synced { .. } => self.rebase_buffer(events, changes),
                SyncAction::Acknowledged { .. } | SyncAction::Archived { .. } => (),
            },
            Action::Storage(action) => self.reduce_storage(action, events, changes),
            Action::Session(action) => match action {
                SessionAction::SignedIn { .. } | SessionAction::SignedOut => {
                    *self = Self::default();
                    changes.whole_ledger = true;
                    self.rebase_buffer(events, changes);
                }
                SessionAction::SigningIn
                | SessionAction::SignInFailed(_)
                | SessionAction::Expired { .. }
                | SessionAction::OwnerChanged { .. } => (),
            },
            Action::Server(_) | Action::Peer(_) | Action::Page(_) => (),
        }
    }

    fn reduce_storage(&mut self, action: &StorageAction, events: &Events, changes: &mut Changes) {
        match action {
            StorageAction::EventsFound(_)
            | StorageAction::EventsRecovered(_)
            | StorageAction::DiscardsFound { .. } => self.rebase_buffer(events, changes),
            StorageAction::CacheLoaded { snapshot, .. } => {
                self.loaded = true;
                changes.sync = true;
                // The server may have been faster than the cache.
                if let Some(snapshot) = snapshot
                    && self.epoch.is_none()
                {
                    let CacheSnapshot { epoch, cursor, entities } = snapshot.clone();
                    let confirmed = Confirmed { epoch, cursor, entities, scope: Scope::All };
                    self.confirm(&confirmed, events, changes);
                }
            }
            StorageAction::CacheReadTimedOut => {
                self.loaded = true;
                changes.sync = true;
            }
            StorageAction::UnreadableFound { .. }
            | StorageAction::WriteFailed { .. }
            | StorageAction::WriteRetried { .. }
            | StorageAction::Refused
            | StorageAction::DurableCopyRead { .. }
            | StorageAction::DurableCopyWritten { .. }
            | StorageAction::DurableCopyFailed
            | StorageAction::CacheOutdated
            | StorageAction::ArchiveReadFailed => (),
        }
    }

    /// Applies events that were recorded just now.
    fn replay(&mut self, events: &[BufferedEvent], changes: &mut Changes) {
        for event in events {
            // A rejected event has no effect here; the server's reply decides about it.
            if let Ok(applied) = EventProcessor::apply(&mut self.shown, &event.envelope) {
                self.overlaid.extend(applied.touched.iter().copied());
                changes.entities.extend(applied.touched);
            }
        }
    }

    fn confirm(&mut self, confirmed: &Confirmed, events: &Events, changes: &mut Changes) {
        if confirmed.scope != Scope::Changes {
            self.confirmed = Ledger::default();
            changes.whole_ledger = true;
        }
        for entity in &confirmed.entities {
            self.confirmed.upsert(entity.clone());
        }
        self.epoch = Some(confirmed.epoch);
        self.cursor = confirmed.cursor;
        changes.sync = true;
        let keys = confirmed.entities.iter().map(Entity::key).collect();
        self.rebase(keys, events, changes);
    }

    /// Recomputes the shown data after the buffer changed.
    fn rebase_buffer(&mut self, events: &Events, changes: &mut Changes) {
        self.rebase(SortedSet::default(), events, changes);
    }

    /// Recomputes the shown data. Only `confirmed` entities and those that the overlay touched
    /// before or touches now can be different.
    fn rebase(&mut self, confirmed: SortedSet<EntityKey>, events: &Events, changes: &mut Changes) {
        let before = std::mem::replace(&mut self.shown, self.confirmed.clone());
        let mut candidates = confirmed;
        candidates.extend(std::mem::take(&mut self.overlaid));
        for event in events.overlay() {
            if let Ok(applied) = EventProcessor::apply(&mut self.shown, &event.envelope) {
                self.overlaid.extend(applied.touched);
            }
        }
        candidates.extend(self.overlaid.iter().copied());
        let different =
            candidates.into_iter().filter(|key| before.get(*key) != self.shown.get(*key));
        changes.entities.extend(different);
    }
}
