//! The history of acts on this device, which Ctrl+Z goes back through. It is kept per user in
//! localStorage, under `wizi-undo.<owner>`, for all tabs: the latest act is undone first, in
//! whichever tab it was done.

use wizitime_domain::{EntryId, Replaced, UndoStep};

use crate::store::UndoKind;
use crate::store::record::Owner;
use crate::sync::owner_name;

/// The most acts that can be undone.
pub const UNDO_STEPS_MAX: usize = 100;
/// The most bytes of a history in storage.
///
/// It shares localStorage with events that are not sent yet, which are more important.
pub const UNDO_BYTES_MAX: usize = 24 * 1024;
/// The prefix of the keys.
pub const UNDO_PREFIX: &str = "wizi-undo.";

/// What the line of a step begins with.
const UNDO: char = '-';
const REDO: char = '+';

/// The key of an owner's history.
pub fn undo_key(owner: Owner) -> String {
    [UNDO_PREFIX, &owner_name(owner)].concat()
}

/// Whether the history under this key is removed while `owner` uses the app: it is another user's.
pub fn is_surplus_undo_key(key: &str, owner: Owner) -> bool {
    key != undo_key(owner) && key != undo_key(Owner::Guest)
}

/// What can be undone and what can be done again, the latest last.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct UndoHistory {
    undo: Vec<UndoStep>,
    redo: Vec<UndoStep>,
}

impl UndoHistory {
    /// Reads a stored history. A step that cannot be read is left out, and those before it: they
    /// may only be undone after it.
    pub fn from_text(text: &str) -> Self {
        let mut history = Self::default();
        for line in text.lines() {
            let steps = if line.starts_with(REDO) { &mut history.redo } else { &mut history.undo };
            match UndoStep::from_text(line.trim_start_matches([UNDO, REDO])) {
                Some(step) => steps.push(step),
                None => steps.clear(),
            }
        }
        history
    }

    /// The history as text, without the oldest acts if it would be too long.
    pub fn to_text(&mut self) -> String {
        loop {
            let undo = self.undo.iter().map(|step| (UNDO, step));
            let redo = self.redo.iter().map(|step| (REDO, step));
            let mut text = String::new();
            for (mark, step) in undo.chain(redo) {
                text.push(mark);
                text.push_str(&step.to_text());
                text.push('\n');
            }
            let oldest = if self.undo.is_empty() { &mut self.redo } else { &mut self.undo };
            if text.len() <= UNDO_BYTES_MAX || oldest.is_empty() {
                return text;
            }
            oldest.remove(0);
        }
    }

    /// The act that is undone, or done again, next.
    pub fn next(&self, is_redo: bool) -> Option<&UndoStep> {
        if is_redo { self.redo.last() } else { self.undo.last() }
    }

    /// Whether the latest act deleted this entry.
    pub fn has_just_deleted(&self, id: EntryId) -> bool {
        self.undo.last().is_some_and(|step| step.deletes(id))
    }

    /// Adds acts that came later. What can be done again is what could be then.
    pub fn append(&mut self, mut later: Self) {
        if later != Self::default() {
            self.undo.append(&mut later.undo);
            self.redo = later.redo;
            self.drop_surplus();
        }
    }

    /// Remembers an act, or the undoing of one.
    pub fn remember(&mut self, step: UndoStep, kind: UndoKind) {
        let undone = match kind {
            UndoKind::Act => {
                self.redo.clear();
                None
            }
            UndoKind::Undo => self.undo.pop(),
            UndoKind::Redo => self.redo.pop(),
        };
        // What took another entry's place gives it back first.
        let given_back = undone.and_then(|step| step.replaced());
        let given_back = given_back.map(|it| Replaced { old: it.new, new: it.old });
        for replaced in [given_back, step.replaced()].into_iter().flatten() {
            self.undo.iter_mut().chain(&mut self.redo).for_each(|step| step.follow(replaced));
        }
        // Reverting this step in turn gives the place to the other entry again.
        let step = step.or_replaced(given_back);
        match kind {
            UndoKind::Act | UndoKind::Redo => self.undo.push(step),
            UndoKind::Undo => self.redo.push(step),
        }
        self.drop_surplus();
    }

