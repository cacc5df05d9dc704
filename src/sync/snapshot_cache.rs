//! The snapshot cache: the device's copy of the confirmed data in IndexedDB. Only the leader writes
//! it. Losing it costs a download.

use wizitime_domain::{EpochId, UserId};
use wizitime_protocol::{Moment, MonoTime};

use crate::effects::Outbox;
use crate::effects::{CacheWrite, Effect};
use crate::store::{
    Action, Confirmed, PageAction, PeerAction, Scope, SessionAction, State, StorageAction,
    SyncAction,
};

/// How long connecting waits for the snapshot cache to be read, in milliseconds.
pub const CACHE_READ_MS_MAX: u64 = 3_000;

/// Reads and writes the snapshot cache.
#[derive(Clone, Debug, Default)]
pub(crate) struct SnapshotCacheMiddleware {
    /// The position of the snapshot in the server's log, as far as this tab knows.
    cached: Option<(EpochId, u64)>,
    /// How long connecting still waits for a read.
    read_until: Option<MonoTime>,
}

impl SnapshotCacheMiddleware {
    /// When the wait for a read ends.
    pub(crate) const fn due(&self) -> Option<MonoTime> {
        self.read_until
    }

    pub(crate) fn handle(
        &mut self,
        state: &State,
        is_leader: bool,
        action: &Action,
        moment: Moment,
        out: &mut Outbox,
    ) {
        match action {
            Action::Sync(SyncAction::Confirmed(confirmed)) if is_leader => {
                self.write(state, confirmed, out);
            }
            Action::Storage(action) => self.on_storage(state, is_leader, action, out),
            Action::Session(SessionAction::SignedIn { account, .. }) => {
                self.cached = None;
                self.read_until = Some(moment.mono.plus_ms(CACHE_READ_MS_MAX));
                out.effects.push(Effect::LoadCache { user_id: account.user_id });
            }
            Action::Session(SessionAction::SignedOut) => self.read_until = None,
            // The snapshot is as the previous leader left it, behind this tab or ahead of it.
            Action::Peer(PeerAction::BecameLeader) => {
                self.cached = state.ledger.epoch().map(|epoch| (epoch, state.ledger.cursor()));
                replace(state, out);
            }
            Action::Page(PageAction::TimerFired)
                if self.read_until.is_some_and(|until| until <= moment.mono) =>
            {
                self.read_until = None;
                out.actions.push(Action::Storage(StorageAction::CacheReadTimedOut));
            }
            Action::Local(_)
            | Action::Server(_)
            | Action::Sync(
                SyncAction::Acknowledged { .. }
                | SyncAction::Quarantined(_)
                | SyncAction::Requeued { .. }
                | SyncAction::Confirmed(_)
                | SyncAction::Synced { .. }
                | SyncAction::Archived { .. }
                | SyncAction::RestoreResent { .. },
            )
            | Action::Session(
                SessionAction::SigningIn
                | SessionAction::SignInFailed(_)
                | SessionAction::Expired { .. }
                | SessionAction::OwnerChanged { .. },
            )
            | Action::Peer(
                PeerAction::Acknowledged { .. }
                | PeerAction::RemovedQuarantined { .. }
                | PeerAction::Message(_)
                | PeerAction::LostLeadership,
            )
            | Action::Page(
                PageAction::Event(_)
                | PageAction::ZoneChanged(_)
                | PageAction::ClockTurnedBack { .. }
                | PageAction::UpdateReady
                | PageAction::TimerFired,
            ) => (),
        }
    }

    fn on_storage(
        &mut self,
        state: &State,
        is_leader: bool,
        action: &StorageAction,
        out: &mut Outbox,
    ) {
        match action {
            StorageAction::CacheLoaded { snapshot, .. } => {
                self.read_until = None;
                // An answer that came after a write is older than the write.
                if self.cached.is_none() {
                    self.cached = snapshot.as_ref().map(|it| (it.epoch, it.cursor));
                }
            }
            StorageAction::CacheOutdated if is_leader => replace(state, out),
            StorageAction::CacheOutdated
            | StorageAction::CacheReadTimedOut
            | StorageAction::EventsFound(_)
            | StorageAction::EventsRecovered(_)
            | StorageAction::DiscardsFound { .. }
            | StorageAction::UnreadableFound { .. }
            | StorageAction::WriteFailed { .. }
            | StorageAction::WriteRetried { .. }
            | StorageAction::Refused
            | StorageAction::DurableCopyRead { .. }
            | StorageAction::DurableCopyWritten { .. }
            | StorageAction::DurableCopyFailed
            | StorageAction::ArchiveReadFailed => (),
        }
    }

    /// Writes changes on top of the snapshot, or everything if they do not follow it.
    fn write(&mut self, state: &State, confirmed: &Confirmed, out: &mut Outbox) {
        let Some(user_id) = user_id(state) else { return };
        let base = self.cached.filter(|_| confirmed.scope == Scope::Changes);
        let (epoch, cursor) = (confirmed.epoch, confirmed.cursor);
        self.cached = Some((epoch, cursor));
        match base {
            Some((_, at)) if at == cursor && confirmed.entities.is_empty() => (),
            Some(_) => {
                let entities = confirmed.entities.clone();
                let write = CacheWrite { user_id, epoch, cursor, entities, base };
                out.effects.push(Effect::WriteCache(write));
            }
            None => replace(state, out),
        }
    }
}

/// Writes all confirmed data, if there is any.
fn replace(state: &State, out: &mut Outbox) {
    if let (Some(user_id), Some(epoch)) = (user_id(state), state.ledger.epoch()) {
        out.effects.push(Effect::WriteCache(CacheWrite {
            user_id,
            epoch,
            cursor: state.ledger.cursor(),
            entities: state.ledger.confirmed().entities().collect(),
            base: None,
        }));
    }
}

fn user_id(state: &State) -> Option<UserId> {
    state.session.account().map(|account| account.user_id)
}
