//! Undoing acts: what an act changed, and the events that change it back.
//!
//! An act is undone by further events, so that every device sees the same. Undoing one is an act
//! itself, which can be undone again.

use std::fmt::Write as _;
use std::sync::Arc;

use crate::event::{Event, StartClock, TimeEntryChanges, TimeEntryRef, UpdateTimeEntry};
use crate::ids::EntryId;
use crate::ledger::{Entity, Ledger};
use crate::time::Timestamp;
use crate::time_entry::TimeEntry;

/// What an act changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UndoStep {
    changes: Vec<EntryChange>,
    /// Set if the act was the undoing of a stop. No event starts an entry again, so another entry
    /// with the same contents took its place. Doing the stop again gives the place back, and so on.
    replaced: Option<Replaced>,
}

/// One entry before and after an act.
#[derive(Clone, Debug, PartialEq, Eq)]
struct EntryChange {
    /// None: it did not exist.
    before: Option<Arc<TimeEntry>>,
    after: Arc<TimeEntry>,
}

/// An entry took the place of another one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Replaced {
    pub old: EntryId,
    pub new: EntryId,
}

/// How an act is undone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UndoPlan {
    pub events: Vec<Event>,
    pub replaced: Option<Replaced>,
}

/// Why an act cannot be undone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UndoError {
    /// Something else has changed the same since.
    ChangedSince,
    /// The clock would run again, but another one runs.
    AnotherRuns,
}

impl UndoStep {
    /// What changed of these entries between two states; none if nothing did.
    pub fn between(
        before: &Ledger,
        after: &Ledger,
        ids: impl IntoIterator<Item = EntryId>,
        replaced: Option<Replaced>,
    ) -> Option<Self> {
        let mut changes: Vec<EntryChange> = Vec::new();
        for id in ids {
            let is_known = changes.iter().any(|change| change.after.id == id);
            let Some(now) = after.entry(id).filter(|_| !is_known) else { continue };
            let was = before.entry(id);
            if was != Some(now) {
                changes.push(EntryChange { before: was.cloned(), after: now.clone() });
            }
        }
        (!changes.is_empty()).then_some(Self { changes, replaced })
    }

    /// The step as one line of text, for storage: what was replaced by what, then each entry before
    /// and after, separated by tabs. JSON has neither tabs nor line breaks.
    pub fn to_text(&self) -> String {
        let mut text = String::new();
        if let Some(Replaced { old, new }) = self.replaced {
            let written = write!(text, "{old} {new}");
            debug_assert!(written.is_ok(), "a string takes everything");
        }
        for EntryChange { before, after } in &self.changes {
            for entry in [before.as_ref(), Some(after)] {
                text.push('\t');
                if let Some(entry) = entry {
                    text.push_str(Entity::TimeEntry(entry.clone()).to_json().as_str());
                }
            }
        }
        text
    }

    /// Reads a stored step; none if it is none.
    pub fn from_text(text: &str) -> Option<Self> {
        let mut parts = text.split('\t');
        let replaced = match parts.next()?.split_once(' ') {
            Some((old, new)) => Some(Replaced { old: old.parse().ok()?, new: new.parse().ok()? }),
            None => None,
        };
        let mut changes = Vec::new();
        while let Some(before) = parts.next() {
            let after = read_entry(parts.next()?)?;
            let before = if before.is_empty() { None } else { Some(read_entry(before)?) };
            changes.push(EntryChange { before, after });
        }
        (!changes.is_empty()).then_some(Self { changes, replaced })
    }

    /// The entries that the act changed.
    pub fn entry_ids(&self) -> impl Iterator<Item = EntryId> {
        self.changes.iter().map(|change| change.after.id)
    }

    /// Whether the act deleted this entry, and no other.
    pub fn deletes(&self, id: EntryId) -> bool {
        matches!(&self.changes[..], [EntryChange { before: Some(before), after }]
            if after.id == id && after.deleted && !before.deleted)
    }

