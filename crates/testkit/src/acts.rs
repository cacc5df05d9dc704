//! P11: what each act of a device changed on the screen, and whether undoing it changes that back.
//!
//! Entries are compared as a whole, field by field as JSON, by nothing that the product undoes acts
//! with: a fault there must not hide itself.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde_json::{Map, Value};
use wizitime::store::UndoKind;
use wizitime::store::slices::notices::Refusal;
use wizitime_domain::{EntryId, Ledger, TimeEntry, UndoError};

use crate::invariants::Check;

/// The acts of a device that can be undone and done again, the latest last.
#[derive(Debug, Default)]
pub struct Acts {
    undo: Vec<Act>,
    redo: Vec<Act>,
}

/// The entries that an act changed.
#[derive(Debug)]
struct Act {
    changes: BTreeMap<EntryId, Change>,
    replaced: Option<Replaced>,
}

/// What was shown of an entry before and after an act.
#[derive(Debug)]
struct Change {
    before: Option<Arc<TimeEntry>>,
    after: Option<Arc<TimeEntry>>,
}

/// No event starts an entry again: undoing a stop deletes the entry and starts one like it.
#[derive(Clone, Copy, Debug)]
struct Replaced {
    old: EntryId,
    new: EntryId,
}

type Fields = Map<String, Value>;

impl Acts {
    /// How many acts can be undone, or done again.
    pub const fn count(&self, is_redo: bool) -> usize {
        if is_redo { self.redo.len() } else { self.undo.len() }
    }

    /// Adds an act between two states of the screen. One that reverts another is checked.
    pub(crate) fn remember(&mut self, kind: UndoKind, before: &Ledger, after: &Ledger) -> Check {
        let reverted = match kind {
            UndoKind::Act => {
                self.redo.clear();
                None
            }
            UndoKind::Undo => Some(self.undo.pop()),
            UndoKind::Redo => Some(self.redo.pop()),
        };
        let mut replaced = None;
        if let Some(reverted) = reverted {
            let reverted = reverted.ok_or("P11: an act was reverted that was not remembered")?;
            let new = reverted.check_reverted(before, after)?;
            // The entry whose place was taken has it back.
            let old = reverted.replaced.map(|it| Replaced { old: it.new, new: it.old });
            for replaced in [old, new].into_iter().flatten() {
                self.undo.iter_mut().chain(&mut self.redo).for_each(|act| act.follow(replaced));
            }
            replaced = new.or(old);
        }
        let act = Act { changes: changes(before, after), replaced };
        match kind {
            UndoKind::Act | UndoKind::Redo => self.undo.push(act),
            UndoKind::Undo => self.redo.push(act),
        }
        Ok(())
    }

    /// The latest act cannot be reverted. "Undo restores what was visible before, or says why it
    /// cannot": the reason has to be true of one of the states that the tab had meanwhile.
    pub fn refuse(&mut self, is_redo: bool, refusal: &Refusal, shown: &[Ledger]) -> Check {
        let act = if is_redo { self.redo.pop() } else { self.undo.pop() };
        let act = act.ok_or("P11: an act was refused that was not remembered")?;
        let is_true = |shown: &Ledger| match refusal {
            Refusal::CannotUndo(UndoError::AnotherRuns) => {
                let mut running = shown.entries().filter(|entry| entry.is_running());
                running.any(|entry| !act.changes.contains_key(&entry.id))
            }
            Refusal::CannotUndo(UndoError::ChangedSince) => act.was_changed(shown),
            Refusal::Rejected(_) | Refusal::BufferFull => true,
            Refusal::NothingRuns | Refusal::Gone => false,
        };
        match shown.iter().any(is_true) {
            true => Ok(()),
            false => Err(format!("P11: {refusal:?} is no reason not to revert {act:?}")),
        }
    }
}

