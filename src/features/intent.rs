//! Everything a user can ask for.

use super::account::AccountIntent;
use super::entries::EntryIntent;
use super::notices::NoticeIntent;
use super::projects::ProjectIntent;
use super::sync_status::SyncIntent;
use super::timer::TimerIntent;
use crate::store::UndoKind;

/// What a user wants, by feature.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Intent {
    Timer(TimerIntent),
    Entry(EntryIntent),
    Project(ProjectIntent),
    Sync(SyncIntent),
    Account(AccountIntent),
    Notice(NoticeIntent),
}

impl Intent {
    /// What the intent means for the history of acts; none if it changes no entries.
    pub const fn undo_kind(&self) -> Option<UndoKind> {
        match self {
            Self::Entry(EntryIntent::Revert { kind, .. }) => Some(*kind),
            Self::Timer(_) | Self::Entry(_) | Self::Project(_) => Some(UndoKind::Act),
            Self::Sync(_) | Self::Account(_) | Self::Notice(_) => None,
        }
    }
}
