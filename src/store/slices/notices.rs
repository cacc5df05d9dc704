//! Notices: one at a time, and the offered update.

use wizitime_domain::{EntryId, Rejection, UndoError};

use crate::store::action::{Action, LocalAction, PageAction};
use crate::store::changes::Changes;

/// Why an intent is not carried out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// The event can never be valid.
    Rejected(Rejection),
    /// The buffer is full.
    BufferFull,
    /// No clock is running.
    NothingRuns,
    /// The entity does not exist any more.
    Gone,
    /// The act cannot be undone, or done again.
    CannotUndo(UndoError),
}

/// A message to the user.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Notice {
    /// Entries were deleted in this tab, the last one latest; they can be restored one by one.
    Deleted { entry_ids: Vec<EntryId> },
    /// An act was undone, or done again.
    Reverted { is_redo: bool },
    /// An intent was refused.
    Refused(Refusal),
    /// Signing out would lose unsynced events.
    SignOutRefused { waiting: usize },
}

/// The notices.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Notices {
    pub current: Option<Notice>,
    /// Counts the notices, so that the same one is shown again when it comes again.
    pub count: u64,
    /// A newer version of the app is ready to start.
    pub update_ready: bool,
}

impl Notices {
    pub(in crate::store) fn reduce(&mut self, action: &Action, changes: &mut Changes) {
        let before = self.clone();
        match action {
            Action::Local(LocalAction::Notified(notice)) => {
                self.current = Some(notice.clone());
                self.count += 1;
            }
            Action::Local(LocalAction::NoticeDismissed) => self.current = None,
            Action::Page(PageAction::UpdateReady) => self.update_ready = true,
            Action::Local(
                LocalAction::Recorded(_)
                | LocalAction::Discarded { .. }
                | LocalAction::SyncRequested,
            )
            | Action::Server(_)
            | Action::Sync(_)
            | Action::Storage(_)
            | Action::Session(_)
            | Action::Peer(_)
            | Action::Page(
                PageAction::Event(_)
                | PageAction::ZoneChanged(_)
                | PageAction::ClockTurnedBack { .. }
                | PageAction::TimerFired,
            ) => (),
        }
        changes.notices |= *self != before;
    }
}