impl Act {
    /// Whether anything that the act changed has another value now.
    fn was_changed(&self, now: &Ledger) -> bool {
        self.changes.iter().any(|(id, change)| {
            let now = now.entry(*id);
            match (shown(change.before.as_ref()), shown(change.after.as_ref())) {
                (Some(before), Some(after)) => shown(now).is_none_or(|now| {
                    names([&before, &after, &now]).into_iter().any(|name| {
                        let after = after.get(name);
                        before.get(name) != after && now.get(name) != after
                    })
                }),
                (_, None) | (None, _) => now.map(fields) != change.after.as_ref().map(fields),
            }
        })
    }

    /// Whether this act is reverted between two states of the screen: what it changed is as it was
    /// before the act, and everything else stayed. Returns which entry took the place of another.
    fn check_reverted(&self, now: &Ledger, then: &Ledger) -> Result<Option<Replaced>, String> {
        if self.was_changed(now) {
            return Err(format!("P11: {self:?} is reverted, but was changed since"));
        }
        let mut created = then.entries().filter(|entry| now.entry(entry.id).is_none());
        let mut replaced = None;
        for (id, change) in &self.changes {
            let (now, mut restored) = (shown(now.entry(*id)), shown(then.entry(*id)));
            let before = shown(change.before.as_ref());
            let after = shown(change.after.as_ref());
            let expected = match (before, after, &now) {
                (Some(before), Some(after), Some(now)) => {
                    if before["stop"].is_null() && !after["stop"].is_null() {
                        if restored.is_some() {
                            return Err(format!("P11: {id} was stopped and is not replaced"));
                        }
                        let entry = created.next();
                        replaced = entry.map(|it| Replaced { old: *id, new: it.id });
                        restored = shown(entry);
                    }
                    let back = |name: &String| {
                        let is_changed = before.get(name) != after.get(name);
                        let value = if is_changed { before.get(name) } else { now.get(name) };
                        Some((name.clone(), value?.clone()))
                    };
                    let names = names([&before, &after, now]);
                    Some(names.into_iter().filter_map(back).collect())
                }
                (before, ..) => before,
            };
            if restored != expected {
                return Err(format!("P11: reverting {change:?} shows {restored:?}"));
            }
        }
        let is_of_act =
            |id: EntryId| self.changes.contains_key(&id) || replaced.is_some_and(|it| it.new == id);
        match changes(now, then).into_iter().find(|(id, _)| !is_of_act(*id)) {
            Some((id, change)) => Err(format!("P11: reverting {self:?} makes {id} {change:?}")),
            None => Ok(replaced),
        }
    }

    /// Another entry took the place of one.
    fn follow(&mut self, Replaced { old, new }: Replaced) {
        if let Some(change) = self.changes.remove(&old) {
            self.changes.insert(new, change);
        }
    }
}

/// The entries that differ between two states.
fn changes(before: &Ledger, after: &Ledger) -> BTreeMap<EntryId, Change> {
    let ids: BTreeSet<EntryId> =
        before.entries().chain(after.entries()).map(|entry| entry.id).collect();
    let change = |id: EntryId| {
        let (before, after) = (before.entry(id), after.entry(id));
        let change = Change { before: before.cloned(), after: after.cloned() };
        (before != after).then_some((id, change))
    };
    ids.into_iter().filter_map(change).collect()
}

/// What the screen shows of an entry: nothing if it is deleted.
fn shown(entry: Option<&Arc<TimeEntry>>) -> Option<Fields> {
    entry.filter(|entry| !entry.deleted).map(fields)
}

/// The names of all fields: one without a value may be missing.
fn names(all: [&Fields; 3]) -> BTreeSet<&String> {
    all.into_iter().flat_map(Fields::keys).collect()
}

/// All that must come back: not the id, nor the zone, which is that of the device where the entry
/// was started last, nor whether the user or the next start ended it.
fn fields(entry: &Arc<TimeEntry>) -> Fields {
    let value = serde_json::to_value(&**entry).expect("an entry is JSON");
    let Value::Object(mut fields) = value else { panic!("an entry is an object") };
    for name in ["id", "zone"] {
        fields.remove(name).expect("every entry has it");
    }
    let stop = fields.get_mut("stop").expect("every entry has it");
    if let Some(at) = stop.get("at").cloned() {
        *stop = at;
    }
    fields
}
