//! Interned parts of worlds and memoised results: the same client handles the same input in a
//! great many worlds, and the result is computed once.

mod operation;

use std::rc::Rc;

use wizitime::app::Core;
use wizitime::app::input::Input;
use wizitime::effects::{Effect, Moment};
use wizitime_domain::{IdSource, Timestamp, UserId};
use wizitime_hub::{Broadcast, Session, SessionEffect};
use wizitime_protocol::MonoTime;
use wizitime_testkit::{FakeServer, History, Profile};

use crate::client_state::{self, ClientState};
use crate::fingerprint::{self, Fingerprint};
use crate::table::{Id, Memo, Seen, Table};

pub(crate) use operation::{ChangeInfo, Handled, Operation, StoreChange};

/// The virtual time at which every world begins: 2026-01-05T08:00:00Z.
const BEGIN_MS: i64 = 1_767_600_000_000;
/// The resolution of wall clocks: a user who acts a little earlier or later records the same. It is
/// as much as a client tolerates as a clock jump.
const WALL_STEP_MS: u64 = 2_000;
/// From one intent of the user to the next, on the wall clock.
const ACT_MS: i64 = 60_000;

/// When something happens.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Time {
    pub(crate) now_ms: u64,
    pub(crate) acted: u8,
}

impl Time {
    fn wall(self) -> Timestamp {
        let waited_ms = (self.now_ms / WALL_STEP_MS * WALL_STEP_MS) as i64;
        Timestamp::saturating_from_ms(BEGIN_MS + waited_ms + ACT_MS * i64::from(self.acted))
    }

    pub(crate) fn now(self) -> Moment {
        Moment { entropy: 0, wall: self.wall(), mono: MonoTime::from_ms(self.now_ms) }
    }
}

/// The result of a frame at the server.
#[derive(Debug)]
pub(crate) struct Served {
    pub(crate) session: Id,
    pub(crate) server: Id,
    /// Frames for the connection.
    pub(crate) replies: Vec<Id>,
    /// Broadcasts for all others.
    pub(crate) broadcasts: Vec<Id>,
    pub(crate) is_closed: bool,
}

/// The result of a change of a profile.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Changed {
    pub(crate) profile: Id,
    pub(crate) is_different: bool,
    pub(crate) reply: Option<Id>,
}

/// All parts and all results.
#[derive(Debug)]
pub(crate) struct Interner {
    pub(crate) user_id: UserId,
    pub(crate) clients: Table<ClientState>,
    pub(crate) inputs: Table<Input>,
    pub(crate) frames: Table<String>,
    pub(crate) changes: Table<ChangeInfo>,
    pub(crate) profiles: Table<Profile>,
    pub(crate) servers: Table<FakeServer>,
    pub(crate) histories: Table<History>,
    sessions: Table<Session>,
    /// The fingerprint of each session without the number of its join.
    idle_sessions: Vec<Fingerprint>,
    broadcasts: Table<Broadcast>,
    handled: Memo<(Id, Id, Time), Rc<Handled>>,
    changed: Memo<(Id, Id, bool), Changed>,
    served: Memo<(Id, Id, Id, Time), Rc<Served>>,
    delivered: Memo<(Id, Id), Option<Id>>,
    pub(crate) checked: Seen<(u8, Id, Id, u64)>,
    pub(crate) ends: Memo<Fingerprint, bool>,
    pub(crate) complete: Memo<(Id, Id), bool>,
}

impl Interner {
    pub(crate) fn new(user_id: UserId) -> Self {
        Self {
            user_id,
            clients: Table::default(),
            inputs: Table::default(),
            frames: Table::default(),
            changes: Table::default(),
            profiles: Table::default(),
            servers: Table::default(),
            histories: Table::default(),
            sessions: Table::default(),
            idle_sessions: Vec::new(),
            broadcasts: Table::default(),
            handled: Memo::default(),
            changed: Memo::default(),
            served: Memo::default(),
            delivered: Memo::default(),
            checked: Seen::default(),
            ends: Memo::default(),
            complete: Memo::default(),
        }
    }

    /// A client handles an input. Ids and jitter depend on the tab and on how much of the script is
    /// done, and on nothing else.
    pub(crate) fn handle(&mut self, client: Id, input: Id, tab: usize, time: Time) -> Rc<Handled> {
        let key = (client, input, time);
        if let Some(known) = self.handled.get(&key) {
            return known.clone();
        }
        let mut core = self.clients.get(client).core.clone();
        let input = Input::clone(&self.inputs.get(input));
        core.reseed(ids(tab, u64::from(time.acted) + 1));
        let effects = core.handle(input, time.now());
        let handled = Rc::new(self.intern(core, effects));
        self.handled.insert(key, handled.clone());
        handled
    }

