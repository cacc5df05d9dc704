//! The buffer's data structure: events in order, indexed by id, with counters.

use std::collections::{BTreeMap, BTreeSet};

use wizitime_domain::{EventId, UserId};

use crate::store::record::{
    BufferedEvent, EventStatus, ORDER_KEY_MIN, OrderKey, Owner, Quarantined, StoredEvent,
};

/// A buffered event with its status, and where it is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct TrackedEvent {
    pub(super) event: BufferedEvent,
    pub(super) status: EventStatus,
    /// Whether localStorage took it; if not, it is lost when the tab closes.
    pub(super) stored: bool,
    /// Whether it is on disk in the durable copy; if not, it is lost when the browser crashes.
    pub(super) durable: bool,
}

impl TrackedEvent {
    /// Whether it is not acknowledged and not rejected.
    pub(super) fn is_waiting(&self) -> bool {
        self.status == EventStatus::Waiting
    }

    /// Whether the server does not have it, as far as this tab knows.
    pub(super) const fn is_unsettled(&self) -> bool {
        matches!(self.status, EventStatus::Waiting | EventStatus::Quarantined(_))
    }

    /// Whether the server has it and the confirmed data does not.
    pub(super) const fn is_acknowledged(&self) -> bool {
        matches!(self.status, EventStatus::Acknowledged { .. })
    }

    /// Whether it is quarantined.
    pub(super) const fn is_quarantined(&self) -> bool {
        matches!(self.status, EventStatus::Quarantined(_))
    }

    /// Whether it is to be written to the durable copy. An acknowledged event needs none.
    pub(super) const fn is_not_durable(&self) -> bool {
        !self.durable && self.is_unsettled()
    }

    /// The event as it is stored.
    pub(super) fn as_stored(&self) -> StoredEvent {
        let quarantine = self.as_quarantined().map(|it| it.reason);
        StoredEvent { event: self.event.clone(), quarantine }
    }

    /// The event with its reason, if it is quarantined.
    pub(super) fn as_quarantined(&self) -> Option<Quarantined> {
        match &self.status {
            EventStatus::Quarantined(reason) => {
                Some(Quarantined { event: self.event.clone(), reason: reason.clone() })
            }
            EventStatus::Waiting | EventStatus::Acknowledged { .. } | EventStatus::Synced => None,
        }
    }
}

/// How many events there are of each kind. The first three count the signed-in user's only.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Counts {
    pub(super) waiting: usize,
    pub(super) acknowledged: usize,
    pub(super) quarantined: usize,
    /// Events of other accounts.
    pub(super) foreign: usize,
    pub(super) unstored: usize,
    pub(super) not_durable: usize,
}

impl Counts {
    fn of(tracked: &TrackedEvent, is_ours: bool) -> Self {
        Self {
            waiting: usize::from(is_ours && tracked.is_waiting()),
            acknowledged: usize::from(is_ours && tracked.is_acknowledged()),
            quarantined: usize::from(is_ours && tracked.is_quarantined()),
            foreign: usize::from(!is_ours),
            unstored: usize::from(!tracked.stored),
            not_durable: usize::from(tracked.is_not_durable()),
        }
    }

    const fn add(&mut self, other: Self) {
        self.waiting += other.waiting;
        self.acknowledged += other.acknowledged;
        self.quarantined += other.quarantined;
        self.foreign += other.foreign;
        self.unstored += other.unstored;
        self.not_durable += other.not_durable;
    }

    const fn subtract(&mut self, other: Self) {
        self.waiting -= other.waiting;
        self.acknowledged -= other.acknowledged;
        self.quarantined -= other.quarantined;
        self.foreign -= other.foreign;
        self.unstored -= other.unstored;
        self.not_durable -= other.not_durable;
    }
}

/// All buffered events, also those of other accounts, in the order in which they are applied and
/// sent.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Buffer {
    user_id: Option<UserId>,
    events: BTreeMap<OrderKey, TrackedEvent>,
    /// Two events can have one id only in corrupt storage.
    ids: BTreeSet<(EventId, OrderKey)>,
    counts: Counts,
}

impl Buffer {
    /// The events of the signed-in user. Guest events belong to everyone: they are adopted at the
    /// sign-in.
    pub(super) fn ours(&self) -> impl Iterator<Item = &TrackedEvent> {
        self.events.values().filter(|tracked| self.is_ours(tracked.event.owner))
    }

    /// All events.
    pub(super) fn all(&self) -> impl Iterator<Item = &TrackedEvent> {
        self.events.values()
    }

    /// The event with this id, if it belongs to the signed-in user.
    pub(super) fn find(&self, id: EventId) -> impl Iterator<Item = &TrackedEvent> {
        let keys = self.keys(id).into_iter();
        let events = keys.filter_map(|key| self.events.get(&key));
        events.filter(|tracked| self.is_ours(tracked.event.owner))
    }

    pub(super) fn get(&self, key: OrderKey) -> Option<&TrackedEvent> {
        self.events.get(&key)
    }

    pub(super) fn len(&self) -> usize {
        self.events.len()
    }

    pub(super) const fn counts(&self) -> Counts {
        self.counts
    }

