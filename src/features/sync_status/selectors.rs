//! Selectors of the sync status.

use wizitime_domain::Timestamp;

use crate::store::State;
use crate::store::slices::connection::SyncError;
use crate::store::slices::events::DurableCopy;

/// The sync badge: what needs the user's attention most.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SyncBadge {
    /// This many events exist only in this tab's memory.
    NotSaved { count: usize },
    /// This many events are being written to disk.
    Saving { count: usize },
    /// This many events are quarantined.
    NeedsAttention { count: usize },
    /// The token was refused: recording goes on, syncing needs a sign-in.
    SignIn { waiting: usize },
    /// No account is signed in: everything stays on this device.
    Guest,
    /// This many events are saved here and wait for the server.
    Waiting { count: usize },
    /// This many events are being sent.
    Syncing { count: usize },
    /// There is no connection, and nothing waits.
    Offline,
    /// Everything is on the server.
    Saved,
}

/// The badge and the details in the sync dialog.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SyncStatus {
    pub badge: SyncBadge,
    pub waiting: usize,
    /// When the oldest waiting event was recorded, by the server's clock.
    pub waiting_since: Option<Timestamp>,
    pub quarantined: usize,
    pub joined: bool,
    /// The device reports that there is no network.
    pub offline: bool,
    /// Connection attempts in a row that never opened.
    pub failed_connects: u32,
    pub error: SyncError,
    /// Stored texts that cannot be read.
    pub corrupt: usize,
    /// Events that only a newer version understands; its tabs send them.
    pub newer: usize,
    /// Events of other accounts on this device.
    pub foreign: usize,
    /// Accepted events that had no effect.
    pub superseded: usize,
    /// Whether saved events survive a crash of the browser at once, and not some seconds later.
    pub crash_safe: bool,
}

/// The sync status.
pub fn select_status(state: &State) -> SyncStatus {
    let (events, connection) = (&state.events, &state.connection);
    SyncStatus {
        badge: select_badge(state),
        waiting: events.waiting_count(),
        waiting_since: events.waiting().map(|event| event.envelope.at).min(),
        quarantined: events.quarantined_count(),
        joined: connection.joined,
        offline: connection.offline,
        failed_connects: connection.failed_connects,
        error: connection.error.clone(),
        corrupt: events.corrupt_count,
        newer: events.newer_count(),
        foreign: events.foreign_count(),
        superseded: connection.superseded_count,
        crash_safe: events.durable_copy() != DurableCopy::Unavailable,
    }
}

/// The sync badge. Costs the same however many events are buffered.
pub fn select_badge(state: &State) -> SyncBadge {
    let (events, connection) = (&state.events, &state.connection);
    let count = events.waiting_count();
    let is_durable = events.durable_copy() != DurableCopy::Unavailable;
    if events.unstored_count() > 0 || events.storage_refused {
        return SyncBadge::NotSaved { count: events.unstored_count() };
    }
    if is_durable && events.not_durable_count() > 0 {
        return SyncBadge::Saving { count: events.not_durable_count() };
    }
    if events.quarantined_count() > 0 {
        return SyncBadge::NeedsAttention { count: events.quarantined_count() };
    }
    match state.session.account() {
        None => SyncBadge::Guest,
        Some(account) if account.expired => SyncBadge::SignIn { waiting: count },
        Some(_) if count == 0 && connection.joined => SyncBadge::Saved,
        Some(_) if count == 0 => SyncBadge::Offline,
        // Without a network nothing is being sent, even if the connection has not noticed yet.
        Some(_) if connection.offline || !connection.joined => SyncBadge::Waiting { count },
        Some(_) if connection.error != SyncError::None => SyncBadge::Waiting { count },
        Some(_) => SyncBadge::Syncing { count },
    }
}
