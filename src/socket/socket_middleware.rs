//! From the store to the socket: opens and closes the connection and turns actions into pushes.

use wizitime_domain::SortedSet;
use wizitime_domain::json::to_json;
use wizitime_protocol::messages::{ChangesPageRequest, Ping, bulk_event_json};
use wizitime_protocol::phoenix::ConnId;
use wizitime_protocol::{Moment, MonoTime};

use super::socket_helper::{PushTag, SocketHelper};
use crate::effects::Outbox;
use crate::effects::Secret;
use crate::store::{
    Action, PageAction, PageEvent, PeerAction, PeerMessage, ServerAction, SessionAction, State,
    StorageAction, SyncAction,
};
use crate::sync::join_params;

/// How long the reply to a `ping` may take, in milliseconds.
const PING_TIMEOUT_MS: u64 = 5_000;

/// Owns the connection of the signed-in account.
#[derive(Clone, Debug, Default)]
pub struct SocketMiddleware {
    helper: SocketHelper,
}

impl SocketMiddleware {
    /// When the socket has something to do next.
    pub(crate) fn due(&self) -> Option<MonoTime> {
        self.helper.next_timer()
    }

    /// The connection is open.
    pub(crate) fn opened(&mut self, conn: ConnId, moment: Moment, out: &mut Outbox) {
        self.helper.opened(conn, moment, out);
    }

    /// The connection is closed, with the close code if there was one.
    pub(crate) fn closed(
        &mut self,
        conn: ConnId,
        code: Option<u16>,
        moment: Moment,
        out: &mut Outbox,
    ) {
        self.helper.closed(conn, code, moment, out);
    }

    /// A text frame arrived.
    pub(crate) fn received(&mut self, conn: ConnId, text: &str, moment: Moment, out: &mut Outbox) {
        self.helper.received(conn, text, moment, out);
    }

    pub(crate) fn handle(
        &mut self,
        state: &State,
        action: &Action,
        moment: Moment,
        out: &mut Outbox,
    ) {
        match action {
            Action::Session(action) => self.on_session(action, out),
            Action::Storage(action) => self.on_storage(action, state, moment, out),
            Action::Server(action) => self.on_server(action, state, moment, out),
            Action::Sync(action) => self.on_sync(action, state, moment),
            Action::Page(action) => self.on_page(action, moment, out),
            // A browser slows the timers of a hidden page, but not messages.
            Action::Peer(PeerAction::Message(PeerMessage::LeaderPing)) => {
                self.helper.timer_fired(moment, out);
            }
            Action::Local(_)
            | Action::Peer(
                PeerAction::Acknowledged { .. }
                | PeerAction::RemovedQuarantined { .. }
                | PeerAction::Message(PeerMessage::LeaderPong | PeerMessage::RestoreCompleted(_))
                | PeerAction::BecameLeader
                | PeerAction::LostLeadership,
            ) => (),
        }
    }

    fn on_session(&mut self, action: &SessionAction, out: &mut Outbox) {
        match action {
            // The token of the open connection is no longer the account's.
            SessionAction::SignedIn { .. }
            | SessionAction::Expired { .. }
            | SessionAction::SignedOut => self.helper.close(out),
            SessionAction::SigningIn
            | SessionAction::SignInFailed(_)
            | SessionAction::OwnerChanged { .. } => (),
        }
    }

    fn on_storage(
        &mut self,
        action: &StorageAction,
        state: &State,
        moment: Moment,
        out: &mut Outbox,
    ) {
        match action {
            StorageAction::CacheLoaded { .. } | StorageAction::CacheReadTimedOut => {
                self.open(state, moment, out);
            }
            StorageAction::EventsFound(_)
            | StorageAction::EventsRecovered(_)
            | StorageAction::DiscardsFound { .. }
            | StorageAction::UnreadableFound { .. }
            | StorageAction::WriteFailed { .. }
            | StorageAction::WriteRetried { .. }
            | StorageAction::Refused
            | StorageAction::DurableCopyRead { .. }
            | StorageAction::DurableCopyWritten { .. }
            | StorageAction::DurableCopyFailed
            | StorageAction::CacheOutdated
            | StorageAction::ArchiveReadFailed => (),
        }
    }

    fn on_sync(&mut self, action: &SyncAction, state: &State, moment: Moment) {
        match action {
            SyncAction::Confirmed(_) => self.helper.set_join_params(join_params(state), moment),
            SyncAction::Acknowledged { .. }
            | SyncAction::Quarantined(_)
            | SyncAction::Requeued { .. }
            | SyncAction::Synced { .. }
            | SyncAction::Archived { .. }
            | SyncAction::RestoreResent { .. } => (),
        }
    }

    fn on_page(&mut self, action: &PageAction, moment: Moment, out: &mut Outbox) {
        match action {
            PageAction::Event(PageEvent::Online | PageEvent::Visible) => {
                self.helper.probe(moment, out);
            }
            PageAction::TimerFired => self.helper.timer_fired(moment, out),
            PageAction::Event(PageEvent::Offline)
            | PageAction::ZoneChanged(_)
            | PageAction::ClockTurnedBack { .. }
            | PageAction::UpdateReady => (),
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
            ServerAction::Joined(_) => {
                let payload = to_json(&Ping { sent_at: moment.wall });
                let tag = PushTag::Ping { sent: moment };
                self.helper.push(tag, payload, PING_TIMEOUT_MS, moment, out);
            }
            ServerAction::PushBulkEvent { ids, timeout_ms } => {
                let ids: SortedSet<_> = ids.iter().copied().collect();
                let events = state.events.waiting().filter(|event| ids.contains(&event.id()));
                let payload = bulk_event_json(events.map(|event| event.json.as_raw()));
                self.helper.push(PushTag::BulkEvent, payload, *timeout_ms, moment, out);
            }
            ServerAction::PushChangesRequest { epoch, since, limit, timeout_ms } => {
                let request = ChangesPageRequest { epoch: *epoch, since: *since, limit: *limit };
                let payload = to_json(&request);
                self.helper.push(PushTag::ChangesPage, payload, *timeout_ms, moment, out);
            }
            ServerAction::JoinRefused { .. }
            | ServerAction::ConnectionLost { .. }
            | ServerAction::BulkEventAccepted(_)
            | ServerAction::BulkEventRefused(_)
            | ServerAction::BulkEventUnknown
            | ServerAction::ChangesPage(_)
            | ServerAction::ChangesPageFailed
            | ServerAction::Broadcast { .. }
            | ServerAction::ClockMeasured { .. }
            | ServerAction::BadMessage { .. } => (),
        }
    }

    /// Connects for the signed-in account, unless it is connected already.
    fn open(&mut self, state: &State, moment: Moment, out: &mut Outbox) {
        if let Some(account) = state.session.active() {
            let token = Secret(account.token.clone());
            self.helper.open(token, &account.channel, join_params(state), moment, out);
        }
    }
}
