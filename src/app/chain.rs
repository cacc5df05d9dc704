//! The middleware chain: each middleware sees every action after the state has reduced it.

use wizitime_protocol::{Moment, MonoTime};

use crate::effects::Outbox;
use crate::features::notices::NoticeMiddleware;
use crate::socket::socket_middleware::SocketMiddleware;
use crate::store::{Action, State};
use crate::sync::durable_copy::DurableCopyMiddleware;
use crate::sync::freeze_guard::FreezeGuard;
use crate::sync::middleware::buffer::BufferMiddleware;
use crate::sync::middleware::catch_up::CatchUpMiddleware;
use crate::sync::middleware::leader::LeaderMiddleware;
use crate::sync::middleware::session::SessionMiddleware;
use crate::sync::middleware::sync::{SendGate, SyncMiddleware};
use crate::sync::restore::RestoreMiddleware;
use crate::sync::snapshot_cache::SnapshotCacheMiddleware;

/// The middlewares. Each owns its state; what one may read of another is passed to it.
#[derive(Clone, Debug, Default)]
pub struct Chain {
    pub(super) freeze_guard: FreezeGuard,
    leader: LeaderMiddleware,
    buffer: BufferMiddleware,
    pub(super) durable_copy: DurableCopyMiddleware,
    pub(super) socket: SocketMiddleware,
    snapshot_cache: SnapshotCacheMiddleware,
    session: SessionMiddleware,
    pub(super) restore: RestoreMiddleware,
    sync: SyncMiddleware,
    catch_up: CatchUpMiddleware,
    notices: NoticeMiddleware,
}

impl Chain {
    /// Passes an action through the chain.
    ///
    /// The leader election comes first, because the others ask whether this tab leads; it has no
    /// effect because of an event until its `step` at the end. The buffer is next: an event is
    /// stored before anything else happens because of it. The socket comes before the snapshot
    /// cache, so that it is closed before the next account's cache is loaded.
    pub(super) fn handle(
        &mut self,
        state: &State,
        action: &Action,
        moment: Moment,
        out: &mut Outbox,
    ) {
        self.leader.handle(action, moment, out);
        let is_leader = self.leader.is_leader();
        let is_poll_due = self.catch_up.is_poll_due(moment.mono);
        self.buffer.handle(state, is_leader, action, moment, out);
        self.durable_copy.handle(state, is_leader, is_poll_due, action, moment, out);
        self.socket.handle(state, action, moment, out);
        self.snapshot_cache.handle(state, is_leader, action, moment, out);
        self.session.handle(state, action, out);
        let needs_changes = self.restore.handle(state, is_leader, is_poll_due, action, moment, out);
        let gate = SendGate {
            is_leader,
            is_restoring: self.restore.blocks_sending(),
            is_storage_outdated: self.freeze_guard.blocks_sending(),
        };
        self.sync.handle(state, gate, action, moment, out);
        self.catch_up.handle(state, needs_changes, action, moment, out);
        self.notices.handle(action, moment, out);
        self.leader.step(state, self.restore.is_pending(), moment.mono, out);
    }

    /// Whether this tab leads.
    pub(super) fn is_leader(&self) -> bool {
        self.leader.is_leader()
    }

    /// When a middleware has something to do next.
    pub fn due(&self) -> Option<MonoTime> {
        let dues = [
            self.leader.due(),
            self.durable_copy.due(),
            self.socket.due(),
            self.snapshot_cache.due(),
            self.restore.due(),
            self.sync.due(),
            self.catch_up.due(),
            self.notices.due(),
        ];
        dues.into_iter().flatten().min()
    }
}
