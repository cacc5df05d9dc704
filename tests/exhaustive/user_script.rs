//! The script of the user: one action after the other, each in any tab.

use wizitime::app::Core;
use wizitime::features::{EntryIntent, Intent, TimerIntent};
use wizitime_domain::{EntryId, TimeEntryChanges};

/// An action. It is possible only where the screen shows what it needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum UserAction {
    Start,
    Stop,
    Edit,
    Delete,
}

/// The most events of a script.
pub(crate) const EVENTS_MAX: usize = 4;

const SCRIPTS: [[UserAction; EVENTS_MAX]; 3] = [
    [UserAction::Start, UserAction::Stop, UserAction::Start, UserAction::Edit],
    [UserAction::Start, UserAction::Start, UserAction::Edit, UserAction::Stop],
    [UserAction::Start, UserAction::Edit, UserAction::Delete, UserAction::Start],
];

/// The beginnings of all scripts, so many events long.
pub(crate) fn scripts(events: usize) -> Vec<Vec<UserAction>> {
    let mut scripts: Vec<Vec<UserAction>> = Vec::new();
    for script in SCRIPTS {
        let script = script[..events.min(EVENTS_MAX)].to_vec();
        if !scripts.contains(&script) {
            scripts.push(script);
        }
    }
    scripts
}

impl UserAction {
    /// The intent of the `count`-th action in this tab; `None` if it is not possible.
    pub(crate) fn intent(self, client: &Core, count: usize) -> Option<Intent> {
        let shown = client.state().ledger.shown();
        let newest: Option<EntryId> =
            shown.entries().filter(|entry| !entry.deleted).map(|entry| entry.id).next_back();
        match self {
            Self::Start => Some(Intent::Timer(TimerIntent::Start {
                description: format!("work {count}"),
                project_id: None,
                started_at: None,
            })),
            Self::Stop => shown.running().map(|_| Intent::Timer(TimerIntent::Stop)),
            Self::Edit => newest.map(|entry_id| {
                let description = Some(format!("edited {count}"));
                let changes = TimeEntryChanges { description, ..TimeEntryChanges::default() };
                Intent::Entry(EntryIntent::Edit { entry_id, changes: Box::new(changes) })
            }),
            Self::Delete => newest.map(|entry_id| Intent::Entry(EntryIntent::Delete { entry_id })),
        }
    }
}
