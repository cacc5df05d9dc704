//! The event buffer's part of the state: everything recorded that the confirmed data does not
//! have yet. There is no online mode: every event comes through here.

mod buffered;

use std::collections::BTreeMap;

use wizitime_domain::{Envelope, EventId, SortedSet, UserId};

use buffered::{Buffered, EventStatus};

use crate::store::action::Action;
use crate::store::changes::Changes;
use crate::sync::record::{BufferedEvent, OrderKey, Owner, Quarantined, StoredEvent, order_key};

/// The most events that can wait. At eight a day it is more than five years.
pub const EVENTS_BUFFERED_MAX: usize = 20_000;

/// The copy of the buffer that outlives a crash.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum DurableCopy {
    /// What is in it is not known yet; nothing is sent before, so that nothing overtakes it.
    #[default]
    Unread,
    Available,
    /// The browser has none, or it took nothing.
    Unavailable,
}

/// The buffer.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Events {
    /// Who is signed in; none is a guest. Whatever belongs to another account is neither shown nor
    /// sent.
    user_id: Option<UserId>,
    /// Everything, also other people's, in the order in which it is applied and sent.
    buffer: BTreeMap<OrderKey, Buffered>,
    durable_copy: DurableCopy,
    /// Stored texts that could not be read and were set aside.
    pub corrupt_count: usize,
    /// Stored events that only a newer version understands; that version's tabs send them.
    newer: SortedSet<EventId>,
    /// localStorage did not take something.
    pub storage_refused: bool,
}

impl Events {
    /// Everything that is not acknowledged, in the order of sending.
    pub fn waiting(&self) -> impl Iterator<Item = &BufferedEvent> {
        self.ours().filter(|it| it.is_waiting()).map(|it| &it.event)
    }

    /// How many events are not acknowledged.
    pub fn waiting_count(&self) -> usize {
        self.waiting().count()
    }

    /// Whether this event waits.
    pub fn find_waiting(&self, id: EventId) -> Option<&BufferedEvent> {
        self.waiting().find(|record| record.envelope.id == id)
    }

    /// What the confirmed data lacks, in order: this is replayed to get what is shown.
    pub fn overlay(&self) -> impl Iterator<Item = &BufferedEvent> {
        self.ours().filter(|it| it.is_waiting() || it.is_acknowledged()).map(|it| &it.event)
    }

    /// Acknowledged events whose effects are in the confirmed data at this cursor.
    pub fn synced_up_to(&self, cursor: u64) -> Vec<BufferedEvent> {
        let is_reached = |it: &&Buffered| match it.status {
            EventStatus::Acknowledged { cursor: known } => {
                known.is_none_or(|known| known <= cursor)
            }
            EventStatus::Waiting | EventStatus::Synced | EventStatus::Quarantined { .. } => false,
        };
        self.ours().filter(is_reached).map(|it| it.event.clone()).collect()
    }

    /// Everything in the buffer that belongs to `owner`, also what was set aside.
    pub fn owned_by(&self, owner: Owner) -> Vec<BufferedEvent> {
        let unsettled = self.ours().filter(|it| it.is_unsettled()).map(|it| &it.event);
        unsettled.filter(|record| record.owner == owner).cloned().collect()
    }

    /// What localStorage did not take, for writing it down once more.
    pub fn unstored(&self) -> Vec<StoredEvent> {
        self.buffer.values().filter(|it| !it.stored).map(Buffered::as_stored).collect()
    }

    /// How the mirror is.
    pub const fn durable_copy(&self) -> DurableCopy {
        self.durable_copy
    }

    /// What the mirror does not have and should.
    pub fn not_durable(&self) -> Vec<StoredEvent> {
        self.iter_not_durable().map(Buffered::as_stored).collect()
    }

    /// How many events would be lost if the browser crashed right now.
    pub fn not_durable_count(&self) -> usize {
        self.iter_not_durable().count()
    }

    /// Whether this event is in storage, whoever it belongs to and whichever version can read it.
    pub fn holds(&self, envelope: &Envelope) -> bool {
        self.newer.contains(&envelope.id) || self.buffer.contains_key(&order_key(envelope))
    }

