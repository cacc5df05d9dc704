//! The restore protocol: a server that was restored from a backup gets the archived events that it
//! lost. Only the leader compares the archive with the server's log; the followers see to it that
//! there is a leader until it reports that the restore is completed.

use wizitime_protocol::messages::JoinReply;
use wizitime_protocol::{Moment, MonoTime};

use super::archive_comparison::compare;
use crate::effects::Outbox;
use crate::effects::{ArchiveRequest, Effect};
use crate::store::record::StoredEvent;
use crate::store::slices::events::DurableCopy;
use crate::store::{
    Action, Confirmed, PageAction, PeerAction, PeerMessage, Scope, ServerAction, SessionAction,
    State, StorageAction, SyncAction,
};

/// How long sending waits for the restore, in milliseconds.
const RESTORE_MS_MAX: u64 = 30_000;
/// When an archive that could not be read is read again, in milliseconds.
const ARCHIVE_RETRY_MS: u64 = 2_000;

/// The progress of the restore protocol.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Restore {
    /// The archive has to be compared with the server's log; sending does not wait for it.
    #[default]
    Pending,
    /// The same, and nothing is sent until the log is known, so that no event overtakes its cause.
    AwaitingChanges { until: MonoTime },
    /// The log could not be read in time, and there is no confirmed data. Whether the archive has
    /// events, perhaps of another log, is being read.
    SearchingArchive { until: MonoTime },
    /// The log is known, and the archive is being read. Nothing is sent until then, or until the
    /// archive has answered nothing for some time.
    ReadingArchive { until: MonoTime },
    /// The archive could not be read and is read again at `at`. Nothing is sent until then.
    RereadingArchive { at: MonoTime, until: MonoTime },
    /// The server has every archived event.
    Completed,
}

/// Runs the restore protocol.
#[derive(Clone, Debug, Default)]
pub(crate) struct RestoreMiddleware {
    restore: Restore,
    /// Reads of the archive so far.
    requests: u64,
}

impl RestoreMiddleware {
    /// Whether the archive still has to be compared with the server's log.
    pub(crate) fn is_pending(&self) -> bool {
        self.restore != Restore::Completed
    }

    /// Whether this is the latest read of the archive. Earlier ones lack what was archived since.
    pub(crate) const fn is_latest(&self, request: ArchiveRequest) -> bool {
        request.number == self.requests
    }

    /// Whether sending waits for the restore.
    pub(crate) const fn blocks_sending(&self) -> bool {
        self.due().is_some()
    }

    /// When the wait ends.
    pub(crate) const fn due(&self) -> Option<MonoTime> {
        match self.restore {
            Restore::AwaitingChanges { until }
            | Restore::SearchingArchive { until }
            | Restore::ReadingArchive { until } => Some(until),
            Restore::RereadingArchive { at, .. } => Some(at),
            Restore::Pending | Restore::Completed => None,
        }
    }

