//! How the connection is, as a person would ask.

use wizitime_domain::EpochId;

use crate::store::action::Action;
use crate::store::changes::Changes;

/// What became of the last attempt to sync.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum SyncError {
    #[default]
    None,
    /// The server did not answer in time.
    NoAnswer,
    /// The server answered that it cannot take events now.
    ServerTrouble,
    /// What the server said could not be understood.
    Unreadable { detail: String },
    /// The channel was refused.
    Refused { reason: String },
}

/// The link to the server.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Link {
    /// Whether the channel is joined.
    pub joined: bool,
    /// The server's log at the last join.
    pub epoch: Option<EpochId>,
    /// Whether the device says that there is no network at all.
    pub offline: bool,
    /// Connections in a row that never opened.
    pub failed_connects: u32,
    pub error: SyncError,
    /// Accepted events that had no effect, since the tab started.
    pub superseded_count: usize,
    /// A BULK_EVENT is on its way.
    pub syncing: bool,
}

impl Link {
    pub(in crate::store) fn reduce(&mut self, action: &Action, changes: &mut Changes) {
        let before = self.clone();
        #[expect(clippy::wildcard_enum_match_arm, reason = "a slice answers what concerns it")]
        match action {
            Action::ChannelJoined(reply) => {
                self.joined = true;
                self.epoch = Some(reply.epoch);
                self.offline = false;
                self.failed_connects = 0;
                self.error = SyncError::None;
            }
            Action::ChannelRefused { reason } => {
                self.joined = false;
                self.error = SyncError::Refused { reason: reason.clone() };
            }
            Action::LinkLost { failed_connects } => {
                self.joined = false;
                self.syncing = false;
                self.failed_connects = *failed_connects;
            }
            Action::SocketBulkPush { .. } => self.syncing = true,
            Action::BulkOk(reply) => {
                self.syncing = false;
                self.error = SyncError::None;
                self.offline = false;
                self.superseded_count += reply.superseded.len();
            }
            Action::BulkError(_) => {
                self.syncing = false;
                self.error = SyncError::ServerTrouble;
            }
            // Not the server's trouble but one event's: the quarantine tells of it.
            Action::Quarantined(_) => self.error = SyncError::None,
            Action::BulkTimeout => {
                self.syncing = false;
                self.error = SyncError::NoAnswer;
            }
            Action::LatestFailed => self.error = SyncError::NoAnswer,
            Action::BadMessage { detail } => {
                self.error = SyncError::Unreadable { detail: detail.clone() };
            }
            Action::Page(crate::app::input::PageEvent::Online) => self.offline = false,
            Action::Page(crate::app::input::PageEvent::Offline) => self.offline = true,
            Action::SignedIn { .. } | Action::SignedOut => *self = Self::default(),
            _ => (),
        }
        changes.sync |= *self != before;
    }
}