    /// Whether this event is held and some log has acknowledged it.
    pub fn is_settled(&self, envelope: &Envelope) -> bool {
        self.buffer.get(&order_key(envelope)).is_some_and(|it| !it.is_unsettled())
    }

    /// Whether this event is on disk in the mirror.
    pub fn is_durable(&self, envelope: &Envelope) -> bool {
        self.buffer.get(&order_key(envelope)).is_some_and(|it| it.durable)
    }

    /// How many stored events only a newer version understands.
    pub const fn newer_count(&self) -> usize {
        self.newer.len()
    }

    /// Acknowledged events whose effects the confirmed data may not have.
    pub fn acknowledged(&self) -> Vec<BufferedEvent> {
        self.ours().filter(|it| it.is_acknowledged()).map(|it| it.event.clone()).collect()
    }

    /// What the confirmed data has and the archive may not.
    pub fn synced(&self) -> Vec<BufferedEvent> {
        let synced = self.buffer.values().filter(|it| it.status == EventStatus::Synced);
        synced.map(|it| it.event.clone()).collect()
    }

    /// Whether an acknowledgement waits for changes to come.
    pub fn awaits_news(&self) -> bool {
        self.ours().any(Buffered::is_acknowledged)
    }

    /// What needs the person.
    pub fn quarantined(&self) -> impl Iterator<Item = Quarantined> {
        self.ours().filter_map(Buffered::as_quarantined)
    }

    /// How many events need the person.
    pub fn quarantined_count(&self) -> usize {
        self.ours().filter(|it| it.is_unsettled() && !it.is_waiting()).count()
    }

    /// One event that needs the person.
    pub fn find_quarantined(&self, id: EventId) -> Option<Quarantined> {
        self.ours().find(|it| it.event.envelope.id == id)?.as_quarantined()
    }

    /// How many events would be lost if the tab closed.
    pub fn unstored_count(&self) -> usize {
        self.buffer.values().filter(|it| !it.stored).count()
    }

    /// How many events on this device belong to somebody else.
    pub fn foreign_count(&self) -> usize {
        self.buffer.len() - self.ours().count()
    }

    /// Whether the buffer takes `count` more events.
    pub fn has_room_for(&self, count: usize) -> bool {
        self.buffer.len() + count <= EVENTS_BUFFERED_MAX
    }

    pub(in crate::store) fn reduce(&mut self, action: &Action, changes: &mut Changes) {
        #[expect(clippy::wildcard_enum_match_arm, reason = "a slice answers what concerns it")]
        match action {
            Action::Recorded(records)
            | Action::Requeued { records }
            | Action::RestoreResent { records, .. } => {
                records.iter().for_each(|record| self.put(record, EventStatus::Waiting));
            }
            Action::StoredEventsFound(found) | Action::Restored(found) => {
                found.iter().for_each(|stored| self.merge_stored(stored));
            }
            Action::DurableCopyWritten { ids } => {
                let ids: SortedSet<EventId> = ids.iter().copied().collect();
                for it in self.buffer.values_mut() {
                    it.durable |= ids.contains(&it.event.envelope.id);
                }
                // Before it was read it may hold more than is known.
                if self.durable_copy == DurableCopy::Unavailable {
                    self.durable_copy = DurableCopy::Available;
                }
            }
            Action::DurableCopyRead { works } => {
                self.durable_copy =
                    if *works { DurableCopy::Available } else { DurableCopy::Unavailable };
            }
            Action::DurableCopyFailed => self.durable_copy = DurableCopy::Unavailable,
            // It is read anew before this tab sends.
            Action::BecameLeader if self.durable_copy == DurableCopy::Available => {
                self.durable_copy = DurableCopy::Unread
            }
            Action::PeerAcknowledged { id } => self.acknowledge(&[*id], None),
            Action::PeerReleasedQuarantined { id } => {
                self.remove(&|it| it.event.envelope.id == *id && it.as_quarantined().is_some());
            }
            Action::NotStored { ids } => {
                let ids: SortedSet<EventId> = ids.iter().copied().collect();
                for it in self.buffer.values_mut() {
                    it.stored &= !ids.contains(&it.event.envelope.id);
                }
            }
            Action::StorageRetried { records } => {
                for it in records {
                    if let Some(it) = self.buffer.get_mut(&it.event.order_key()) {
                        it.stored = true;
                    }
                }
            }
            Action::StorageRefused => self.storage_refused = true,
            Action::FoundUnreadable { damaged, newer } => {
                if self.corrupt_count == *damaged && self.newer == *newer {
                    return;
                }
                self.corrupt_count = *damaged;
                self.newer = newer.clone();
            }
            Action::Discarded { records } => {
                let places: SortedSet<OrderKey> =
                    records.iter().map(BufferedEvent::order_key).collect();
                self.remove(&|it| places.contains(&it.event.order_key()));
            }
            Action::OwnerChanged { records, to } => {
                for record in records {
                    if let Some(it) = self.buffer.get_mut(&record.order_key()) {
                        it.event.owner = *to;
                        it.durable = false;
                    }
                }
            }
            Action::Acknowledged { ids, cursor } => self.acknowledge(ids, Some(*cursor)),
            Action::Quarantined(quarantined) => {
                for Quarantined { event: record, code, message } in quarantined {
                    let (code, message) = (code.clone(), message.clone());
                    self.put(record, EventStatus::Quarantined { code, message });
                }
            }
            Action::FilterOutSynced { records } => {
                for record in records {
                    let it = self.buffer.get_mut(&record.order_key());
                    if let Some(it) = it.filter(|it| it.is_acknowledged()) {
                        it.status = EventStatus::Synced;
                    }
                }
            }
            Action::Archived { records } => {
                let places: SortedSet<OrderKey> =
                    records.iter().map(BufferedEvent::order_key).collect();
                let is_out = |it: &Buffered| it.status == EventStatus::Synced;
                self.remove(&|it| is_out(it) && places.contains(&it.event.order_key()));
            }
            Action::SignedIn { account, .. } => self.switch_user(Some(account.user_id)),
            Action::SignedOut => self.switch_user(None),
            _ => return,
        }
        changes.sync = true;
    }

