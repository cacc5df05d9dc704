//! The event buffer: every event from its recording until both the confirmed data and the archive
//! have it, or the user discards it; also those in quarantine and those of other accounts. There
//! is no online mode: every event goes through the buffer.

mod buffer;

use wizitime_domain::{Envelope, EventId, SortedSet};

use buffer::{Buffer, TrackedEvent};

use crate::store::action::{
    Action, LocalAction, PeerAction, SessionAction, StorageAction, SyncAction,
};
use crate::store::changes::Changes;
use crate::store::record::{
    BufferedEvent, EventStatus, Owner, Quarantined, StoredEvent, order_key,
};

/// The most events that can be buffered. At eight a day it is more than five years.
pub const EVENTS_BUFFERED_MAX: usize = 20_000;

/// The state of the durable copy.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum DurableCopy {
    /// Not read yet. Nothing is sent before, so that nothing overtakes an event that only the
    /// durable copy has.
    #[default]
    Unread,
    Available,
    /// The browser has none, or it did not take a write.
    Unavailable,
}

/// The buffer.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Events {
    buffer: Buffer,
    durable_copy: DurableCopy,
    /// Stored texts that cannot be read; they are kept under a key for corrupt records.
    pub corrupt_count: usize,
    /// Stored events that only a newer version understands; that version's tabs send them.
    newer: SortedSet<EventId>,
    /// Discarded events. An outdated copy of one is ignored.
    discarded: SortedSet<EventId>,
    /// localStorage did not take something that is not an event.
    pub storage_refused: bool,
}

impl Events {
    /// Waiting events, in the order of sending.
    pub fn waiting(&self) -> impl Iterator<Item = &BufferedEvent> {
        self.buffer.ours().filter(|it| it.is_waiting()).map(|it| &it.event)
    }

    /// How many events wait.
    pub const fn waiting_count(&self) -> usize {
        self.buffer.counts().waiting
    }

    /// The event with this id, if it waits.
    pub fn find_waiting(&self, id: EventId) -> Option<&BufferedEvent> {
        self.buffer.find(id).find(|it| it.is_waiting()).map(|it| &it.event)
    }

    /// The events that the confirmed data lacks, in order. Replaying them gives the shown data.
    pub fn overlay(&self) -> impl Iterator<Item = &BufferedEvent> {
        let lacking = self.buffer.ours().filter(|it| it.is_waiting() || it.is_acknowledged());
        lacking.map(|it| &it.event)
    }

    /// Acknowledged events that are in the confirmed data at this cursor.
    pub fn synced_up_to(&self, cursor: u64) -> Vec<BufferedEvent> {
        let is_reached = |it: &&TrackedEvent| match it.status {
            EventStatus::Acknowledged { cursor: known } => known.is_none_or(|it| it <= cursor),
            EventStatus::Waiting | EventStatus::Synced | EventStatus::Quarantined(_) => false,
        };
        self.buffer.ours().filter(is_reached).map(|it| it.event.clone()).collect()
    }

    /// Waiting and quarantined events of `owner`.
    pub fn owned_by(&self, owner: Owner) -> Vec<BufferedEvent> {
        let unsettled = self.buffer.ours().filter(|it| it.is_unsettled()).map(|it| &it.event);
        unsettled.filter(|event| event.owner == owner).cloned().collect()
    }

    /// Events that localStorage did not take.
    pub fn unstored(&self) -> Vec<StoredEvent> {
        self.buffer.all().filter(|it| !it.stored).map(TrackedEvent::as_stored).collect()
    }

    /// How many events would be lost if the tab closed.
    pub const fn unstored_count(&self) -> usize {
        self.buffer.counts().unstored
    }

    /// The state of the durable copy.
    pub const fn durable_copy(&self) -> DurableCopy {
        self.durable_copy
    }

    /// Events that have to be written to the durable copy.
    pub fn not_durable(&self) -> Vec<StoredEvent> {
        self.buffer.all().filter(|it| it.is_not_durable()).map(TrackedEvent::as_stored).collect()
    }

    /// How many events would be lost if the browser crashed.
    pub const fn not_durable_count(&self) -> usize {
        self.buffer.counts().not_durable
    }

    /// Whether this event is known: buffered for any account, readable only by a newer version, or
    /// discarded.
    pub fn is_known(&self, envelope: &Envelope) -> bool {
        self.newer.contains(&envelope.id)
            || self.discarded.contains(&envelope.id)
            || self.buffer.get(order_key(envelope)).is_some()
    }

    /// Whether this event is buffered and acknowledged.
    pub fn is_settled(&self, envelope: &Envelope) -> bool {
        self.buffer.get(order_key(envelope)).is_some_and(|it| !it.is_unsettled())
    }

