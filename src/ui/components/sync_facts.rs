//! How syncing stands, in words: the connection, an event, an instant.

use wizitime_domain::{Event, Timestamp, day_of};

use crate::browser;
use crate::browser::clock::BrowserZone;
use crate::features::{SyncBadge, SyncStatus};
use crate::ui::context::Ui;
use crate::ui::intl::{DateParts, date_words};
use crate::ui::text;

/// An event in plain words with what it is about.
pub(super) fn event_words(event: &Event) -> String {
    let about = browser::with_core(|client| {
        let entry = |id| {
            let ledger = client.state().ledger.shown();
            ledger.entry(id).map(|it| it.description.clone()).unwrap_or_default()
        };
        match event {
            Event::StartClock(it) => it.description.clone(),
            Event::StopClock(it) => entry(it.time_entry_id),
            Event::CreateTimeEntry(it) => it.description.clone(),
            Event::UpdateTimeEntry(it) => {
                it.changes.description.clone().unwrap_or_else(|| entry(it.time_entry_id))
            }
            Event::DeleteTimeEntry(it) | Event::RestoreTimeEntry(it) => entry(it.time_entry_id),
            Event::SplitTimeEntry(it) => entry(it.time_entry_id),
            Event::CreateProject(it) => it.name.clone(),
            Event::CreateClient(it) => it.name.clone(),
            Event::CreateTask(it) => it.name.clone(),
            Event::CreateTag(it) => it.name.clone(),
            Event::UpdateProject(it) => it.changes.name.clone().unwrap_or_default(),
            Event::UpdateClient(it) => it.changes.name.clone().unwrap_or_default(),
            Event::UpdateTask(it) => it.changes.name.clone().unwrap_or_default(),
            Event::UpdateTag(it) => it.changes.name.clone().unwrap_or_default(),
            Event::ArchiveProject(_)
            | Event::RestoreProject(_)
            | Event::ArchiveClient(_)
            | Event::RestoreClient(_)
            | Event::ArchiveTask(_)
            | Event::RestoreTask(_)
            | Event::ArchiveTag(_)
            | Event::RestoreTag(_)
            | Event::UpdateSettings(_) => String::new(),
        }
    });
    text::event_about(text::event(event), &about)
}

/// An instant as `14:05`, with its date if that is another day.
pub(super) fn when(ui: Ui, at: Timestamp) -> String {
    let (day, time) = (day_of(at, &BrowserZone), ui.clock_text(at));
    if day == ui.tick.today.get() {
        time
    } else {
        format!("{}, {time}", date_words(day, DateParts::Short))
    }
}

/// The connection.
pub(super) fn connection(status: &SyncStatus) -> String {
    match status.badge {
        SyncBadge::Guest => text::NOT_NEEDED.to_owned(),
        SyncBadge::SignIn { .. } => text::SIGN_IN_TO_SYNC.to_owned(),
        SyncBadge::NotSaved { .. }
        | SyncBadge::Saving { .. }
        | SyncBadge::NeedsAttention { .. }
        | SyncBadge::Waiting { .. }
        | SyncBadge::Syncing { .. }
        | SyncBadge::Offline
        | SyncBadge::Saved => {
            // The device knows sooner than a connection notices that it is gone.
            if status.offline {
                text::NO_NETWORK.to_owned()
            } else if status.joined {
                text::CONNECTED.to_owned()
            } else if status.failed_connects > 1 {
                text::never_opened(status.failed_connects)
            } else {
                text::CONNECTING.to_owned()
            }
        }
    }
}
