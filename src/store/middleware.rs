//! What happens beside the reducers: each middleware sees every action after the state took it in.

use wizitime_domain::{EpochId, IdSource};
use wizitime_protocol::messages::{EVENTS_PER_BULK_MAX, Limits};
use wizitime_protocol::phoenix::{Moment, MonoTime, SocketEffect};

use super::action::Action;
use super::state::State;
use crate::effect::Effect;
use crate::input::Now;
use crate::socket::{PushTag, SocketHelper, socket_middleware};
use crate::sync::{FetchHelper, LetGo, SenderLease, SyncHelper, middleware as sync};

/// How long sending waits for the mirror to be read.
const MIRROR_READ_MS_MAX: u64 = 3_000;

/// The state machines that middleware may move. They are not part of the state: nothing is shown
/// of them but through actions.
#[derive(Clone, Debug)]
pub struct Machines {
    pub ids: IdSource,
    pub socket: SocketHelper,
    pub sync: SyncHelper,
    pub fetch: FetchHelper,
    /// Whether this tab is the one of its browser profile that sends.
    pub lease: SenderLease,
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
    pub let_go: LetGo,
    /// How long the mirror may still take to be read.
    pub mirror_until: Option<MonoTime>,
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
            fetch: FetchHelper::default(),
            lease: SenderLease::default(),
            cached: None,
            asked_to_persist: false,
            limits: Limits::default(),
            batch_events_max: EVENTS_PER_BULK_MAX,
            single_failures: 0,
            let_go: LetGo::default(),
            mirror_until: None,
            offer_wanted: true,
            offer_until: None,
            offer_begun: false,
            notice_until: None,
        }
    }

    /// Passes on what the socket wants and says.
    pub fn hear(&mut self, effects: Vec<SocketEffect<PushTag>>, ctx: Ctx, out: &mut Out) {
        let heard = self.socket.hear(effects, ctx.now);
        out.effects.extend(heard.effects);
        out.actions.extend(heard.actions);
    }

    /// Has the mirror read, which sending waits for.
    pub fn read_mirror(&mut self, now: MonoTime, out: &mut Out) {
        self.mirror_until = Some(now.plus_ms(MIRROR_READ_MS_MAX));
        self.look_into_mirror(out);
    }

    /// Has the mirror read, which nothing waits for.
    pub fn look_into_mirror(&mut self, out: &mut Out) {
        self.let_go.reading_begins();
        out.effects.push(Effect::ReadMirror);
    }

    /// When something is due next.
    pub fn due(&self) -> Option<MonoTime> {
        let helpers = [self.lease.due(), self.sync.due(), self.fetch.due(), self.socket.due()];
        let untils = [self.mirror_until, self.offer_until, self.notice_until];
        let dues = untils.into_iter().chain(helpers);
        dues.flatten().min()
    }
}

/// The circumstances of an action.
#[derive(Clone, Copy, Debug)]
pub struct Ctx {
    pub now: Now,
    /// For jitter.
    pub entropy: u64,
}

impl Ctx {
    /// Time and chance as the protocol takes them.
    pub const fn moment(&self) -> Moment {
        Moment { wall: self.now.wall, mono: self.now.mono, entropy: self.entropy }
    }
}

/// What middleware brings about: effects for the shell, and further actions, which come after all
/// that are already under way.
#[derive(Debug, Default)]
pub struct Out {
    pub effects: Vec<Effect>,
    pub actions: Vec<Action>,
}

/// One step of the chain.
pub type Middleware = fn(&mut Machines, &State, &Action, Ctx, &mut Out);

/// The whole order, in one place. The buffer comes first: an event is on disk before anything
/// else can happen because of it.
pub const CHAIN: [Middleware; 9] = [
    sync::buffer_middleware::handle,
    sync::cache_middleware::handle,
    sync::session_middleware::handle,
    sync::sender_middleware::handle,
    sync::archive_middleware::handle,
    sync::sync_middleware::handle,
    sync::fetch_middleware::handle,
    socket_middleware::handle,
    sync::notice_middleware::handle,
];