    /// What took the place of what in the act.
    pub const fn replaced(&self) -> Option<Replaced> {
        self.replaced
    }

    /// The step as one in which an entry took the place of another, unless it says so already.
    #[must_use]
    pub fn or_replaced(mut self, replaced: Option<Replaced>) -> Self {
        self.replaced = self.replaced.or(replaced);
        self
    }

    /// Follows an entry whose place another one took.
    pub fn follow(&mut self, replaced: Replaced) {
        for change in &mut self.changes {
            for entry in change.before.iter_mut().chain([&mut change.after]) {
                if entry.id == replaced.old {
                    Arc::make_mut(entry).id = replaced.new;
                }
            }
        }
    }

    /// The events that undo the act in the current state. `new_id` names an entry that takes the
    /// place of one that was stopped.
    ///
    /// # Errors
    /// When something else has changed the same since, or the clock of another entry runs.
    pub fn plan(&self, ledger: &Ledger, new_id: EntryId) -> Result<UndoPlan, UndoError> {
        // What is deleted or ended makes room for what runs again.
        let (mut first, mut last) = (Vec::new(), Vec::new());
        let mut replaced = None;
        let mut runs = None;
        for change in &self.changes {
            let now = ledger.entry(change.after.id).ok_or(UndoError::ChangedSince)?;
            if !change.is_unchanged(now) {
                return Err(UndoError::ChangedSince);
            }
            let reference = TimeEntryRef { time_entry_id: now.id };
            match change.before.as_ref().filter(|before| !before.deleted) {
                None if now.deleted => (),
                None => first.push(Event::DeleteTimeEntry(reference)),
                Some(before) if now.deleted => {
                    if before.stop.is_none() {
                        runs = Some(now.id);
                        last.push(Event::RestoreTimeEntry(reference));
                    } else {
                        first.push(Event::RestoreTimeEntry(reference));
                    }
                }
                Some(before) if before.stop.is_none() && change.after.stop.is_some() => {
                    runs = Some(now.id);
                    replaced = Some(Replaced { old: now.id, new: new_id });
                    first.push(Event::DeleteTimeEntry(reference));
                    last.push(Event::StartClock(started_again(now, new_id)));
                }
                Some(before) => {
                    let changes = fields_changed(before, &change.after);
                    let update = UpdateTimeEntry { time_entry_id: now.id, changes };
                    first.push(Event::UpdateTimeEntry(update));
                }
            }
        }
        let is_stopped = |id: EntryId| self.entry_ids().any(|changed| changed == id);
        if runs.is_some() && ledger.running().is_some_and(|running| !is_stopped(running.id)) {
            return Err(UndoError::AnotherRuns);
        }
        first.append(&mut last);
        if first.is_empty() {
            return Err(UndoError::ChangedSince);
        }
        Ok(UndoPlan { events: first, replaced })
    }
}

impl EntryChange {
    /// Whether the entry still is as the act left it, as far as the act changed it. All of it
    /// counts for an entry that the act created or deleted.
    fn is_unchanged(&self, now: &TimeEntry) -> bool {
        let Self { before, after } = self;
        let Some(before) = before.as_ref().filter(|before| before.deleted == after.deleted) else {
            return is_same(after, now);
        };
        // Without `..`, so that a new field is compared as well. The end follows below.
        let TimeEntryChanges {
            description,
            project_id,
            task_id,
            tag_ids,
            billable,
            started_at,
            stopped_at: _,
        } = fields_changed(before, after);
        now.deleted == after.deleted
            && (description.is_none() || now.description == after.description)
            && (project_id.is_none() || now.project_id == after.project_id)
            && (task_id.is_none() || now.task_id == after.task_id)
            && (tag_ids.is_none() || now.tag_ids == after.tag_ids)
            && (billable.is_none() || now.billable == after.billable)
            && (started_at.is_none() || now.started_at == after.started_at)
            && (end_of(before) == end_of(after) || end_of(now) == end_of(after))
    }
}

