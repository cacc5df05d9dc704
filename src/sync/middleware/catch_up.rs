//! Requests changes: on every join, on every broadcast, after every acknowledgement.

use wizitime_protocol::messages::Limits;
use wizitime_protocol::{Moment, MonoTime};

use crate::effects::Effect;
use crate::effects::Outbox;
use crate::store::{
    Action, LocalAction, PageAction, PageEvent, PeerAction, ServerAction, SessionAction, State,
    SyncAction,
};
use crate::sync::catch_up::{PageRequest, PageResult};
use crate::sync::{CatchUp, PAGE_TIMEOUT_MS};

/// Keeps the confirmed data up to date.
#[derive(Clone, Debug, Default)]
pub(crate) struct CatchUpMiddleware {
    catch_up: CatchUp,
    limits: Limits,
}

impl CatchUpMiddleware {
    /// When the next request is due.
    pub(crate) const fn due(&self) -> Option<MonoTime> {
        self.catch_up.due()
    }

    /// Whether the periodic poll is due.
    pub(crate) fn is_poll_due(&self, now: MonoTime) -> bool {
        self.catch_up.is_poll_due(now)
    }

    /// Handles an action. `is_needed`: another middleware needs the latest changes.
    pub(crate) fn handle(
        &mut self,
        state: &State,
        is_needed: bool,
        action: &Action,
        moment: Moment,
        out: &mut Outbox,
    ) {
        let is_poll_due = self.is_poll_due(moment.mono);
        if is_needed {
            self.catch_up.want();
        }
        match action {
            Action::Server(action) => self.on_server(action, state, moment, out),
            Action::Sync(SyncAction::Acknowledged { cursor, .. }) => {
                if *cursor > state.ledger.cursor() {
                    self.catch_up.want_up_to(*cursor);
                } else {
                    // The changes came before the acknowledgement.
                    push_synced(state, *cursor, out);
                }
            }
            Action::Local(LocalAction::SyncRequested)
            | Action::Peer(PeerAction::Acknowledged { .. }) => self.catch_up.want(),
            // A page that was suspended may have missed broadcasts and changes of storage.
            Action::Page(PageAction::Event(PageEvent::Visible)) => {
                self.catch_up.want();
                out.effects.push(Effect::ReadStorage);
            }
            Action::Session(
                SessionAction::SignedIn { .. }
                | SessionAction::Expired { .. }
                | SessionAction::SignedOut,
            ) => self.catch_up.connection_lost(),
            Action::Local(
                LocalAction::Recorded(_)
                | LocalAction::Discarded { .. }
                | LocalAction::Notified(_)
                | LocalAction::NoticeDismissed,
            )
            | Action::Sync(
                SyncAction::Quarantined(_)
                | SyncAction::Requeued { .. }
                | SyncAction::Confirmed(_)
                | SyncAction::Synced { .. }
                | SyncAction::Archived { .. }
                | SyncAction::RestoreResent { .. },
            )
            | Action::Storage(_)
            | Action::Session(
                SessionAction::SigningIn
                | SessionAction::SignInFailed(_)
                | SessionAction::OwnerChanged { .. },
            )
            | Action::Peer(
                PeerAction::RemovedQuarantined { .. }
                | PeerAction::Message(_)
                | PeerAction::BecameLeader
                | PeerAction::LostLeadership,
            )
            | Action::Page(
                PageAction::Event(PageEvent::Online | PageEvent::Offline)
                | PageAction::ZoneChanged(_)
                | PageAction::ClockTurnedBack { .. }
                | PageAction::UpdateReady
                | PageAction::TimerFired,
            ) => (),
        }
        if is_poll_due {
            out.effects.push(Effect::ReadStorage);
        }
        if state.connection.joined && self.catch_up.is_due(moment.mono) {
            let request = PageRequest { epoch: state.ledger.epoch(), since: state.ledger.cursor() };
            self.catch_up.requested(request);
            self.push_request(request, out);
        }
    }

    fn on_server(
        &mut self,
        action: &ServerAction,
        state: &State,
        moment: Moment,
        out: &mut Outbox,
    ) {
        match action {
            ServerAction::Joined(reply) => {
                self.limits = reply.limits;
                // Also with an equal cursor: a server may subscribe to broadcasts after it has read
                // the cursor, as Phoenix does.
                self.catch_up.want();
            }
            ServerAction::Broadcast { cursor } => {
                if *cursor > state.ledger.cursor() {
                    self.catch_up.want_up_to(*cursor);
                }
            }
            ServerAction::ChangesPage(page) => {
                match self.catch_up.page_received(page.clone(), moment) {
                    PageResult::Ignored => (),
                    PageResult::Next(request) => self.push_request(request, out),
                    PageResult::Complete(confirmed) => {
                        out.actions.push(Action::Sync(SyncAction::Confirmed(confirmed)));
                    }
                }
            }
            ServerAction::ChangesPageFailed => self.catch_up.failed(moment),
            ServerAction::ConnectionLost { .. } | ServerAction::JoinRefused { .. } => {
                self.catch_up.connection_lost();
            }
            ServerAction::PushBulkEvent { .. }
            | ServerAction::PushChangesRequest { .. }
            | ServerAction::BulkEventAccepted(_)
            | ServerAction::BulkEventRefused(_)
            | ServerAction::BulkEventUnknown
            | ServerAction::ClockMeasured { .. }
            | ServerAction::BadMessage { .. } => (),
        }
    }

    fn push_request(&self, request: PageRequest, out: &mut Outbox) {
        out.actions.push(Action::Server(ServerAction::PushChangesRequest {
            epoch: request.epoch,
            since: request.since,
            limit: self.limits.page,
            timeout_ms: PAGE_TIMEOUT_MS,
        }));
    }
}

/// Marks acknowledged events as synced that the confirmed data has at this cursor.
pub(super) fn push_synced(state: &State, cursor: u64, out: &mut Outbox) {
    let events = state.events.synced_up_to(cursor);
    if !events.is_empty() {
        out.actions.push(Action::Sync(SyncAction::Synced { events }));
    }
}
