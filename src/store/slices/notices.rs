//! What is said to the person: one notice at a time, and the offer of an update.

use wizitime_domain::{EntryId, Rejection};

use crate::store::action::Action;
use crate::store::changes::Changes;

/// How long a notice stays, in milliseconds.
pub const NOTICE_MS: u64 = 10_000;

/// Something to say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Notice {
    /// An entry was deleted; it can be brought back.
    Deleted { entry_id: EntryId },
    /// An intent could not be carried out, and why.
    Refused(Refusal),
    /// Signing out would lose what is not synced yet.
    SignOutRefused { waiting: usize },
}

/// Why an intent cannot be carried out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// The event can never take effect.
    Rejected(Rejection),
    /// The buffer has [`EVENTS_BUFFERED_MAX`](super::events::EVENTS_BUFFERED_MAX) events.
    BufferFull,
    /// No clock is running.
    NothingRuns,
    /// The entity does not exist any more.
    Gone,
}

/// The notices.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Notices {
    pub current: Option<Notice>,
    /// Counts the notices, so that the same one said twice is seen twice.
    pub count: u64,
    /// A newer version of the app is ready to start.
    pub update_ready: bool,
}

impl Notices {
    pub(in crate::store) fn reduce(&mut self, action: &Action, changes: &mut Changes) {
        let before = self.clone();
        #[expect(clippy::wildcard_enum_match_arm, reason = "a slice answers what concerns it")]
        match action {
            Action::Notified(notice) => {
                self.current = Some(notice.clone());
                self.count += 1;
            }
            Action::NoticeDismissed => self.current = None,
            Action::UpdateReady => self.update_ready = true,
            _ => (),
        }
        changes.notices |= *self != before;
    }
}