fn read_entry(json: &str) -> Option<Arc<TimeEntry>> {
    Entity::from_json("time_entry", json).ok()?.entry().cloned()
}

/// The changes that lead from `after` back to `before`.
fn fields_changed(before: &TimeEntry, after: &TimeEntry) -> TimeEntryChanges {
    fn back<T: Clone + PartialEq>(before: &T, after: &T) -> Option<T> {
        (before != after).then(|| before.clone())
    }
    TimeEntryChanges {
        description: back(&before.description, &after.description),
        project_id: back(&before.project_id, &after.project_id),
        task_id: back(&before.task_id, &after.task_id),
        tag_ids: back(&before.tag_ids, &after.tag_ids),
        billable: back(&before.billable, &after.billable),
        started_at: back(&before.started_at, &after.started_at),
        stopped_at: end_of(before).filter(|_| end_of(before) != end_of(after)),
    }
}

/// When the entry ended. Whether it was ended by the next start makes no difference here.
fn end_of(entry: &TimeEntry) -> Option<Timestamp> {
    entry.stop.map(|stop| stop.at)
}

/// Whether two states of an entry look the same. The zone is that of the device that recorded it:
/// an undo on a journey leaves another one.
fn is_same(one: &TimeEntry, other: &TimeEntry) -> bool {
    let other_end = end_of(other);
    let other = TimeEntry { stop: one.stop, zone: one.zone.clone(), ..other.clone() };
    *one == other && end_of(one) == other_end
}

