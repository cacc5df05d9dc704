//! The connection to the server as the user sees it.

use wizitime_domain::EpochId;
use wizitime_protocol::messages::Reason;

use crate::store::action::{
    Action, PageAction, PageEvent, ServerAction, SessionAction, SyncAction,
};
use crate::store::changes::Changes;

/// The result of the last attempt to sync.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum SyncError {
    #[default]
    None,
    /// The server did not reply in time.
    NoAnswer,
    /// The server replied that it cannot take events now.
    ServerTrouble,
    /// The account's log on the server is full.
    AccountFull,
    /// A message of the server could not be read.
    Unreadable { detail: String },
    /// The server refused the join, or every page of this address.
    Refused { reason: String },
}

/// The connection.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Connection {
    /// Whether the channel is joined.
    pub joined: bool,
    /// The epoch of the server's log at the last join.
    pub epoch: Option<EpochId>,
    /// Whether the device reports that there is no network at all.
    pub offline: bool,
    /// Connection attempts in a row that never opened.
    pub failed_connects: u32,
    pub error: SyncError,
    /// Accepted events that had no effect, since the tab started.
    pub superseded_count: usize,
    /// A `BULK_EVENT` is in flight.
    pub syncing: bool,
}

impl Connection {
    pub(in crate::store) fn reduce(&mut self, action: &Action, changes: &mut Changes) {
        let before = self.clone();
        match action {
            Action::Server(action) => self.reduce_server(action),
            // The rejected event is shown in the quarantine; the server works.
            Action::Sync(SyncAction::Quarantined(_)) => self.error = SyncError::None,
            Action::Page(PageAction::Event(PageEvent::Online)) => self.offline = false,
            Action::Page(PageAction::Event(PageEvent::Offline)) => self.offline = true,
            Action::Session(action) => self.reduce_session(action),
            Action::Local(_)
            | Action::Sync(
                SyncAction::Acknowledged { .. }
                | SyncAction::Requeued { .. }
                | SyncAction::Confirmed(_)
                | SyncAction::Synced { .. }
                | SyncAction::Archived { .. }
                | SyncAction::RestoreResent { .. },
            )
            | Action::Storage(_)
            | Action::Peer(_)
            | Action::Page(
                PageAction::Event(PageEvent::Visible)
                | PageAction::ZoneChanged(_)
                | PageAction::ClockTurnedBack { .. }
                | PageAction::UpdateReady
                | PageAction::TimerFired,
            ) => (),
        }
        changes.sync |= *self != before;
    }

    fn reduce_server(&mut self, action: &ServerAction) {
        match action {
            ServerAction::Joined(reply) => {
                self.joined = true;
                self.epoch = Some(reply.epoch);
                self.offline = false;
                self.failed_connects = 0;
                self.error = SyncError::None;
            }
            ServerAction::JoinRefused { reason } => {
                self.joined = false;
                self.error = SyncError::Refused { reason: reason.clone() };
            }
            ServerAction::ConnectionLost { failed_connects } => self.lost(*failed_connects),
            ServerAction::PushBulkEvent { .. } => self.syncing = true,
            ServerAction::BulkEventAccepted(reply) => {
                self.syncing = false;
                self.error = SyncError::None;
                self.offline = false;
                self.superseded_count += reply.superseded.len();
            }
            ServerAction::BulkEventRefused(error) => {
                self.syncing = false;
                self.error = match error.reason {
                    Reason::Quota => SyncError::AccountFull,
                    Reason::Rejected
                    | Reason::Malformed
                    | Reason::TooLarge
                    | Reason::TooFast
                    | Reason::Unavailable
                    | Reason::Internal
                    | Reason::UnknownEvent
                    | Reason::Other => SyncError::ServerTrouble,
                };
            }
            ServerAction::BulkEventUnknown => {
                self.syncing = false;
                self.error = SyncError::NoAnswer;
            }
            ServerAction::ChangesPageFailed => self.error = SyncError::NoAnswer,
            ServerAction::BadMessage { detail } => {
                self.error = SyncError::Unreadable { detail: detail.clone() };
            }
            ServerAction::PushChangesRequest { .. }
            | ServerAction::ChangesPage(_)
            | ServerAction::Broadcast { .. }
            | ServerAction::ClockMeasured { .. } => (),
        }
    }

    fn reduce_session(&mut self, action: &SessionAction) {
        match action {
            SessionAction::SignedIn { .. } | SessionAction::SignedOut => *self = Self::default(),
            SessionAction::Expired { .. } => self.lost(0),
            SessionAction::SigningIn
            | SessionAction::SignInFailed(_)
            | SessionAction::OwnerChanged { .. } => (),
        }
    }

    const fn lost(&mut self, failed_connects: u32) {
        self.joined = false;
        self.syncing = false;
        self.failed_connects = failed_connects;
    }
}