    fn drop_surplus(&mut self) {
        let surplus = self.undo.len().saturating_sub(UNDO_STEPS_MAX);
        self.undo.drain(..surplus);
    }

    /// Forgets the next act: it cannot be undone.
    pub fn forget(&mut self, is_redo: bool) {
        if is_redo {
            self.redo.pop()
        } else {
            self.undo.pop()
        };
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use wizitime_domain::{
        DeviceId, Entity, Envelope, Event, EventId, EventProcessor, Ledger, SortedSet, StartClock,
        StopClock, TimeEntry, Timestamp, UserId, WriterId, Zone,
    };

    use super::*;

    fn id(byte: u8) -> EntryId {
        EntryId::from_bytes([byte; 16])
    }

    /// The act that deleted an entry with this description.
    fn deletion(byte: u8, description: &str) -> UndoStep {
        let entry = TimeEntry {
            id: id(byte),
            description: description.to_owned(),
            project_id: None,
            task_id: None,
            tag_ids: SortedSet::default(),
            billable: false,
            started_at: Timestamp::MIN,
            stop: None,
            zone: Zone::utc(),
            deleted: false,
        };
        let (mut before, mut after) = (Ledger::default(), Ledger::default());
        before.upsert(Entity::TimeEntry(Arc::new(entry.clone())));
        after.upsert(Entity::TimeEntry(Arc::new(TimeEntry { deleted: true, ..entry })));
        UndoStep::between(&before, &after, [id(byte)], None).unwrap()
    }

    /// What a user of one device sees and can undo.
    #[derive(Default)]
    struct Device {
        ledger: Ledger,
        history: UndoHistory,
        reverted: u8,
    }

    impl Device {
        fn run(&mut self, events: Vec<Event>, replaced: Option<Replaced>, kind: UndoKind) {
            let before = self.ledger.clone();
            for event in events {
                let envelope = Envelope {
                    id: EventId::from_bytes([0; 16]),
                    device_id: DeviceId::from_bytes([0; 16]),
                    writer_id: WriterId::from_bytes([0; 16]),
                    seq: 1,
                    at: Timestamp::MIN,
                    recorded_at: Timestamp::MIN,
                    zone: Zone::utc(),
                    event,
                };
                EventProcessor::apply(&mut self.ledger, &envelope).unwrap();
            }
            let ids: Vec<EntryId> = self.ledger.entries().map(|entry| entry.id).collect();
            let step = UndoStep::between(&before, &self.ledger, ids, replaced).unwrap();
            self.history.remember(step, kind);
        }

        /// Starts an entry and stops it.
        fn track(&mut self, id: EntryId) {
            let start = StartClock {
                time_entry_id: id,
                started_at: Timestamp::MIN,
                description: "tea".to_owned(),
                project_id: None,
                task_id: None,
                tag_ids: SortedSet::default(),
                billable: false,
            };
            let stop = StopClock { time_entry_id: id, stopped_at: Timestamp::MIN };
            for event in [Event::StartClock(start), Event::StopClock(stop)] {
                self.run(vec![event], None, UndoKind::Act);
            }
        }

        fn revert(&mut self, kind: UndoKind) {
            let step = self.history.next(kind == UndoKind::Redo).unwrap();
            self.reverted += 1;
            let plan = step.plan(&self.ledger, id(100 + self.reverted)).unwrap();
            self.run(plan.events, plan.replaced, kind);
        }
    }

    #[test]
    fn start_can_be_undone_however_often_its_stop_was() {
        for rounds in 0..3 {
            let mut device = Device::default();
            device.track(id(1));
            for _ in 0..rounds {
                device.revert(UndoKind::Undo);
                assert!(device.ledger.running().is_some());
                device.revert(UndoKind::Redo);
                assert!(device.ledger.running().is_none());
            }
            device.revert(UndoKind::Undo);
            assert!(device.ledger.running().is_some());
            device.revert(UndoKind::Undo);
            assert!(device.ledger.entries().all(|entry| entry.deleted), "{rounds} rounds");
            // And all of it is done again.
            device.revert(UndoKind::Redo);
            assert!(device.ledger.running().is_some());
            device.revert(UndoKind::Redo);
            let shown = device.ledger.entries().filter(|entry| !entry.deleted);
            assert_eq!((shown.count(), device.ledger.running()), (1, None), "{rounds} rounds");
        }
    }

    #[test]
    fn acts_of_a_guest_come_before_those_of_the_user_who_signed_in() {
        let [mut guest, mut user] = [UndoHistory::default(), UndoHistory::default()];
        guest.remember(deletion(1, ""), UndoKind::Act);
        let before = guest.clone();
        guest.append(UndoHistory::default());
        assert_eq!(guest, before);
        user.remember(deletion(2, ""), UndoKind::Act);
        guest.append(user);
        assert!(guest.has_just_deleted(id(2)));
        guest.forget(false);
        assert!(guest.has_just_deleted(id(1)));
    }

    #[test]
    fn only_histories_of_other_users_are_surplus() {
        let [user, other] = [1, 2].map(|byte| Owner::User(UserId::from_bytes([byte; 16])));
        for owner in [user, Owner::Guest] {
            assert!(!is_surplus_undo_key(&undo_key(owner), owner));
            assert!(!is_surplus_undo_key(&undo_key(Owner::Guest), owner));
            assert!(is_surplus_undo_key(&undo_key(other), owner));
        }
        assert!(is_surplus_undo_key(&undo_key(user), Owner::Guest), "after the sign-out");
    }

    #[test]
    fn acts_are_undone_latest_first_and_done_again_in_their_order() {
        let mut history = UndoHistory::default();
        let [one, two] = [deletion(1, ""), deletion(2, "")];
        history.remember(one.clone(), UndoKind::Act);
        history.remember(two.clone(), UndoKind::Act);
        assert!(history.has_just_deleted(id(2)) && !history.has_just_deleted(id(1)));
        assert_eq!(history.next(false), Some(&two));
        history.remember(two.clone(), UndoKind::Undo);
        history.remember(one.clone(), UndoKind::Undo);
        assert_eq!((history.next(false), history.next(true)), (None, Some(&one)));
        history.remember(one.clone(), UndoKind::Redo);
        assert_eq!((history.next(false), history.next(true)), (Some(&one), Some(&two)));
    }

    #[test]
    fn new_act_ends_what_can_be_done_again() {
        let mut history = UndoHistory::default();
        history.remember(deletion(1, ""), UndoKind::Act);
        history.remember(deletion(1, ""), UndoKind::Undo);
        history.remember(deletion(2, ""), UndoKind::Act);
        assert_eq!(history.next(true), None);
    }

    #[test]
    fn act_that_cannot_be_undone_does_not_block_the_one_before() {
        let mut history = UndoHistory::default();
        history.remember(deletion(1, ""), UndoKind::Act);
        history.remember(deletion(2, ""), UndoKind::Act);
        history.forget(false);
        assert!(history.has_just_deleted(id(1)));
    }

    #[test]
    fn history_is_bounded_and_survives_storage() {
        let mut history = UndoHistory::default();
        for _ in 0..=UNDO_STEPS_MAX {
            history.remember(deletion(1, ""), UndoKind::Act);
        }
        assert_eq!(history.undo.len(), UNDO_STEPS_MAX);
        history.remember(deletion(2, &"x".repeat(UNDO_BYTES_MAX / 3)), UndoKind::Act);
        let text = history.to_text();
        assert!(text.len() <= UNDO_BYTES_MAX);
        assert!(history.has_just_deleted(id(2)));
        assert_eq!(UndoHistory::from_text(&text), history);
        history.remember(deletion(2, ""), UndoKind::Undo);
        assert_eq!(UndoHistory::from_text(&history.to_text()), history);
        assert_eq!(UndoHistory::from_text("{}"), UndoHistory::default());
    }
}
