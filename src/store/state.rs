//! All that the client knows.

use super::action::Action;
use super::changes::Changes;
use super::slices::device::Device;
use super::slices::events::Events;
use super::slices::ledger::LedgerSlice;
use super::slices::link::Link;
use super::slices::notices::Notices;
use super::slices::session::Session;

/// The state, one field for each slice.
#[derive(Clone, Debug)]
pub struct State {
    /// This device and tab, and its clock.
    pub device: Device,
    /// Who is signed in.
    pub session: Session,
    /// The buffer: what was recorded and is not yet part of the confirmed data.
    pub events: Events,
    /// What the server confirmed, and what is shown.
    pub ledger: LedgerSlice,
    /// How the connection is, as a person would ask.
    pub link: Link,
    /// What is said to the person.
    pub notices: Notices,
}

impl State {
    /// Gives the action to every slice. Later slices see what earlier ones did with it.
    pub(super) fn reduce(&mut self, action: &Action, changes: &mut Changes) {
        self.device.reduce(action, changes);
        self.session.reduce(action, changes);
        self.events.reduce(action, changes);
        self.ledger.reduce(action, &self.events, changes);
        self.link.reduce(action, changes);
        self.notices.reduce(action, changes);
    }
}
