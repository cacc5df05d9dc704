//! The state of a tab.

use super::action::Action;
use super::changes::Changes;
use super::slices::connection::Connection;
use super::slices::device::Device;
use super::slices::events::Events;
use super::slices::ledger::LedgerSlice;
use super::slices::notices::Notices;
use super::slices::session::Session;

/// The state, one field per slice.
#[derive(Clone, Debug)]
pub struct State {
    /// This device and tab, and its clock.
    pub device: Device,
    /// The sign-in state.
    pub session: Session,
    /// The buffer.
    pub events: Events,
    /// Confirmed data, and the shown data.
    pub ledger: LedgerSlice,
    /// The connection as the user sees it.
    pub connection: Connection,
    /// Notices to the user.
    pub notices: Notices,
}

impl State {
    /// Reduces an action in every slice. Later slices see the result of earlier ones.
    pub(super) fn reduce(&mut self, action: &Action, changes: &mut Changes) {
        self.device.reduce(action, changes);
        self.session.reduce(action, changes);
        self.events.reduce(action, changes);
        self.ledger.reduce(action, &self.events, changes);
        self.connection.reduce(action, changes);
        self.notices.reduce(action, changes);
        if self.ledger.shown().running().is_none() {
            self.device.drop_assumed_offset();
        }
    }
}
