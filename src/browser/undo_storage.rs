//! Where the history of acts is stored: localStorage, under one key for each user. It is read and
//! written with every act, so that all tabs share it and the start does not wait for it.

use wizitime_domain::UndoStep;

use super::inbox::report;
use super::local_storage;
use crate::features::undo::{UNDO_PREFIX, UndoHistory, is_surplus_undo_key, undo_key};
use crate::store::UndoKind;
use crate::store::record::Owner;

/// The history of a user.
pub fn load(owner: Owner) -> UndoHistory {
    let text = local_storage::read(&undo_key(owner));
    text.map(|text| UndoHistory::from_text(&text)).unwrap_or_default()
}

/// Stores the history of a user. Without space for it there is none: in the one before, an act
/// that is not the latest would be undone next.
pub fn store(owner: Owner, history: &mut UndoHistory) {
    if let Err(error) = local_storage::store(&undo_key(owner), &history.to_text()) {
        remove(owner);
        report("the history of acts could not be stored", &error);
    }
}

/// Removes the history of a user.
pub fn remove(owner: Owner) {
    local_storage::remove(&undo_key(owner));
}

/// Removes the histories that are neither of this user nor of a guest.
pub fn remove_surplus(owner: Owner) {
    for (key, _) in local_storage::all_below(UNDO_PREFIX) {
        if is_surplus_undo_key(&key, owner) {
            local_storage::remove(&key);
        }
    }
}

/// Remembers an act.
pub(super) fn remember(owner: Owner, step: UndoStep, kind: UndoKind) {
    let mut history = load(owner);
    history.remember(step, kind);
    store(owner, &mut history);
}