    /// The keys of the events with this id.
    pub(super) fn keys(&self, id: EventId) -> Vec<OrderKey> {
        let keys = self.ids.range((id, ORDER_KEY_MIN)..).take_while(|(it, _)| *it == id);
        keys.map(|(_, key)| *key).collect()
    }

    /// Inserts or replaces an event.
    pub(super) fn insert(&mut self, tracked: TrackedEvent) {
        let key = tracked.event.order_key();
        self.remove(key);
        self.counts.add(Counts::of(&tracked, self.is_ours(tracked.event.owner)));
        self.ids.insert((tracked.event.id(), key));
        self.events.insert(key, tracked);
    }

    pub(super) fn remove(&mut self, key: OrderKey) {
        if let Some(tracked) = self.events.remove(&key) {
            self.counts.subtract(Counts::of(&tracked, self.is_ours(tracked.event.owner)));
            self.ids.remove(&(tracked.event.id(), key));
        }
    }

    /// Changes an event, if there is one.
    pub(super) fn update(&mut self, key: OrderKey, change: &dyn Fn(&mut TrackedEvent)) {
        let user_id = self.user_id;
        if let Some(tracked) = self.events.get_mut(&key) {
            self.counts.subtract(Counts::of(tracked, is_owned(tracked.event.owner, user_id)));
            change(tracked);
            self.counts.add(Counts::of(tracked, is_owned(tracked.event.owner, user_id)));
        }
    }

    /// Changes the events with this id.
    pub(super) fn update_id(&mut self, id: EventId, change: &dyn Fn(&mut TrackedEvent)) {
        for key in self.keys(id) {
            self.update(key, change);
        }
    }

    /// Another user is signed in. What a server acknowledged to the previous user waits again: it
    /// is sent again when that user comes back, and the server recognises it by its id.
    pub(super) fn switch_user(&mut self, user_id: Option<UserId>) {
        self.user_id = user_id;
        self.counts = Counts::default();
        for tracked in self.events.values_mut() {
            if !tracked.is_unsettled() {
                tracked.status = EventStatus::Waiting;
            }
            self.counts.add(Counts::of(tracked, is_owned(tracked.event.owner, user_id)));
        }
    }

    fn is_ours(&self, owner: Owner) -> bool {
        is_owned(owner, self.user_id)
    }
}

fn is_owned(owner: Owner, user_id: Option<UserId>) -> bool {
    match owner {
        Owner::Guest => true,
        Owner::User(owner_id) => user_id == Some(owner_id),
    }
}

#[cfg(test)]
mod tests {
    use wizitime_domain::{
        DeviceId, EntryId, Envelope, Event, TimeEntryRef, Timestamp, WriterId, Zone,
    };

    use super::*;

    fn tracked(seq: u64, id: u8, owner: Owner) -> TrackedEvent {
        let envelope = Envelope {
            id: EventId::from_bytes([id; 16]),
            device_id: DeviceId::from_bytes([1; 16]),
            writer_id: WriterId::from_bytes([1; 16]),
            seq,
            at: Timestamp::saturating_from_ms(0),
            recorded_at: Timestamp::saturating_from_ms(0),
            zone: Zone::utc(),
            event: Event::DeleteTimeEntry(TimeEntryRef {
                time_entry_id: EntryId::from_bytes([1; 16]),
            }),
        };
        let json = envelope.to_json();
        let event = BufferedEvent { envelope, json, owner };
        TrackedEvent { event, status: EventStatus::Waiting, stored: true, durable: false }
    }

    #[test]
    fn counters_follow_every_change() {
        let user_id = UserId::from_bytes([1; 16]);
        let mut buffer = Buffer::default();
        buffer.insert(tracked(1, 1, Owner::Guest));
        buffer.insert(tracked(2, 2, Owner::User(user_id)));
        let counts = Counts { waiting: 1, foreign: 1, not_durable: 2, ..Counts::default() };
        assert_eq!(buffer.counts(), counts);
        buffer.switch_user(Some(user_id));
        assert_eq!((buffer.counts().waiting, buffer.counts().foreign), (2, 0));
        let id = EventId::from_bytes([2; 16]);
        buffer.update_id(id, &|it| it.status = EventStatus::Acknowledged { cursor: None });
        assert_eq!((buffer.counts().waiting, buffer.counts().acknowledged), (1, 1));
        buffer.insert(tracked(2, 2, Owner::Guest));
        assert_eq!((buffer.counts().waiting, buffer.counts().acknowledged), (2, 0));
        for id in [1, 2] {
            for key in buffer.keys(EventId::from_bytes([id; 16])) {
                buffer.remove(key);
            }
        }
        assert_eq!((buffer.counts(), buffer.len()), (Counts::default(), 0));
    }

    #[test]
    fn events_with_the_same_id_are_all_found() {
        let mut buffer = Buffer::default();
        buffer.insert(tracked(1, 7, Owner::Guest));
        buffer.insert(tracked(2, 7, Owner::Guest));
        assert_eq!(buffer.find(EventId::from_bytes([7; 16])).count(), 2);
        assert_eq!(buffer.find(EventId::from_bytes([8; 16])).count(), 0);
    }
}