    /// Whether this event is on disk in the durable copy.
    pub fn is_durable(&self, envelope: &Envelope) -> bool {
        self.buffer.get(order_key(envelope)).is_some_and(|it| it.durable)
    }

    /// How many stored events only a newer version understands.
    pub const fn newer_count(&self) -> usize {
        self.newer.len()
    }

    /// Acknowledged events that the confirmed data may lack.
    pub fn acknowledged(&self) -> Vec<BufferedEvent> {
        let acknowledged = self.buffer.ours().filter(|it| it.is_acknowledged());
        acknowledged.map(|it| it.event.clone()).collect()
    }

    /// Whether an acknowledged event waits for the confirmed data.
    pub const fn awaits_changes(&self) -> bool {
        self.buffer.counts().acknowledged > 0
    }

    /// Events that the confirmed data has and the archive may lack, of all accounts.
    pub fn synced(&self) -> Vec<BufferedEvent> {
        let synced = self.buffer.all().filter(|it| it.status == EventStatus::Synced);
        synced.map(|it| it.event.clone()).collect()
    }

    /// Whether the archive may lack an event that the confirmed data has.
    pub fn awaits_archive(&self) -> bool {
        self.buffer.all().any(|it| it.status == EventStatus::Synced)
    }

    /// Quarantined events.
    pub fn quarantined(&self) -> impl Iterator<Item = Quarantined> {
        self.buffer.ours().filter_map(TrackedEvent::as_quarantined)
    }

    /// How many events are quarantined.
    pub const fn quarantined_count(&self) -> usize {
        self.buffer.counts().quarantined
    }

    /// The event with this id, if it is quarantined.
    pub fn find_quarantined(&self, id: EventId) -> Option<Quarantined> {
        self.buffer.find(id).find_map(TrackedEvent::as_quarantined)
    }

    /// Whether an event with this id was discarded.
    pub fn is_discarded(&self, id: EventId) -> bool {
        self.discarded.contains(&id)
    }

    /// The event with this id, whatever its owner and status.
    pub fn find(&self, id: EventId) -> Option<&BufferedEvent> {
        let key = *self.buffer.keys(id).first()?;
        self.buffer.get(key).map(|it| &it.event)
    }

    /// How many buffered events belong to other accounts.
    pub const fn foreign_count(&self) -> usize {
        self.buffer.counts().foreign
    }

    /// Whether the buffer takes `count` more events.
    pub fn has_room_for(&self, count: usize) -> bool {
        self.buffer.len() + count <= EVENTS_BUFFERED_MAX
    }

    pub(in crate::store) fn reduce(&mut self, action: &Action, changes: &mut Changes) {
        changes.sync |= match action {
            Action::Local(action) => self.reduce_local(action),
            Action::Sync(action) => self.reduce_sync(action),
            Action::Storage(action) => self.reduce_storage(action),
            Action::Session(action) => self.reduce_session(action),
            Action::Peer(action) => self.reduce_peer(action),
            Action::Server(_) | Action::Page(_) => false,
        };
    }

    fn reduce_local(&mut self, action: &LocalAction) -> bool {
        match action {
            LocalAction::Recorded(events) => self.wait(events),
            LocalAction::Discarded { events } => {
                self.discard(events.iter().map(BufferedEvent::id).collect());
            }
            LocalAction::SyncRequested
            | LocalAction::Notified(_)
            | LocalAction::NoticeDismissed => return false,
        }
        true
    }

    fn reduce_sync(&mut self, action: &SyncAction) -> bool {
        match action {
            SyncAction::Acknowledged { ids, cursor } => {
                for id in ids {
                    self.acknowledge(*id, Some(*cursor));
                }
            }
            SyncAction::Quarantined(quarantined) => {
                for Quarantined { event, reason } in quarantined {
                    self.put(event, EventStatus::Quarantined(reason.clone()));
                }
            }
            SyncAction::Requeued { events } | SyncAction::RestoreResent { events, .. } => {
                self.wait(events);
            }
            SyncAction::Synced { events } => {
                for event in events {
                    self.buffer.update(event.order_key(), &|it| {
                        if it.is_acknowledged() {
                            it.status = EventStatus::Synced;
                        }
                    });
                }
            }
            SyncAction::Archived { events } => {
                for event in events {
                    let entry = self.buffer.get(event.order_key());
                    if entry.is_some_and(|it| it.status == EventStatus::Synced) {
                        self.buffer.remove(event.order_key());
                    }
                }
            }
            SyncAction::Confirmed(_) => return false,
        }
        true
    }