    /// Handles an action. `poll_due`: the periodic poll is due. Returns whether the restore needs
    /// the latest changes from the server.
    pub(crate) fn handle(
        &mut self,
        state: &State,
        is_leader: bool,
        poll_due: bool,
        action: &Action,
        moment: Moment,
        out: &mut Outbox,
    ) -> bool {
        // The leader may be frozen, with events that no other tab knows.
        if poll_due && !is_leader && self.restore == Restore::Completed {
            self.restore = Restore::Pending;
        }
        match action {
            Action::Server(ServerAction::Joined(reply)) => {
                let is_needed = self.is_pending() || is_restored(reply, state);
                is_needed && self.start(moment.mono)
            }
            Action::Sync(SyncAction::Confirmed(confirmed)) => {
                self.confirmed(confirmed, state, is_leader, moment.mono, out)
            }
            Action::Sync(SyncAction::RestoreResent { .. }) => {
                self.restore = Restore::Completed;
                post_completed(state, out);
                false
            }
            // An outdated text may claim that an acknowledged event is quarantined.
            Action::Storage(
                StorageAction::EventsFound(found) | StorageAction::EventsRecovered(found),
            ) => {
                if is_leader && found.iter().any(is_quarantined) {
                    self.read_archive(state, out);
                }
                false
            }
            Action::Session(SessionAction::SignedIn { .. }) => self.start(moment.mono),
            Action::Peer(action) => self.on_peer(action, state, is_leader, moment.mono, out),
            Action::Page(PageAction::TimerFired) => {
                self.expire(state, moment.mono, out);
                false
            }
            Action::Storage(StorageAction::ArchiveReadFailed) => {
                self.read_failed(state, moment, out);
                false
            }
            // An archive that could not be read may be readable now.
            Action::Storage(StorageAction::DurableCopyRead { available: true }) => {
                if self.restore == Restore::Completed {
                    self.restore = Restore::Pending;
                }
                false
            }
            Action::Local(_)
            | Action::Server(
                ServerAction::JoinRefused { .. }
                | ServerAction::ConnectionLost { .. }
                | ServerAction::PushBulkEvent { .. }
                | ServerAction::PushChangesRequest { .. }
                | ServerAction::BulkEventAccepted(_)
                | ServerAction::BulkEventRefused(_)
                | ServerAction::BulkEventUnknown
                | ServerAction::ChangesPage(_)
                | ServerAction::ChangesPageFailed
                | ServerAction::Broadcast { .. }
                | ServerAction::ClockMeasured { .. }
                | ServerAction::BadMessage { .. },
            )
            | Action::Sync(
                SyncAction::Acknowledged { .. }
                | SyncAction::Quarantined(_)
                | SyncAction::Requeued { .. }
                | SyncAction::Synced { .. }
                | SyncAction::Archived { .. },
            )
            | Action::Storage(
                StorageAction::DiscardsFound { .. }
                | StorageAction::UnreadableFound { .. }
                | StorageAction::WriteFailed { .. }
                | StorageAction::WriteRetried { .. }
                | StorageAction::Refused
                | StorageAction::DurableCopyRead { available: false }
                | StorageAction::DurableCopyWritten { .. }
                | StorageAction::DurableCopyFailed
                | StorageAction::CacheLoaded { .. }
                | StorageAction::CacheReadTimedOut
                | StorageAction::CacheOutdated,
            )
            | Action::Session(
                SessionAction::SigningIn
                | SessionAction::SignInFailed(_)
                | SessionAction::Expired { .. }
                | SessionAction::SignedOut
                | SessionAction::OwnerChanged { .. },
            )
            | Action::Page(
                PageAction::Event(_)
                | PageAction::ZoneChanged(_)
                | PageAction::ClockTurnedBack { .. }
                | PageAction::UpdateReady,
            ) => false,
        }
    }

    fn on_peer(
        &mut self,
        action: &PeerAction,
        state: &State,
        is_leader: bool,
        now: MonoTime,
        out: &mut Outbox,
    ) -> bool {
        match action {
            // The previous leader may have died in the middle of the restore.
            PeerAction::BecameLeader => return self.start(now),
            PeerAction::Message(PeerMessage::LeaderPing) => {
                if is_leader && self.restore == Restore::Completed {
                    post_completed(state, out);
                }
            }
            // A former leader that was frozen may report late, and about another epoch.
            PeerAction::Message(PeerMessage::RestoreCompleted(epoch)) => {
                if !is_leader && state.ledger.epoch() == Some(*epoch) {
                    self.restore = Restore::Completed;
                }
            }
            PeerAction::Message(PeerMessage::LeaderPong)
            | PeerAction::LostLeadership
            | PeerAction::Acknowledged { .. }
            | PeerAction::RemovedQuarantined { .. } => (),
        }
        false
    }

    /// Holds back sending until the archive was compared with the log. Returns true: the latest
    /// changes are needed.
    fn start(&mut self, now: MonoTime) -> bool {
        self.restore = Restore::AwaitingChanges { until: now.plus_ms(RESTORE_MS_MAX) };
        true
    }

    /// The server's log is known now.
    fn confirmed(
        &mut self,
        confirmed: &Confirmed,
        state: &State,
        is_leader: bool,
        now: MonoTime,
        out: &mut Outbox,
    ) -> bool {
        let is_started = confirmed.scope == Scope::AnotherLog && self.start(now);
        if is_leader && self.is_pending() {
            if let Restore::AwaitingChanges { until } | Restore::SearchingArchive { until } =
                self.restore
            {
                self.restore = Restore::ReadingArchive { until };
            }
            self.read_archive(state, out);
        }
        is_started
    }

