//! The sync status in words: the connection, an event, an instant.

use leptos::prelude::*;
use wizitime_domain::{Event, Timestamp, day_of};

use crate::browser;
use crate::browser::clock::BrowserZone;
use crate::features::{SyncBadge, SyncStatus};
use crate::store::slices::connection::SyncError;
use crate::ui::context::{Ui, format_time};
use crate::ui::intl::{DateParts, format_date};
use crate::ui::texts;

/// An event in words, with its subject.
pub(super) fn event_text(event: &Event) -> String {
    let subject = browser::with_core(|core| {
        let entry = |id| {
            let ledger = core.state().ledger.shown();
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
    texts::event_about(texts::event(event), &subject)
}

/// An instant as `14:05`, with the date unless it is today.
pub(super) fn instant_text(ui: Ui, at: Timestamp) -> String {
    let (day, time) = (day_of(at, &BrowserZone), format_time(at));
    if day == ui.clock.today.get() {
        time
    } else {
        format!("{}, {time}", format_date(day, DateParts::Short))
    }
}

/// The state of the connection.
pub(super) fn connection_text(status: &SyncStatus) -> String {
    match status.badge {
        SyncBadge::Guest => texts::NOT_NEEDED.to_owned(),
        SyncBadge::SignIn { .. } => texts::SIGN_IN_TO_SYNC.to_owned(),
        SyncBadge::NotSaved { .. }
        | SyncBadge::Saving { .. }
        | SyncBadge::NeedsAttention { .. }
        | SyncBadge::Waiting { .. }
        | SyncBadge::Syncing { .. }
        | SyncBadge::Offline
        | SyncBadge::Saved => {
            // The device reports a lost network before the connection times out.
            if status.offline {
                texts::NO_NETWORK.to_owned()
            } else if status.joined {
                texts::CONNECTED.to_owned()
            } else if status.failed_connects > 1
                && !matches!(status.error, SyncError::Refused { .. })
            {
                texts::failed_connects(status.failed_connects)
            } else {
                texts::CONNECTING.to_owned()
            }
        }
    }
}
