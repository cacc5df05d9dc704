//! The event buffer's part of the state: everything recorded that the confirmed data does not
//! have yet. There is no online mode: every event comes through here.

mod buffered;

use std::collections::BTreeMap;

use wizitime_domain::json::JsonText;
use wizitime_domain::{Envelope, EventId, SortedSet, UserId, WriterId};

use buffered::{Buffered, Standing};

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
        place(&self.envelope)
    }
}

const fn place(envelope: &Envelope) -> Place {
    (envelope.seq, envelope.writer_id, envelope.id)
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

/// The copy of the buffer that outlives a crash.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Mirror {
    /// What is in it is not known yet; nothing is sent before, so that nothing overtakes it.
    #[default]
    Unread,
    Works,
    /// The browser has none, or it took nothing.
    Refused,
}

/// The buffer.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Events {
    /// Who is signed in; none is a guest. Whatever belongs to another account is neither shown nor
    /// sent.
    user_id: Option<UserId>,
    /// Everything, also other people's, in the order in which it is applied and sent.
    buffer: BTreeMap<Place, Buffered>,
    mirror: Mirror,
    /// Stored texts that could not be read and were set aside.
    pub damaged_count: usize,
    /// Stored events that only a newer version understands; that version's tabs send them.
    newer: SortedSet<EventId>,
    /// localStorage did not take something.
    pub storage_refused: bool,
}

impl Events {
    /// Everything that is not acknowledged, in the order of sending.
    pub fn waiting(&self) -> impl Iterator<Item = &Record> {
        self.ours().filter(|it| it.is_waiting()).map(|it| &it.record)
    }

    /// How many events are not acknowledged.
    pub fn waiting_count(&self) -> usize {
        self.waiting().count()
    }

    /// Whether this event waits.
    pub fn find_waiting(&self, id: EventId) -> Option<&Record> {
        self.waiting().find(|record| record.envelope.id == id)
    }

    /// What the confirmed data lacks, in order: this is replayed to get what is shown.
    pub fn overlay(&self) -> impl Iterator<Item = &Record> {
        self.ours().filter(|it| it.is_waiting() || it.is_acknowledged()).map(|it| &it.record)
    }

    /// Acknowledged events whose effects are in the confirmed data at this cursor.
    pub fn synced_up_to(&self, cursor: u64) -> Vec<Record> {
        let is_reached = |it: &&Buffered| match it.standing {
            Standing::Acknowledged { cursor: known } => known.is_none_or(|known| known <= cursor),
            Standing::Waiting | Standing::Synced | Standing::SetAside { .. } => false,
        };
        self.ours().filter(is_reached).map(|it| it.record.clone()).collect()
    }

    /// Everything in the buffer that belongs to `owner`, also what was set aside.
    pub fn owned_by(&self, owner: Owner) -> Vec<Record> {
        let unsettled = self.ours().filter(|it| it.is_unsettled()).map(|it| &it.record);
        unsettled.filter(|record| record.owner == owner).cloned().collect()
    }

    /// What localStorage did not take, for writing it down once more.
    pub fn unstored(&self) -> Vec<StoredRecord> {
        self.buffer.values().filter(|it| !it.stored).map(Buffered::as_stored).collect()
    }

    /// How the mirror is.
    pub const fn mirror(&self) -> Mirror {
        self.mirror
    }

    /// What the mirror does not have and should.
    pub fn unmirrored(&self) -> Vec<StoredRecord> {
        self.not_mirrored().map(Buffered::as_stored).collect()
    }

    /// How many events would be lost if the browser crashed right now.
    pub fn unmirrored_count(&self) -> usize {
        self.not_mirrored().count()
    }

    /// Whether this event is in storage, whoever it belongs to and whichever version can read it.
    pub fn holds(&self, envelope: &Envelope) -> bool {
        self.newer.contains(&envelope.id) || self.buffer.contains_key(&place(envelope))
    }

    /// Whether this event is held and some log has acknowledged it.
    pub fn is_settled(&self, envelope: &Envelope) -> bool {
        self.buffer.get(&place(envelope)).is_some_and(|it| !it.is_unsettled())
    }

    /// Whether this event is on disk in the mirror.
    pub fn is_mirrored(&self, envelope: &Envelope) -> bool {
        self.buffer.get(&place(envelope)).is_some_and(|it| it.mirrored)
    }

    /// How many stored events only a newer version understands.
    pub const fn newer_count(&self) -> usize {
        self.newer.len()
    }

    /// Acknowledged events whose effects the confirmed data may not have.
    pub fn acknowledged(&self) -> Vec<Record> {
        self.ours().filter(|it| it.is_acknowledged()).map(|it| it.record.clone()).collect()
    }

    /// What the confirmed data has and the archive may not.
    pub fn synced(&self) -> Vec<Record> {
        let synced = self.buffer.values().filter(|it| it.standing == Standing::Synced);
        synced.map(|it| it.record.clone()).collect()
    }

