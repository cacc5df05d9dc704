//! The sync badge and its dialog.

use wizitime_domain::Event;

use super::changes;
use crate::features::SyncBadge;
use crate::store::slices::connection::SyncError;

pub(crate) const SYNC: &str = "Sync";
pub(crate) const SYNC_NOW: &str = "Sync now";
pub(crate) const EXPORT: &str = "Export";
pub(crate) const RETRY: &str = "Retry";
pub(crate) const EDIT: &str = "Edit";
pub(crate) const DISCARD: &str = "Discard";
pub(crate) const DISCARD_QUESTION: &str = "Give this change up?";
pub(crate) const DISCARD_NO: &str = "Keep it";
pub(crate) const DISCARD_YES: &str = "Discard for good";
pub(crate) const SAVE_AND_RETRY: &str = "Save and retry";
pub(crate) const SIGN_IN_TO_SYNC: &str = "Sign in to sync";
pub(crate) const START_FIELD: &str = "Start";
pub(crate) const END_FIELD: &str = "End";
pub(crate) const NAME: &str = "Name";

/// The text of the badge.
pub(crate) fn badge(attention: SyncBadge) -> String {
    match attention {
        SyncBadge::NotSaved { .. } => "Not saved on this device".to_owned(),
        SyncBadge::Saving { .. } | SyncBadge::Syncing { .. } => "Saving…".to_owned(),
        SyncBadge::NeedsAttention { count: 1 } => "1 change needs you".to_owned(),
        SyncBadge::NeedsAttention { count } => format!("{count} changes need you"),
        SyncBadge::SignIn { .. } => SIGN_IN_TO_SYNC.to_owned(),
        SyncBadge::Guest => "Saved on this device".to_owned(),
        SyncBadge::Waiting { count } => format!("Saved on this device · {count} waiting"),
        SyncBadge::Offline => "Offline · everything is saved".to_owned(),
        SyncBadge::Saved => "Saved".to_owned(),
    }
}

/// The accessible name of the badge.
pub(crate) fn badge_label(attention: SyncBadge) -> String {
    format!("{SYNC}: {}", badge(attention))
}

/// The badge in a sentence or two.
pub(crate) fn badge_explanation(attention: SyncBadge) -> String {
    match attention {
        SyncBadge::NotSaved { count: 0 } => {
            "This browser does not let WiziTime save: its storage is full or blocked. What you \
             track is kept while this page is open. Export it before you close it."
                .to_owned()
        }
        SyncBadge::NotSaved { count } => format!(
            "This browser does not let WiziTime save: its storage is full or blocked. {} only in \
             this page. Export before you close it.",
            if count == 1 { "1 change is".to_owned() } else { format!("{count} changes are") }
        ),
        SyncBadge::Saving { .. } => {
            "What you did last is just being written to this device's disk.".to_owned()
        }
        SyncBadge::NeedsAttention { .. } => {
            "The server cannot take something as it is. It is kept here until you decide; \
             everything else syncs as usual."
                .to_owned()
        }
        SyncBadge::SignIn { .. } => {
            "Your sign-in has ended. Tracking goes on, and everything is kept on this device."
                .to_owned()
        }
        SyncBadge::Guest => {
            "Everything is saved on this device. Sign in to have it on all of your devices."
                .to_owned()
        }
        SyncBadge::Waiting { .. } => {
            "Everything is saved on this device and will be sent as soon as the server answers."
                .to_owned()
        }
        SyncBadge::Syncing { .. } => "Everything is on its way to your account.".to_owned(),
        SyncBadge::Offline => {
            "There is no connection, and nothing waits for one. You can go on as usual.".to_owned()
        }
        SyncBadge::Saved => "Everything is in your account and on this device.".to_owned(),
    }
}

pub(crate) const CONNECTION: &str = "Connection";
pub(crate) const CONNECTED: &str = "Connected";
pub(crate) const NO_NETWORK: &str = "No network";
pub(crate) const CONNECTING: &str = "Not connected; trying again";
pub(crate) const NOT_NEEDED: &str = "Not in use while nobody is signed in";
pub(crate) const LAST_ERROR: &str = "Last problem";