    /// Interns a client and its effects.
    pub(crate) fn intern(&mut self, mut core: Core, effects: Vec<Effect>) -> Handled {
        core.reseed(ids(0, 0));
        let (fingerprint, idle) = client_state::fingerprints(&core);
        let client = self.clients.put(fingerprint, || ClientState::new(core, idle));
        Handled { client, operations: self.operations(effects) }
    }

    /// Applies a change to a profile. `is_tracked`: a crash can lose the change.
    pub(crate) fn apply(&mut self, profile: Id, change: Id, is_tracked: bool) -> Changed {
        if let Some(changed) = self.changed.get(&(profile, change, is_tracked)) {
            return *changed;
        }
        let mut after = Profile::clone(&self.profiles.get(profile));
        let (is_different, reply) = match self.changes.get(change).change.clone() {
            StoreChange::Storage(op) => (after.apply(&op, 0), None),
            StoreChange::Database(request) => (false, after.execute(request)),
        };
        if !is_tracked {
            after.unflushed.clear();
        }
        let reply = reply.map(|input| self.inputs.intern(input));
        let changed = Changed { profile: self.profiles.intern(after), is_different, reply };
        self.changed.insert((profile, change, is_tracked), changed);
        changed
    }

    pub(crate) fn change(&mut self, change: StoreChange) -> Id {
        let fingerprint = fingerprint::of(&change);
        let inputs = &mut self.inputs;
        self.changes.put(fingerprint, || ChangeInfo::new(change, inputs))
    }

    /// The session of a new connection.
    pub(crate) fn accept(&mut self) -> Id {
        let session = Session::new(self.user_id, "fake");
        self.session(session)
    }

    fn session(&mut self, session: Session) -> Id {
        let idle = client_state::idle_session(&session);
        let id = self.sessions.intern(session);
        if self.idle_sessions.len() < self.sessions.len() {
            self.idle_sessions.push(idle);
        }
        id
    }

    pub(crate) fn idle_session(&self, session: Id) -> Fingerprint {
        self.idle_sessions[session as usize]
    }

    /// The server handles a frame and does the job of the session at once.
    pub(crate) fn serve(&mut self, session: Id, frame: Id, server: Id, time: Time) -> Rc<Served> {
        let time = Time { now_ms: time.now_ms / WALL_STEP_MS * WALL_STEP_MS, ..time };
        let key = (session, frame, server, time);
        if let Some(known) = self.served.get(&key) {
            return known.clone();
        }
        let mut after = Session::clone(&self.sessions.get(session));
        let mut changed = None;
        let (mut replies, mut broadcasts, mut is_closed) = (Vec::new(), Vec::new(), false);
        let mut effects = after.receive(&self.frames.get(frame), time.wall());
        while !effects.is_empty() {
            for effect in std::mem::take(&mut effects) {
                match effect {
                    SessionEffect::Send(text) => replies.push(self.frames.intern(text)),
                    SessionEffect::Run(job) => {
                        let server = changed
                            .get_or_insert_with(|| FakeServer::clone(&self.servers.get(server)));
                        let result = server.execute(self.user_id, job, time.wall());
                        effects.extend(after.job_finished(result, time.wall()));
                    }
                    SessionEffect::Broadcast(it) => broadcasts.push(self.broadcasts.intern(it)),
                    SessionEffect::PushReceived { .. } | SessionEffect::PushReplied { .. } => (),
                    SessionEffect::Close(_) => is_closed = true,
                }
            }
        }
        let server = changed.map_or(server, |server| self.servers.intern(server));
        let session = self.session(after);
        let served = Rc::new(Served { session, server, replies, broadcasts, is_closed });
        self.served.insert(key, served.clone());
        served
    }

    /// Whether a frame is a heartbeat or a ping, or the reply to one.
    pub(crate) fn is_keepalive(&self, frame: Id) -> bool {
        let text = self.frames.get(frame);
        // A reply to a ping has the server's time and nothing else.
        ["\"phoenix\"", "\"ping\"", "{\"server_time\":"].iter().any(|part| text.contains(part))
    }

    /// The frame that a broadcast is on another connection.
    pub(crate) fn deliver(&mut self, session: Id, broadcast: Id) -> Option<Id> {
        if let Some(known) = self.delivered.get(&(session, broadcast)) {
            return *known;
        }
        let effect = self.sessions.get(session).broadcast(&self.broadcasts.get(broadcast));
        let frame = match effect {
            Some(SessionEffect::Send(text)) => Some(self.frames.intern(text)),
            Some(_) | None => None,
        };
        self.delivered.insert((session, broadcast), frame);
        frame
    }
}

/// A source of ids and jitter.
pub(crate) fn ids(tab: usize, count: u64) -> IdSource {
    IdSource::new([tab as u64, count, 3, 4])
}