    fn reduce_storage(&mut self, action: &StorageAction) -> bool {
        match action {
            StorageAction::EventsFound(found) | StorageAction::EventsRecovered(found) => {
                found.iter().for_each(|stored| self.merge_stored(stored));
            }
            StorageAction::DiscardsFound { ids } => self.discard(ids.clone()),
            StorageAction::UnreadableFound { corrupt, newer } => {
                if self.corrupt_count == *corrupt && self.newer == *newer {
                    return false;
                }
                self.corrupt_count = *corrupt;
                self.newer = newer.clone();
            }
            StorageAction::WriteFailed { ids } => {
                for id in ids {
                    self.buffer.update_id(*id, &|it| it.stored = false);
                }
            }
            StorageAction::WriteRetried { events } => {
                for stored in events {
                    self.buffer.update(stored.event.order_key(), &|it| it.stored = true);
                }
            }
            StorageAction::Refused => self.storage_refused = true,
            StorageAction::DurableCopyRead { available } => {
                self.durable_copy = match available {
                    true => DurableCopy::Available,
                    false => DurableCopy::Unavailable,
                };
            }
            StorageAction::DurableCopyWritten { ids } => {
                for id in ids {
                    self.buffer.update_id(*id, &|it| it.durable = true);
                }
                // Before it was read it may hold more than is known.
                if self.durable_copy == DurableCopy::Unavailable {
                    self.durable_copy = DurableCopy::Available;
                }
            }
            // Sending waits for a read that is under way.
            StorageAction::DurableCopyFailed => {
                if self.durable_copy == DurableCopy::Available {
                    self.durable_copy = DurableCopy::Unavailable;
                }
            }
            StorageAction::CacheLoaded { .. }
            | StorageAction::CacheReadTimedOut
            | StorageAction::CacheOutdated
            | StorageAction::ArchiveReadFailed => return false,
        }
        true
    }

    fn reduce_session(&mut self, action: &SessionAction) -> bool {
        match action {
            SessionAction::SignedIn { account, .. } => {
                self.buffer.switch_user(Some(account.user_id));
            }
            SessionAction::SignedOut => self.buffer.switch_user(None),
            SessionAction::OwnerChanged { events, to } => {
                for event in events {
                    self.buffer.update(event.order_key(), &|it| {
                        it.event.owner = *to;
                        it.durable = false;
                    });
                }
            }
            SessionAction::SigningIn
            | SessionAction::SignInFailed(_)
            | SessionAction::Expired { .. } => return false,
        }
        true
    }

    fn reduce_peer(&mut self, action: &PeerAction) -> bool {
        match action {
            PeerAction::Acknowledged { id } => self.acknowledge(*id, None),
            PeerAction::RemovedQuarantined { id } => {
                for key in self.buffer.keys(*id) {
                    if self.buffer.get(key).is_some_and(TrackedEvent::is_quarantined) {
                        self.buffer.remove(key);
                    }
                }
            }
            // The leader reads the durable copy again before it sends.
            PeerAction::BecameLeader if self.durable_copy == DurableCopy::Available => {
                self.durable_copy = DurableCopy::Unread;
            }
            PeerAction::BecameLeader | PeerAction::LostLeadership | PeerAction::Message(_) => {
                return false;
            }
        }
        true
    }

    fn wait(&mut self, events: &[BufferedEvent]) {
        for event in events {
            if !self.is_discarded(event.id()) {
                self.put(event, EventStatus::Waiting);
            }
        }
    }

    fn put(&mut self, event: &BufferedEvent, status: EventStatus) {
        let before = self.buffer.get(event.order_key());
        // An event that moves to another key is written again.
        let durable = before
            .is_some_and(|it| it.durable && it.event.owner == event.owner && it.status == status);
        let stored = before.is_none_or(|it| it.stored);
        self.buffer.insert(TrackedEvent { event: event.clone(), status, stored, durable });
    }

    fn merge_stored(&mut self, stored: &StoredEvent) {
        let envelope = &stored.event.envelope;
        let held = self.buffer.get(order_key(envelope));
        // That another tab removed it was a sign only: a quarantined text is not rewritten if it is
        // there already.
        let is_wrong_guess = stored.quarantine.is_some()
            && held.is_some_and(|it| it.status == EventStatus::Acknowledged { cursor: None });
        // A stored text may be outdated: the server has the event, or it was discarded.
        if self.is_settled(envelope) && !is_wrong_guess || self.discarded.contains(&envelope.id) {
            return;
        }
        match &stored.quarantine {
            Some(reason) => self.put(&stored.event, EventStatus::Quarantined(reason.clone())),
            None => self.put(&stored.event, EventStatus::Waiting),
        }
    }

    fn acknowledge(&mut self, id: EventId, cursor: Option<u64>) {
        self.buffer.update_id(id, &|it| {
            if it.is_waiting() {
                it.status = EventStatus::Acknowledged { cursor };
            }
        });
    }

    fn discard(&mut self, ids: SortedSet<EventId>) {
        for id in ids.iter() {
            for key in self.buffer.keys(*id) {
                self.buffer.remove(key);
            }
        }
        self.discarded.extend(ids);
    }
}