/// So many attempts to connect failed.
pub(crate) fn failed_connects(count: u32) -> String {
    format!("The server could not be reached in {count} attempts; trying again")
}

/// The last error, if any.
pub(crate) fn sync_error(problem: &SyncError) -> Option<String> {
    match problem {
        SyncError::None => None,
        SyncError::NoAnswer => Some("The server did not answer in time.".to_owned()),
        SyncError::ServerTrouble => {
            Some("The server cannot take changes right now. It will be tried again.".to_owned())
        }
        SyncError::AccountFull => {
            Some("Your account on the server is full. New changes stay on this device.".to_owned())
        }
        SyncError::Unreadable { detail } => {
            Some(format!("The server said something that could not be understood: {detail}"))
        }
        SyncError::Refused { reason } => {
            Some(format!("The server refused the connection: {reason}"))
        }
    }
}

pub(crate) const WAITING_TITLE: &str = "Waiting to be sent";
pub(crate) const WAITING_TITLE_GUEST: &str = "Recorded on this device";

/// How many events wait, and since when the oldest.
pub(crate) fn waiting_since(count: usize, since: &str) -> String {
    format!("{}, the oldest since {since}", changes(count))
}

pub(crate) fn and_more(count: usize) -> String {
    format!("and {count} more")
}

pub(crate) const QUARANTINE_TITLE: &str = "Needs you";

pub(crate) const OTHER_FACTS_TITLE: &str = "Also on this device";

pub(crate) fn corrupt(count: usize) -> String {
    let stored = if count == 1 { "stored text" } else { "stored texts" };
    format!("{count} {stored} could not be read and {} set aside. Export contains all.", was(count))
}

pub(crate) fn newer(count: usize) -> String {
    format!("{} made by a newer version, which will send {}.", changes_were(count), it_them(count))
}

pub(crate) fn foreign(count: usize) -> String {
    let verb = if count == 1 { "belongs" } else { "belong" };
    format!("{} {verb} to another account, to be sent when it signs in here.", changes(count))
}

pub(crate) fn superseded(count: usize) -> String {
    format!("{} decided otherwise on another device and had no effect.", changes_were(count))
}

/// The browser has no storage that confirms durable writes.
pub(crate) const NOT_CRASH_SAFE: &str =
    "This browser writes to the disk some seconds late: should it crash, the last minute is lost.";

fn was(count: usize) -> &'static str {
    if count == 1 { "was" } else { "were" }
}

fn it_them(count: usize) -> &'static str {
    if count == 1 { "it" } else { "them" }
}

fn changes_were(count: usize) -> String {
    format!("{} {}", changes(count), was(count))
}

/// An event in words, without its subject.
pub(crate) const fn event(event: &Event) -> &'static str {
    match event {
        Event::StartClock(_) => "Clock started",
        Event::StopClock(_) => "Clock stopped",
        Event::CreateTimeEntry(_) => "Entry added",
        Event::UpdateTimeEntry(_) => "Entry changed",
        Event::DeleteTimeEntry(_) => "Entry deleted",
        Event::RestoreTimeEntry(_) => "Entry restored",
        Event::SplitTimeEntry(_) => "Entry split",
        Event::CreateProject(_) => "Project created",
        Event::UpdateProject(_) => "Project changed",
        Event::ArchiveProject(_) => "Project archived",
        Event::RestoreProject(_) => "Project restored",
        Event::CreateClient(_) => "Client created",
        Event::UpdateClient(_) => "Client changed",
        Event::ArchiveClient(_) => "Client archived",
        Event::RestoreClient(_) => "Client restored",
        Event::CreateTask(_) => "Task created",
        Event::UpdateTask(_) => "Task changed",
        Event::ArchiveTask(_) => "Task archived",
        Event::RestoreTask(_) => "Task restored",
        Event::CreateTag(_) => "Tag created",
        Event::UpdateTag(_) => "Tag changed",
        Event::ArchiveTag(_) => "Tag archived",
        Event::RestoreTag(_) => "Tag restored",
        Event::UpdateSettings(_) => "Settings changed",
    }
}

/// An event with its subject.
pub(crate) fn event_about(name: &str, subject: &str) -> String {
    if subject.is_empty() { name.to_owned() } else { format!("{name} · {subject}") }
}
