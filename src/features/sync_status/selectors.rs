//! The one sentence of the sync badge, as a value.

use crate::store::State;
use crate::store::slices::events::DurableCopy;
use crate::store::slices::link::SyncError;

/// What needs the person's attention most.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SyncBadge {
    /// This many events exist only in this tab's memory.
    NotSaved { count: usize },
    /// This many events are about to be on this device's disk.
    Saving { count: usize },
    /// This many changes were set aside.
    NeedsAttention { count: usize },
    /// The token was refused: recording goes on, syncing needs a sign-in.
    SignIn { waiting: usize },
    /// A guest: everything stays on this device.
    Guest,
    /// Saved here; this many wait for the server.
    Waiting { count: usize },
    /// On its way to the server.
    Syncing { count: usize },
    /// There is no connection, and nothing waits.
    Offline,
    /// Everything is on the server.
    Saved,
}

/// What the badge and its panel say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SyncStatus {
    pub badge: SyncBadge,
    pub waiting: usize,
    /// When the oldest waiting event was recorded, by the server's clock.
    pub waiting_since: Option<wizitime_domain::Timestamp>,
    pub quarantined: usize,
    pub joined: bool,
    /// The device says that there is no network.
    pub offline: bool,
    /// Connections in a row that never opened.
    pub failed_connects: u32,
    pub error: SyncError,
    /// Stored texts that could not be read and were set aside.
    pub corrupt: usize,
    /// Events of a newer version, for its tabs to send.
    pub newer: usize,
    /// Events of other accounts on this device.
    pub foreign: usize,
    /// Accepted changes that had no effect.
    pub superseded: usize,
    /// Whether what is saved here outlives a crash of the browser at once, and not some seconds
    /// later.
    pub crash_safe: bool,
}

/// How syncing stands.
pub fn select_status(state: &State) -> SyncStatus {
    let (events, link) = (&state.events, &state.link);
    let waiting = events.waiting_count();
    let quarantined = events.quarantined_count();
    let badge = if events.unstored_count() > 0 || events.storage_refused {
        SyncBadge::NotSaved { count: events.unstored_count() }
    } else if events.durable_copy() != DurableCopy::Unavailable && events.not_durable_count() > 0 {
        SyncBadge::Saving { count: events.not_durable_count() }
    } else if quarantined > 0 {
        SyncBadge::NeedsAttention { count: quarantined }
    } else {
        match state.session.account() {
            None => SyncBadge::Guest,
            Some(account) if account.expired => SyncBadge::SignIn { waiting },
            // Without a network nothing is on its way, even if the link has not noticed yet.
            Some(_) if waiting > 0 && (link.offline || !link.joined) => {
                SyncBadge::Waiting { count: waiting }
            }
            Some(_) if !link.joined => SyncBadge::Offline,
            Some(_) if waiting > 0 && link.error != SyncError::None => {
                SyncBadge::Waiting { count: waiting }
            }
            Some(_) if waiting > 0 => SyncBadge::Syncing { count: waiting },
            Some(_) => SyncBadge::Saved,
        }
    };
    SyncStatus {
        badge,
        waiting,
        waiting_since: events.waiting().map(|record| record.envelope.at).min(),
        quarantined,
        joined: link.joined,
        offline: link.offline,
        failed_connects: link.failed_connects,
        error: link.error.clone(),
        corrupt: events.corrupt_count,
        newer: events.newer_count(),
        foreign: events.foreign_count(),
        superseded: link.superseded_count,
        crash_safe: events.durable_copy() != DurableCopy::Unavailable,
    }
}
