//! The event buffer's part of the state: everything recorded that the confirmed data does not
//! have yet. There is no online mode: every event comes through here.

use std::collections::{BTreeMap, BTreeSet};

use wizitime_domain::{Envelope, EventId, UserId, WriterId};
use wizitime_json::JsonText;

use crate::store::action::Action;
use crate::store::changes::Changes;

/// The most events that can wait. At eight a day it is more than five years.
pub const EVENTS_BUFFERED_MAX: usize = 20_000;

/// Whom an event belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Owner {
    /// Nobody yet: adopted at the first sign-in.
    Guest,
    User(UserId),
}

/// A recorded event with the very text that is stored and sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    pub envelope: Envelope,
    pub json: JsonText,
    pub owner: Owner,
}

/// The order in which events are applied and sent: no event comes before its cause.
pub type Place = (u64, WriterId, EventId);

impl Record {
    /// The record's place in the order.
    pub const fn place(&self) -> Place {
        (self.envelope.seq, self.envelope.writer_id, self.envelope.id)
    }
}

/// An event that needs the person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Quarantined {
    pub record: Record,
    /// The rejection's code, or `depends` for an event that came along with a rejected one.
    pub code: String,
    /// Why, in plain words.
    pub message: String,
}

/// Something found in storage.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredRecord {
    pub record: Record,
    /// Why it is in quarantine, if it is: code and message.
    pub quarantine: Option<(String, String)>,
}

/// The buffer.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Events {
    /// Who is signed in; none is a guest. Whatever belongs to another account is neither shown nor
    /// sent.
    user_id: Option<UserId>,
    /// Not acknowledged, in the order in which they will be sent.
    waiting: BTreeMap<Place, Record>,
    /// In the server's log up to a cursor that the confirmed data has not reached. None: another
    /// tab was told the cursor.
    acknowledged: BTreeMap<Place, (Record, Option<u64>)>,
    /// Set aside until the person decides.
    quarantined: BTreeMap<EventId, Quarantined>,
    /// Not in localStorage: lost if the tab closes.
    unstored: BTreeSet<EventId>,
    /// Other people's events on this device: kept, neither shown nor sent.
    foreign: BTreeMap<EventId, Record>,
    /// Stored texts that could not be read and were set aside.
    pub damaged_count: usize,
    /// Stored events that only a newer version understands; that version's tabs send them.
    pub newer_count: usize,
    /// localStorage did not take something.
    pub storage_refused: bool,
}

impl Events {
    /// Everything that is not acknowledged, in the order of sending.
    pub fn waiting(&self) -> impl Iterator<Item = &Record> {
        self.waiting.values()
    }

    /// How many events are not acknowledged.
    pub fn waiting_count(&self) -> usize {
        self.waiting.len()
    }

    /// Whether this event waits.
    pub fn find_waiting(&self, id: EventId) -> Option<&Record> {
        self.waiting.values().find(|record| record.envelope.id == id)
    }

    /// What the confirmed data lacks, in order: this is replayed to get what is shown.
    pub fn overlay(&self) -> impl Iterator<Item = &Record> {
        let mut all: Vec<(&Place, &Record)> = self.waiting.iter().collect();
        all.extend(self.acknowledged.iter().map(|(place, (record, _))| (place, record)));
        all.sort_unstable_by_key(|(place, _)| **place);
        all.into_iter().map(|(_, record)| record)
    }

    /// Acknowledged events whose effects are in the confirmed data at this cursor.
    pub fn synced_up_to(&self, cursor: u64) -> Vec<Record> {
        let reached = |known: &Option<u64>| known.is_none_or(|known| known <= cursor);
        let synced = self.acknowledged.values().filter(|(_, known)| reached(known));
        synced.map(|(record, _)| record.clone()).collect()
    }

    /// Everything in the buffer that belongs to `owner`, also what was set aside.
    pub fn owned_by(&self, owner: Owner) -> Vec<Record> {
        let quarantined = self.quarantined.values().map(|it| &it.record);
        let all = self.waiting.values().chain(quarantined);
        all.filter(|record| record.owner == owner).cloned().collect()
    }

    /// The record in quarantine, waiting or acknowledged, for writing it down once more.
    pub fn unstored(&self) -> Vec<Record> {
        self.unstored.iter().filter_map(|id| self.find(*id)).cloned().collect()
    }

    /// Acknowledged events whose effects the confirmed data may not have.
    pub fn acknowledged(&self) -> Vec<Record> {
        self.acknowledged.values().map(|(record, _)| record.clone()).collect()
    }

    /// Whether an acknowledgement waits for news to come.
    pub fn awaits_news(&self) -> bool {
        !self.acknowledged.is_empty()
    }

    /// What needs the person.
    pub fn quarantined(&self) -> impl Iterator<Item = &Quarantined> {
        self.quarantined.values()
    }

    /// How many events need the person.
    pub fn quarantined_count(&self) -> usize {
        self.quarantined.len()
    }

    /// One event that needs the person.
    pub fn find_quarantined(&self, id: EventId) -> Option<&Quarantined> {
        self.quarantined.get(&id)
    }

    /// How many events would be lost if the tab closed.
    pub fn unstored_count(&self) -> usize {
        self.unstored.len()
    }

    /// How many events on this device belong to somebody else.
    pub fn foreign_count(&self) -> usize {
        self.foreign.len()
    }

    /// Whether the buffer takes `count` more events.
    pub fn has_room_for(&self, count: usize) -> bool {
        self.waiting.len() + self.quarantined.len() + count <= EVENTS_BUFFERED_MAX
    }

