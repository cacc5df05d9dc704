//! Sends the buffer when the sync helper says so, and handles the replies.

use wizitime_domain::EventId;
use wizitime_protocol::messages::BulkError;
use wizitime_protocol::{Moment, MonoTime};

use super::catch_up::push_synced;
use crate::effects::Outbox;
use crate::store::record::{BufferedEvent, QuarantineCode, QuarantineReason, Quarantined};
use crate::store::slices::events::DurableCopy;
use crate::store::{
    Action, Confirmed, LocalAction, PageAction, PeerAction, PeerMessage, Scope, ServerAction,
    SessionAction, State, StorageAction, SyncAction,
};
use crate::sync::dependents::all_with_dependents;
use crate::sync::sync_helper::Culprit;
use crate::sync::{PUSH_TIMEOUT_MS, SyncHelper, dependents_of};

/// What other middlewares decide about sending.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct SendGate {
    /// Whether this tab leads.
    pub(crate) is_leader: bool,
    /// Whether sending waits for the restore.
    pub(crate) is_restoring: bool,
    /// Whether storage has to be read first.
    pub(crate) is_storage_outdated: bool,
}

impl SendGate {
    const fn is_open(self) -> bool {
        self.is_leader && !self.is_restoring && !self.is_storage_outdated
    }
}

/// Sends waiting events.
#[derive(Clone, Debug, Default)]
pub(crate) struct SyncMiddleware {
    helper: SyncHelper,
    was_open: bool,
}

impl SyncMiddleware {
    /// When the next push is due.
    pub(crate) const fn due(&self) -> Option<MonoTime> {
        self.helper.due()
    }

    pub(crate) fn handle(
        &mut self,
        state: &State,
        gate: SendGate,
        action: &Action,
        moment: Moment,
        out: &mut Outbox,
    ) {
        let now = moment.mono;
        if gate.is_open() && !self.was_open {
            self.helper.schedule_now(now);
        }
        self.was_open = gate.is_open();
        match action {
            Action::Local(LocalAction::Recorded(_)) => self.helper.schedule(now),
            Action::Local(LocalAction::SyncRequested) => self.helper.requested_by_user(now),
            Action::Server(action) => self.on_server(action, state, moment, out),
            Action::Sync(action) => self.on_sync(action, state, now, out),
            Action::Storage(StorageAction::EventsFound(_)) => self.helper.schedule(now),
            Action::Storage(StorageAction::EventsRecovered(_)) => {
                self.helper.schedule(now);
                retry_possible(state, out);
            }
            Action::Storage(StorageAction::DurableCopyRead { .. }) => self.helper.schedule_now(now),
            Action::Session(SessionAction::OwnerChanged { .. }) => self.helper.schedule(now),
            Action::Session(SessionAction::Expired { .. }) => self.helper.connection_lost(),
            // Failures on one user's events say nothing of another's.
            Action::Session(SessionAction::SignedIn { .. } | SessionAction::SignedOut) => {
                self.helper = SyncHelper::default();
            }
            Action::Peer(PeerAction::BecameLeader) => self.helper.schedule_now(now),
            // A browser slows the timers of a hidden page, but not messages.
            Action::Peer(PeerAction::Message(PeerMessage::LeaderPing)) => {
                self.helper.schedule_now(now);
                self.push_due(state, gate, now, out);
            }
            Action::Page(PageAction::TimerFired) => self.push_due(state, gate, now, out),
            Action::Local(
                LocalAction::Discarded { .. }
                | LocalAction::Notified(_)
                | LocalAction::NoticeDismissed,
            )
            | Action::Storage(
                StorageAction::DiscardsFound { .. }
                | StorageAction::UnreadableFound { .. }
                | StorageAction::WriteFailed { .. }
                | StorageAction::WriteRetried { .. }
                | StorageAction::Refused
                | StorageAction::DurableCopyWritten { .. }
                | StorageAction::DurableCopyFailed
                | StorageAction::CacheLoaded { .. }
                | StorageAction::CacheReadTimedOut
                | StorageAction::CacheOutdated
                | StorageAction::ArchiveReadFailed,
            )
            | Action::Session(SessionAction::SigningIn | SessionAction::SignInFailed(_))
            | Action::Peer(
                PeerAction::Acknowledged { .. }
                | PeerAction::RemovedQuarantined { .. }
                | PeerAction::Message(PeerMessage::LeaderPong | PeerMessage::RestoreCompleted(_))
                | PeerAction::LostLeadership,
            )
            | Action::Page(
                PageAction::Event(_)
                | PageAction::ZoneChanged(_)
                | PageAction::ClockTurnedBack { .. }
                | PageAction::UpdateReady,
            ) => (),
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
                self.helper.set_limits(reply.limits);
                self.helper.schedule_now(moment.mono);
            }
            ServerAction::BulkEventAccepted(reply) => {
                let ids = self.helper.accepted();
                if state.events.waiting_count() > ids.len() {
                    self.helper.schedule_now(moment.mono);
                }
                let cursor = reply.cursor;
                out.actions.push(Action::Sync(SyncAction::Acknowledged { ids, cursor }));
            }
            ServerAction::BulkEventRefused(error) => self.refused(error, state, moment, out),
            ServerAction::BulkEventUnknown => self.helper.failed(None, moment),
            ServerAction::ConnectionLost { .. } | ServerAction::JoinRefused { .. } => {
                self.helper.connection_lost();
            }
            ServerAction::PushBulkEvent { .. }
            | ServerAction::PushChangesRequest { .. }
            | ServerAction::ChangesPage(_)
            | ServerAction::ChangesPageFailed
            | ServerAction::Broadcast { .. }
            | ServerAction::ClockMeasured { .. }
            | ServerAction::BadMessage { .. } => (),
        }
    }

    fn on_sync(&mut self, action: &SyncAction, state: &State, now: MonoTime, out: &mut Outbox) {
        match action {
            SyncAction::Confirmed(confirmed) => {
                self.confirmed(confirmed, state, now, out);
                retry_possible(state, out);
            }
            SyncAction::Requeued { .. } | SyncAction::RestoreResent { .. } => {
                self.helper.schedule_now(now);
            }
            SyncAction::Acknowledged { .. }
            | SyncAction::Quarantined(_)
            | SyncAction::Synced { .. }
            | SyncAction::Archived { .. } => (),
        }
    }

    fn confirmed(&mut self, confirmed: &Confirmed, state: &State, now: MonoTime, out: &mut Outbox) {
        if confirmed.scope == Scope::Changes {
            return push_synced(state, confirmed.cursor, out);
        }
        self.helper.schedule_now(now);
        // Another log may have acknowledged them. What is on its way to the archive comes too late
        // to be found there.
        let mut events = state.events.acknowledged();
        events.extend(state.events.synced());
        if !events.is_empty() {
            out.actions.push(Action::Sync(SyncAction::Requeued { events }));
        }
    }

    /// Sends as many waiting events as fit into one `BULK_EVENT`, if a push is due and sending is
    /// possible.
    fn push_due(&mut self, state: &State, gate: SendGate, now: MonoTime, out: &mut Outbox) {
        if !self.helper.is_due(now) {
            return;
        }
        if !gate.is_open() || !can_send(state) {
            return self.helper.unschedule();
        }
        let ids = self.helper.start(state.events.waiting());
        if !ids.is_empty() {
            let timeout_ms = PUSH_TIMEOUT_MS;
            out.actions.push(Action::Server(ServerAction::PushBulkEvent { ids, timeout_ms }));
        }
    }

    fn refused(&mut self, error: &BulkError, state: &State, moment: Moment, out: &mut Outbox) {
        let Some(culprit) = self.helper.refused(error, moment) else { return };
        let Some(event) = state.events.find_waiting(culprit.id) else {
            return self.helper.failed(error.retry_after_ms, moment);
        };
        self.helper.accepted();
        self.helper.schedule_now(moment.mono);
        let quarantined = quarantine(event.clone(), culprit, &error.accepted, state);
        out.actions.push(Action::Sync(SyncAction::Quarantined(quarantined)));
    }
}