/// The entry as it is, but running.
fn started_again(entry: &TimeEntry, new_id: EntryId) -> StartClock {
    StartClock {
        time_entry_id: new_id,
        started_at: entry.started_at,
        description: entry.description.clone(),
        project_id: entry.project_id,
        task_id: entry.task_id,
        tag_ids: entry.tag_ids.clone(),
        billable: entry.billable,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::{CreateTimeEntry, SplitTimeEntry, StopClock};
    use crate::event_processor::EventProcessor;
    use crate::time_entry::{Stop, StopBy};
    use crate::{DeviceId, Envelope, EventId, SortedSet, WriterId, Zone};

    const A: EntryId = EntryId::from_bytes([1; 16]);
    const B: EntryId = EntryId::from_bytes([2; 16]);
    const NEW: EntryId = EntryId::from_bytes([9; 16]);

    fn at(minute: i64) -> Timestamp {
        Timestamp::from_ms(1_767_600_000_000 + minute * 60_000).unwrap()
    }

    fn apply(ledger: &mut Ledger, event: Event) {
        apply_in(ledger, event, Zone::utc());
    }

    fn apply_in(ledger: &mut Ledger, event: Event, zone: Zone) {
        let envelope = Envelope {
            id: EventId::from_bytes([0; 16]),
            device_id: DeviceId::from_bytes([0; 16]),
            writer_id: WriterId::from_bytes([0; 16]),
            seq: 1,
            at: at(0),
            recorded_at: at(0),
            zone,
            event,
        };
        EventProcessor::apply(ledger, &envelope).unwrap();
    }

    fn start(id: EntryId, minute: i64) -> Event {
        Event::StartClock(StartClock {
            time_entry_id: id,
            started_at: at(minute),
            description: "tea".to_owned(),
            project_id: None,
            task_id: None,
            tag_ids: SortedSet::default(),
            billable: false,
        })
    }

    fn stop(id: EntryId, minute: i64) -> Event {
        Event::StopClock(StopClock { time_entry_id: id, stopped_at: at(minute) })
    }

    fn add(id: EntryId) -> Event {
        Event::CreateTimeEntry(CreateTimeEntry {
            time_entry_id: id,
            started_at: at(0),
            stopped_at: at(10),
            description: "tea".to_owned(),
            project_id: None,
            task_id: None,
            tag_ids: SortedSet::default(),
            billable: false,
        })
    }

    fn edit(id: EntryId, changes: TimeEntryChanges) -> Event {
        Event::UpdateTimeEntry(UpdateTimeEntry { time_entry_id: id, changes })
    }

    fn describe(id: EntryId, description: &str) -> Event {
        let description = Some(description.to_owned());
        edit(id, TimeEntryChanges { description, ..TimeEntryChanges::default() })
    }

    const fn reference(id: EntryId) -> TimeEntryRef {
        TimeEntryRef { time_entry_id: id }
    }

    /// Applies events as one act.
    fn act(ledger: &mut Ledger, events: Vec<Event>, replaced: Option<Replaced>) -> UndoStep {
        let before = ledger.clone();
        events.into_iter().for_each(|event| apply(ledger, event));
        let step = UndoStep::between(&before, ledger, [A, B, NEW], replaced).unwrap();
        assert_eq!(UndoStep::from_text(&step.to_text()).as_ref(), Some(&step), "as text");
        step
    }

    fn undo(ledger: &mut Ledger, step: &UndoStep) -> UndoStep {
        let plan = step.plan(ledger, NEW).unwrap();
        let undone = act(ledger, plan.events, plan.replaced);
        assert_shows_what_was_before(step, ledger, plan.replaced);
        undone
    }

    #[track_caller]
    fn assert_shows_what_was_before(step: &UndoStep, ledger: &Ledger, replaced: Option<Replaced>) {
        for change in &step.changes {
            let id = change.after.id;
            let id = replaced.filter(|it| it.old == id).map_or(id, |it| it.new);
            let now = ledger.entry(id).and_then(shown);
            assert_eq!(now, change.before.as_ref().and_then(shown), "{step:?}");
        }
    }

    /// What the user sees of an entry, which is nothing of a deleted one.
    fn shown(entry: &Arc<TimeEntry>) -> Option<TimeEntry> {
        let stop = end_of(entry).map(|at| Stop { at, by: StopBy::Explicit });
        let entry = TimeEntry { id: A, zone: Zone::utc(), stop, ..TimeEntry::clone(entry) };
        (!entry.deleted).then_some(entry)
    }

    #[test]
    fn every_act_is_undone_and_done_again() {
        let stopped_at = Some(at(20));
        let split_at = at(5);
        let split = SplitTimeEntry { time_entry_id: A, new_time_entry_id: B, split_at };
        let longer = TimeEntryChanges { stopped_at, ..TimeEntryChanges::default() };
        for (earlier, event) in [
            (vec![], add(A)),
            (vec![add(A)], describe(A, "cake")),
            (vec![add(A)], edit(A, longer)),
            (vec![add(A)], Event::DeleteTimeEntry(reference(A))),
            (
                vec![add(A), Event::DeleteTimeEntry(reference(A))],
                Event::RestoreTimeEntry(reference(A)),
            ),
            (vec![add(A)], Event::SplitTimeEntry(split)),
            (vec![], start(A, 0)),
            (vec![start(A, 0)], start(B, 5)),
            (vec![start(A, 0)], stop(A, 5)),
            (vec![start(A, 0)], Event::DeleteTimeEntry(reference(A))),
        ] {
            let mut ledger = Ledger::default();
            earlier.into_iter().for_each(|event| apply(&mut ledger, event));
            let step = act(&mut ledger, vec![event], None);
            let undone = undo(&mut ledger, &step);
            undo(&mut ledger, &undone);
        }
    }

    #[test]
    fn clock_that_was_stopped_by_mistake_runs_on_since_its_start() {
        let mut ledger = Ledger::default();
        let mut started = act(&mut ledger, vec![start(A, 0)], None);
        let step = act(&mut ledger, vec![stop(A, 5)], None);
        let undone = undo(&mut ledger, &step);
        let running = ledger.running().unwrap();
        assert_eq!((running.id, running.started_at), (NEW, at(0)));
        assert!(ledger.entry(A).unwrap().deleted);
        // The start is undone for the entry that runs now.
        started.follow(undone.replaced().unwrap());
        undo(&mut ledger, &started);
        assert!(ledger.running().is_none());
    }

    #[test]
    fn clock_that_runs_on_keeps_all_that_the_entry_had() {
        let mut ledger = Ledger::default();
        apply(&mut ledger, start(A, 0));
        let changes = TimeEntryChanges {
            description: Some("cake".to_owned()),
            billable: Some(true),
            ..TimeEntryChanges::default()
        };
        apply(&mut ledger, edit(A, changes));
        let before = TimeEntry::clone(ledger.entry(A).unwrap());
        let step = act(&mut ledger, vec![stop(A, 5)], None);
        undo(&mut ledger, &step);
        assert_eq!(**ledger.running().unwrap(), TimeEntry { id: NEW, ..before });
    }

    #[test]
    fn start_is_undone_also_for_an_entry_that_runs_on_in_another_zone() {
        let mut ledger = Ledger::default();
        let mut started = act(&mut ledger, vec![start(A, 0)], None);
        let stopped = act(&mut ledger, vec![stop(A, 5)], None);
        let plan = stopped.plan(&ledger, NEW).unwrap();
        for event in plan.events {
            apply_in(&mut ledger, event, Zone::new("Asia/Tokyo").unwrap());
        }
        assert_shows_what_was_before(&stopped, &ledger, plan.replaced);
        started.follow(plan.replaced.unwrap());
        undo(&mut ledger, &started);
        assert!(ledger.running().is_none());
    }

    #[test]
    fn what_something_else_changed_since_is_not_undone() {
        let mut ledger = Ledger::default();
        let added = act(&mut ledger, vec![add(A)], None);
        let described = act(&mut ledger, vec![describe(A, "cake")], None);
        let is_changed = |step: &UndoStep, ledger: &Ledger| {
            step.plan(ledger, NEW) == Err(UndoError::ChangedSince)
        };
        assert!(is_changed(&added, &ledger));
        let billable = TimeEntryChanges { billable: Some(true), ..TimeEntryChanges::default() };
        apply(&mut ledger, edit(A, billable));
        // Another field does not count.
        assert!(!is_changed(&described, &ledger));
        apply(&mut ledger, describe(A, "pie"));
        assert!(is_changed(&described, &ledger));
        assert!(is_changed(&added, &Ledger::default()));
    }

    #[test]
    fn undone_edit_of_a_running_entry_does_not_start_it_again_once_it_was_stopped() {
        let mut ledger = Ledger::default();
        apply(&mut ledger, start(A, 0));
        let described = act(&mut ledger, vec![describe(A, "cake")], None);
        apply(&mut ledger, stop(A, 5));
        let plan = described.plan(&ledger, NEW).unwrap();
        act(&mut ledger, plan.events, plan.replaced);
        let entry = ledger.entry(A).unwrap();
        assert_eq!((entry.description.as_str(), entry.stop.is_some()), ("tea", true));
    }

    #[test]
    fn clock_does_not_run_again_while_another_one_runs() {
        let mut ledger = Ledger::default();
        apply(&mut ledger, start(A, 0));
        let stopped = act(&mut ledger, vec![stop(A, 5)], None);
        apply(&mut ledger, start(B, 6));
        assert_eq!(stopped.plan(&ledger, NEW), Err(UndoError::AnotherRuns));
    }

    #[test]
    fn text_that_is_no_step_is_refused() {
        for text in ["", "a", "a b", "\t", "\t{}", "\t\t{}"] {
            assert_eq!(UndoStep::from_text(text), None, "{text:?}");
        }
    }

    #[test]
    fn act_that_changes_nothing_is_no_step() {
        let ledger = Ledger::default();
        assert_eq!(UndoStep::between(&ledger, &ledger, [A], None), None);
    }
}
