//! What happens beside the reducers: each middleware sees every action after the state took it in.

use wizitime_domain::{EpochId, IdSource};
use wizitime_protocol::MonoTime;
use wizitime_protocol::messages::{EVENTS_PER_BULK_MAX, Limits};

use super::{Moment, Outbox};
use crate::app::effect::Effect;
use crate::socket::{SocketHelper, socket_middleware};
use crate::store::{Action, State};
use crate::sync::{CatchUp, LeaderElection, RecentlyRemoved, SyncHelper, middleware as sync};

/// How long sending waits for the mirror to be read.
const MIRROR_READ_MS_MAX: u64 = 3_000;

/// The state machines that middleware may move. They are not part of the state: nothing is shown
/// of them but through actions.
#[derive(Clone, Debug)]
pub struct Machines {
    pub ids: IdSource,
    pub socket: SocketHelper,
    pub sync: SyncHelper,
    pub catch_up: CatchUp,
    /// Whether this tab is the one of its browser profile that sends.
    pub election: LeaderElection,
    /// How far the device's copy of the confirmed data goes, as far as this tab knows.
    pub cached: Option<(EpochId, u64)>,
    /// Whether the browser was asked to keep what is stored.
    pub asked_to_persist: bool,
    /// What the server takes at once.
    pub limits: Limits,
    /// How many events the next BULK_EVENT may hold: halved to find one that the server chokes on.
    pub batch_events_max: usize,
    /// Failures in a row of a BULK_EVENT with a single event.
    pub single_failures: u32,
    /// What an outdated reading of the mirror must not bring back.
    pub recently_removed: RecentlyRemoved,
    /// How long the mirror may still take to be read.
    pub durable_read_until: Option<MonoTime>,
    /// What the server acknowledged has to be compared with what it has.
    pub offer_wanted: bool,
    /// Nothing is sent until that is done, or until then.
    pub offer_until: Option<MonoTime>,
    /// The archive is being read for that: what the server has is known.
    pub offer_begun: bool,
    /// When the current notice has been up long enough.
    pub notice_until: Option<MonoTime>,
}

impl Machines {
    /// Machines at rest.
    pub fn new(ids: IdSource) -> Self {
        Self {
            ids,
            socket: SocketHelper::default(),
            sync: SyncHelper::default(),
            catch_up: CatchUp::default(),
            election: LeaderElection::default(),
            cached: None,
            asked_to_persist: false,
            limits: Limits::default(),
            batch_events_max: EVENTS_PER_BULK_MAX,
            single_failures: 0,
            recently_removed: RecentlyRemoved::default(),
            durable_read_until: None,
            offer_wanted: true,
            offer_until: None,
            offer_begun: false,
            notice_until: None,
        }
    }

    /// Has the mirror read, which sending waits for.
    pub fn read_durable_copy(&mut self, now: MonoTime, out: &mut Outbox) {
        self.durable_read_until = Some(now.plus_ms(MIRROR_READ_MS_MAX));
        self.poll_durable_copy(out);
    }

    /// Has the mirror read, which nothing waits for.
    pub fn poll_durable_copy(&mut self, out: &mut Outbox) {
        self.recently_removed.reading_begins();
        out.effects.push(Effect::ReadDurableCopy);
    }

    /// When something is due next.
    pub fn due(&self) -> Option<MonoTime> {
        let helpers =
            [self.election.due(), self.sync.due(), self.catch_up.due(), self.socket.next_timer()];
        let untils = [self.durable_read_until, self.offer_until, self.notice_until];
        let dues = untils.into_iter().chain(helpers);
        dues.flatten().min()
    }
}

/// One step of the chain.
pub type Middleware = fn(&mut Machines, &State, &Action, Moment, &mut Outbox);

/// The whole order, in one place. The buffer comes first: an event is on disk before anything
/// else can happen because of it. The socket comes before the session, so that it is closed before
/// the next account's cache is loaded.
pub const CHAIN: [Middleware; 9] = [
    sync::buffer_middleware::handle,
    sync::cache_middleware::handle,
    |machines, state, action, moment, out| {
        socket_middleware::handle(&mut machines.socket, state, action, moment, out);
    },
    sync::session_middleware::handle,
    sync::leader_middleware::handle,
    sync::restore_middleware::handle,
    sync::sync_middleware::handle,
    sync::catch_up_middleware::handle,
    sync::notice_middleware::handle,
];