    /// The record of an event, wherever it is in the buffer.
    pub fn find(&self, id: EventId) -> Option<&Record> {
        self.find_waiting(id)
            .or_else(|| {
                let acknowledged = self.acknowledged.values().map(|(record, _)| record);
                acknowledged.into_iter().find(|record| record.envelope.id == id)
            })
            .or_else(|| self.quarantined.get(&id).map(|quarantined| &quarantined.record))
    }

    pub(in crate::store) fn reduce(&mut self, action: &Action, changes: &mut Changes) {
        #[expect(clippy::wildcard_enum_match_arm, reason = "a slice answers what concerns it")]
        match action {
            Action::Recorded(records) => {
                self.waiting.extend(records.iter().map(|record| (record.place(), record.clone())));
            }
            Action::Found(found) => found.iter().for_each(|stored| self.take_in(stored)),
            Action::PeerForgot { id } => self.acknowledge(&[*id], None),
            Action::PeerReleased { id } => {
                self.quarantined.remove(id);
            }
            Action::NotStored { id } => {
                self.unstored.insert(*id);
            }
            Action::StoreRetried { records } => {
                for record in records {
                    self.unstored.remove(&record.envelope.id);
                }
            }
            Action::StorageRefused => self.storage_refused = true,
            Action::FoundUnreadable { damaged, newer } => {
                if (self.damaged_count, self.newer_count) == (*damaged, *newer) {
                    return;
                }
                self.damaged_count = *damaged;
                self.newer_count = *newer;
            }
            Action::Requeued { records } => {
                for record in records {
                    self.quarantined.remove(&record.envelope.id);
                    self.acknowledged.remove(&record.place());
                    self.waiting.insert(record.place(), record.clone());
                }
            }
            Action::Discarded { records } => {
                for record in records {
                    self.quarantined.remove(&record.envelope.id);
                    self.waiting.remove(&record.place());
                    self.unstored.remove(&record.envelope.id);
                }
            }
            Action::Adopted { records, to } => self.adopt(records, *to),
            Action::Acknowledged { ids, cursor } => self.acknowledge(ids, Some(*cursor)),
            Action::SetAside(quarantined) => {
                for it in quarantined {
                    self.waiting.remove(&it.record.place());
                    self.quarantined.insert(it.record.envelope.id, it.clone());
                }
            }
            Action::FilterOutSynced { records } => {
                for record in records {
                    self.acknowledged.remove(&record.place());
                    self.unstored.remove(&record.envelope.id);
                }
            }
            Action::SignedIn(account) => self.change_hands(Some(account.user_id)),
            Action::SignedOut => self.change_hands(None),
            _ => return,
        }
        changes.sync = true;
    }

    fn take_in(&mut self, stored: &StoredRecord) {
        let record = &stored.record;
        let id = record.envelope.id;
        if !self.is_ours(record) {
            self.foreign.insert(id, record.clone());
            return;
        }
        let place = record.place();
        match &stored.quarantine {
            Some((code, message)) => {
                self.waiting.remove(&place);
                let (record, code, message) = (record.clone(), code.clone(), message.clone());
                self.quarantined.insert(id, Quarantined { record, code, message });
            }
            None if self.acknowledged.contains_key(&place) => (),
            None => {
                self.quarantined.remove(&id);
                self.waiting.insert(place, record.clone());
            }
        }
    }

    fn acknowledge(&mut self, ids: &[EventId], cursor: Option<u64>) {
        let ids: BTreeSet<&EventId> = ids.iter().collect();
        let places: Vec<Place> =
            self.waiting.keys().filter(|(_, _, id)| ids.contains(id)).copied().collect();
        for place in places {
            if let Some(record) = self.waiting.remove(&place) {
                self.acknowledged.insert(place, (record, cursor));
            }
        }
    }

    fn adopt(&mut self, records: &[Record], to: Owner) {
        for record in records {
            if let Some(waiting) = self.waiting.get_mut(&record.place()) {
                waiting.owner = to;
            }
            if let Some(quarantined) = self.quarantined.get_mut(&record.envelope.id) {
                quarantined.record.owner = to;
            }
        }
    }

    /// A guest's events are anybody's: they are adopted at the sign-in.
    fn is_ours(&self, record: &Record) -> bool {
        match record.owner {
            Owner::Guest => true,
            Owner::User(user_id) => self.user_id == Some(user_id),
        }
    }

    /// Sorts everything by whether it belongs to who is signed in now. What was acknowledged to
    /// somebody else, or may be asked about anew, is offered again: the server knows it by its id.
    fn change_hands(&mut self, user_id: Option<UserId>) {
        self.user_id = user_id;
        let acknowledged = std::mem::take(&mut self.acknowledged);
        let all: Vec<Record> = std::mem::take(&mut self.waiting)
            .into_values()
            .chain(acknowledged.into_values().map(|(record, _)| record))
            .chain(std::mem::take(&mut self.foreign).into_values())
            .collect();
        for record in all {
            if self.is_ours(&record) {
                self.waiting.insert(record.place(), record);
            } else {
                self.foreign.insert(record.envelope.id, record);
            }
        }
        let quarantined = std::mem::take(&mut self.quarantined);
        for (id, it) in quarantined {
            if self.is_ours(&it.record) {
                self.quarantined.insert(id, it);
            } else {
                self.foreign.insert(id, it.record);
            }
        }
    }
}