    /// Everything that belongs to who is signed in. A guest's events are anybody's: they are
    /// adopted at the sign-in.
    fn ours(&self) -> impl Iterator<Item = &Buffered> {
        self.buffer.values().filter(|it| match it.event.owner {
            Owner::Guest => true,
            Owner::User(user_id) => self.user_id == Some(user_id),
        })
    }

    /// An acknowledged event needs no mirror: the server has it.
    fn iter_not_durable(&self) -> impl Iterator<Item = &Buffered> {
        self.buffer.values().filter(|it| !it.durable && it.is_unsettled())
    }

    fn put(&mut self, record: &BufferedEvent, status: EventStatus) {
        match self.buffer.get_mut(&record.order_key()) {
            Some(it) => {
                // What is moved is written anew.
                it.durable &= it.event.owner == record.owner && it.status == status;
                it.event = record.clone();
                it.status = status;
            }
            None => {
                let record = record.clone();
                let place = record.order_key();
                let it = Buffered { event: record, status, stored: true, durable: false };
                self.buffer.insert(place, it);
            }
        }
    }

    fn merge_stored(&mut self, stored: &StoredEvent) {
        let record = &stored.event;
        match &stored.quarantine {
            // The server has it, whatever an old text says.
            _ if self.is_settled(&record.envelope) => (),
            Some((code, message)) => {
                let (code, message) = (code.clone(), message.clone());
                self.put(record, EventStatus::Quarantined { code, message });
            }
            None => self.put(record, EventStatus::Waiting),
        }
    }

    fn acknowledge(&mut self, ids: &[EventId], cursor: Option<u64>) {
        let ids: SortedSet<EventId> = ids.iter().copied().collect();
        for it in self.buffer.values_mut() {
            if it.is_waiting() && ids.contains(&it.event.envelope.id) {
                it.status = EventStatus::Acknowledged { cursor };
            }
        }
    }

    fn remove(&mut self, is_out: &dyn Fn(&Buffered) -> bool) {
        self.buffer.retain(|_, it| !is_out(it));
    }

    /// Somebody else is signed in. What was acknowledged to whoever was before, or may be asked
    /// about anew, is offered again when they come back: the server knows it by its id.
    fn switch_user(&mut self, user_id: Option<UserId>) {
        self.user_id = user_id;
        for it in self.buffer.values_mut() {
            if !it.is_unsettled() {
                it.status = EventStatus::Waiting;
            }
        }
    }
}
