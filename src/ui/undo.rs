//! Undo and redo, and what becomes of the history when another user comes.

use std::cell::Cell;

use leptos::prelude::request_animation_frame;
use wizitime_domain::EntryId;

use super::store::owner;
use crate::browser::{self, undo_storage};
use crate::features::undo::UndoHistory;
use crate::features::{EntryIntent, Intent};
use crate::store::UndoKind;
use crate::store::record::Owner;
use crate::store::slices::notices::{Notice, Refusal};

thread_local! {
    static OWNER: Cell<Owner> = const { Cell::new(Owner::Guest) };
}

/// Follows the user from now on.
pub(crate) fn start() {
    OWNER.set(owner());
    // Among thousands of events it takes a moment, which the start has not.
    request_animation_frame(clean_up);
    browser::subscribe(|changes, _| {
        if changes.session {
            follow_owner();
        }
    });
}

/// Undoes the latest act on this device, or does the one again that was undone last.
pub(crate) fn undo(kind: UndoKind) {
    let is_redo = kind == UndoKind::Redo;
    let owner = owner();
    let Some(step) = undo_storage::load(owner).next(is_redo).cloned() else { return };
    let step = Box::new(step);
    if browser::try_dispatch(Intent::Entry(EntryIntent::Revert { step, kind })) {
        return;
    }
    // What is in its way may never go; the act before it can still be undone.
    let is_full = browser::with_core(|core| {
        core.state().notices.current == Some(Notice::Refused(Refusal::BufferFull))
    });
    if !is_full {
        let mut history = undo_storage::load(owner);
        history.forget(is_redo);
        undo_storage::store(owner, &mut history);
    }
}

/// Restores a deleted entry: undoes its deletion if that is the latest act.
pub(crate) fn restore(entry_id: EntryId) {
    if undo_storage::load(owner()).has_just_deleted(entry_id) {
        undo(UndoKind::Undo);
    } else {
        browser::dispatch(Intent::Entry(EntryIntent::Restore { entry_id }));
    }
}

/// Removes what other users did on this device.
fn clean_up() {
    undo_storage::remove_surplus(owner());
}

/// The acts of a guest come along, as the entries do. Those of a user are removed, as the drafts.
fn follow_owner() {
    let (before, now) = (OWNER.get(), owner());
    if before == now {
        return;
    }
    OWNER.set(now);
    if before == Owner::Guest {
        let mut history = undo_storage::load(before);
        // Another tab may have taken it along already, and the user done more since.
        if history != UndoHistory::default() {
            history.append(undo_storage::load(now));
            undo_storage::store(now, &mut history);
        }
        undo_storage::remove(before);
    }
    clean_up();
}