    fn read_archive(&mut self, state: &State, out: &mut Outbox) {
        if let Some(account) = state.session.account() {
            self.requests += 1;
            let request = ArchiveRequest { user_id: account.user_id, number: self.requests };
            out.effects.push(Effect::ReadArchive(request));
        }
    }

    /// An earlier read of the archive is answered: it is slow, and the latest will be as well.
    pub(crate) fn outdated_archive_read(&mut self, now: MonoTime) {
        if let Restore::ReadingArchive { until } = &mut self.restore {
            *until = now.plus_ms(RESTORE_MS_MAX);
        }
    }

    /// The latest read of the archive is answered.
    pub(crate) fn archive_read(
        &mut self,
        archived: &[(String, String)],
        state: &State,
        moment: Moment,
        out: &mut Outbox,
    ) {
        match self.restore {
            Restore::SearchingArchive { .. } if archived.is_empty() => {
                self.restore = Restore::Pending;
            }
            // The log has to be known before anything is sent.
            Restore::SearchingArchive { .. } => {
                self.start(moment.mono);
            }
            Restore::Pending
            | Restore::AwaitingChanges { .. }
            | Restore::ReadingArchive { .. }
            | Restore::RereadingArchive { .. }
            | Restore::Completed => compare(archived, state, moment, out),
        }
    }

    /// The archive could not be read.
    fn read_failed(&mut self, state: &State, moment: Moment, out: &mut Outbox) {
        match (self.restore, state.events.durable_copy()) {
            // A browser without IndexedDB has no archive.
            (_, DurableCopy::Unavailable) => self.archive_read(&[], state, moment, out),
            (Restore::SearchingArchive { .. }, DurableCopy::Unread | DurableCopy::Available) => {
                self.start(moment.mono);
            }
            (Restore::ReadingArchive { until }, DurableCopy::Unread | DurableCopy::Available) => {
                let at = moment.mono.plus_ms(ARCHIVE_RETRY_MS).min(until);
                self.restore = Restore::RereadingArchive { at, until };
            }
            // It is read again at the next page of changes.
            (
                Restore::Pending
                | Restore::AwaitingChanges { .. }
                | Restore::RereadingArchive { .. }
                | Restore::Completed,
                DurableCopy::Unread | DurableCopy::Available,
            ) => (),
        }
    }

    /// Ends the wait when its time is over.
    fn expire(&mut self, state: &State, now: MonoTime, out: &mut Outbox) {
        match self.restore {
            // Another tab, closed by now, may have met a server that was restored before: its log
            // has to be known. Without any confirmed data only the archive can be from another log.
            Restore::AwaitingChanges { until } if until <= now => {
                let until = now.plus_ms(RESTORE_MS_MAX);
                self.restore = match state.ledger.epoch() {
                    Some(_) => Restore::AwaitingChanges { until },
                    None => {
                        self.read_archive(state, out);
                        Restore::SearchingArchive { until }
                    }
                };
            }
            Restore::SearchingArchive { until }
            | Restore::ReadingArchive { until }
            | Restore::RereadingArchive { until, .. }
                if until <= now =>
            {
                self.restore = Restore::Pending;
            }
            Restore::RereadingArchive { at, until } if at <= now => {
                self.restore = Restore::ReadingArchive { until };
                self.read_archive(state, out);
            }
            Restore::AwaitingChanges { .. }
            | Restore::SearchingArchive { .. }
            | Restore::ReadingArchive { .. }
            | Restore::RereadingArchive { .. }
            | Restore::Pending
            | Restore::Completed => (),
        }
    }
}

fn is_restored(reply: &JoinReply, state: &State) -> bool {
    let ours = state.ledger.epoch().map(|epoch| (epoch, state.ledger.cursor()));
    ours.is_some_and(|(epoch, cursor)| epoch != reply.epoch || cursor > reply.cursor)
}

const fn is_quarantined(stored: &StoredEvent) -> bool {
    stored.quarantine.is_some()
}

fn post_completed(state: &State, out: &mut Outbox) {
    if let Some(epoch) = state.ledger.epoch() {
        out.effects.push(Effect::PostToPeers(PeerMessage::RestoreCompleted(epoch)));
    }
}