/// Whether the durable copy and the server's log are known, and the channel is joined.
fn can_send(state: &State) -> bool {
    // A restored server may lack the causes of the waiting events. Without any confirmed data, an
    // acknowledged event may be in a previous log.
    let is_log_known = match state.ledger.epoch() {
        Some(epoch) => state.connection.epoch == Some(epoch),
        None => !state.events.awaits_changes(),
    };
    state.connection.joined && is_log_known && state.events.durable_copy() != DurableCopy::Unread
}

/// The culprit and its dependents, for the quarantine. An event that is in the log already is no
/// dependent: only its acknowledgement was lost, and the next reply repeats it.
fn quarantine(
    event: BufferedEvent,
    culprit: Culprit,
    accepted: &[EventId],
    state: &State,
) -> Vec<Quarantined> {
    let Culprit { id, code, message } = culprit;
    let unknown = state.events.waiting().filter(|it| !accepted.contains(&it.id()));
    let dependents = dependents_of(&event, unknown);
    let dependents = dependents.into_iter().filter_map(|id| state.events.find_waiting(id));
    let dependents = dependents.map(|event| Quarantined {
        event: event.clone(),
        reason: QuarantineReason {
            code: QuarantineCode::Dependent,
            message: String::new(),
            root_cause: Some(id),
        },
    });
    let reason = QuarantineReason { code, message, root_cause: None };
    std::iter::once(Quarantined { event, reason }).chain(dependents).collect()
}

/// Retries events that were rejected because an entity did not exist, and now does: another device
/// sent it, or a restored server got it again.
fn retry_possible(state: &State, out: &mut Outbox) {
    let confirmed = state.ledger.confirmed();
    let is_possible = |it: &Quarantined| {
        let event = &it.event.envelope.event;
        let created = event.creates();
        let mut needed = event.subjects().into_iter().chain(event.references());
        it.reason.code.is_unknown_entity()
            && needed.all(|key| Some(key) == created || confirmed.get(key).is_some())
    };
    let possible = state.events.quarantined().filter(is_possible);
    let ids: Vec<EventId> = possible.map(|it| it.event.id()).collect();
    let events = all_with_dependents(state, ids.into_iter());
    if !events.is_empty() {
        out.actions.push(Action::Sync(SyncAction::Requeued { events }));
    }
}