    /// Whether an acknowledgement waits for news to come.
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
        self.ours().find(|it| it.record.envelope.id == id)?.as_quarantined()
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
            | Action::OfferedAgain { records, .. } => {
                records.iter().for_each(|record| self.put(record, Standing::Waiting));
            }
            Action::Found(found) | Action::Restored(found) => {
                found.iter().for_each(|stored| self.take_in(stored));
            }
            Action::Mirrored { ids } => {
                let ids: SortedSet<EventId> = ids.iter().copied().collect();
                for it in self.buffer.values_mut() {
                    it.mirrored |= ids.contains(&it.record.envelope.id);
                }
                // Before it was read it may hold more than is known.
                if self.mirror == Mirror::Refused {
                    self.mirror = Mirror::Works;
                }
            }
            Action::MirrorRead { works } => {
                self.mirror = if *works { Mirror::Works } else { Mirror::Refused };
            }
            Action::MirrorRefused => self.mirror = Mirror::Refused,
            // It is read anew before this tab sends.
            Action::BecameSender if self.mirror == Mirror::Works => self.mirror = Mirror::Unread,
            Action::PeerForgot { id } => self.acknowledge(&[*id], None),
            Action::PeerReleased { id } => {
                self.remove(&|it| it.record.envelope.id == *id && it.as_quarantined().is_some());
            }
            Action::NotStored { ids } => {
                let ids: SortedSet<EventId> = ids.iter().copied().collect();
                for it in self.buffer.values_mut() {
                    it.stored &= !ids.contains(&it.record.envelope.id);
                }
            }
            Action::StoreRetried { records } => {
                for it in records {
                    if let Some(it) = self.buffer.get_mut(&it.record.place()) {
                        it.stored = true;
                    }
                }
            }
            Action::StorageRefused => self.storage_refused = true,
            Action::FoundUnreadable { damaged, newer } => {
                if self.damaged_count == *damaged && self.newer == *newer {
                    return;
                }
                self.damaged_count = *damaged;
                self.newer = newer.clone();
            }
            Action::Discarded { records } => {
                let places: SortedSet<Place> = records.iter().map(Record::place).collect();
                self.remove(&|it| places.contains(&it.record.place()));
            }
            Action::Adopted { records, to } => {
                for record in records {
                    if let Some(it) = self.buffer.get_mut(&record.place()) {
                        it.record.owner = *to;
                        it.mirrored = false;
                    }
                }
            }
            Action::Acknowledged { ids, cursor } => self.acknowledge(ids, Some(*cursor)),
            Action::SetAside(quarantined) => {
                for Quarantined { record, code, message } in quarantined {
                    let (code, message) = (code.clone(), message.clone());
                    self.put(record, Standing::SetAside { code, message });
                }
            }
            Action::FilterOutSynced { records } => {
                for record in records {
                    let it = self.buffer.get_mut(&record.place());
                    if let Some(it) = it.filter(|it| it.is_acknowledged()) {
                        it.standing = Standing::Synced;
                    }
                }
            }
            Action::Archived { records } => {
                let places: SortedSet<Place> = records.iter().map(Record::place).collect();
                let is_out = |it: &Buffered| it.standing == Standing::Synced;
                self.remove(&|it| is_out(it) && places.contains(&it.record.place()));
            }
            Action::SignedIn { account, .. } => self.change_hands(Some(account.user_id)),
            Action::SignedOut => self.change_hands(None),
            _ => return,
        }
        changes.sync = true;
    }

    /// Everything that belongs to who is signed in. A guest's events are anybody's: they are
    /// adopted at the sign-in.
    fn ours(&self) -> impl Iterator<Item = &Buffered> {
        self.buffer.values().filter(|it| match it.record.owner {
            Owner::Guest => true,
            Owner::User(user_id) => self.user_id == Some(user_id),
        })
    }

    /// An acknowledged event needs no mirror: the server has it.
    fn not_mirrored(&self) -> impl Iterator<Item = &Buffered> {
        self.buffer.values().filter(|it| !it.mirrored && it.is_unsettled())
    }

    fn put(&mut self, record: &Record, standing: Standing) {
        match self.buffer.get_mut(&record.place()) {
            Some(it) => {
                // What is moved is written anew.
                it.mirrored &= it.record.owner == record.owner && it.standing == standing;
                it.record = record.clone();
                it.standing = standing;
            }
            None => {
                let record = record.clone();
                let place = record.place();
                let it = Buffered { record, standing, stored: true, mirrored: false };
                self.buffer.insert(place, it);
            }
        }
    }

    fn take_in(&mut self, stored: &StoredRecord) {
        let record = &stored.record;
        match &stored.quarantine {
            // The server has it, whatever an old text says.
            _ if self.is_settled(&record.envelope) => (),
            Some((code, message)) => {
                let (code, message) = (code.clone(), message.clone());
                self.put(record, Standing::SetAside { code, message });
            }
            None => self.put(record, Standing::Waiting),
        }
    }

    fn acknowledge(&mut self, ids: &[EventId], cursor: Option<u64>) {
        let ids: SortedSet<EventId> = ids.iter().copied().collect();
        for it in self.buffer.values_mut() {
            if it.is_waiting() && ids.contains(&it.record.envelope.id) {
                it.standing = Standing::Acknowledged { cursor };
            }
        }
    }

    fn remove(&mut self, is_out: &dyn Fn(&Buffered) -> bool) {
        self.buffer.retain(|_, it| !is_out(it));
    }

    /// Somebody else is signed in. What was acknowledged to whoever was before, or may be asked
    /// about anew, is offered again when they come back: the server knows it by its id.
    fn change_hands(&mut self, user_id: Option<UserId>) {
        self.user_id = user_id;
        for it in self.buffer.values_mut() {
            if !it.is_unsettled() {
                it.standing = Standing::Waiting;
            }
        }
    }
}
