//! Every part that worlds are made of, and everything that was ever computed of them: the same
//! client hears the same input in a great many worlds, and is asked only once.

mod step;

use std::rc::Rc;

use wizitime::app::Core;
use wizitime::app::Moment;
use wizitime::app::input::Input;
use wizitime_domain::{IdSource, Timestamp, UserId};
use wizitime_hub::{Broadcast, Session, SessionEffect};
use wizitime_protocol::MonoTime;

use crate::disk::{Deed, Disk};
use crate::fingerprint::{self, Fingerprint};
use crate::mind::{self, Mind};
use crate::oracle::Recorded;
use crate::server::Server;
use crate::table::{Id, Memo, Seen, Table};

pub(crate) use step::{Act, Outcome, Step};

/// The virtual day on which every world begins: 2026-01-05T08:00:00Z.
const BEGIN_MS: i64 = 1_767_600_000_000;
/// The clocks on the wall show no less than this, so that a person who acts a little earlier or
/// later records the same. It is as much as a client takes for an accident.
const WALL_STEP_MS: u64 = 2_000;
/// From one thing that the person does to the next, by the clocks on the wall.
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

/// What a frame leads to at the server.
#[derive(Debug)]
pub(crate) struct Served {
    pub(crate) session: Id,
    pub(crate) server: Id,
    /// What the connection gets.
    pub(crate) replies: Vec<Id>,
    /// What all others are told.
    pub(crate) news: Vec<Id>,
    pub(crate) closed: bool,
}

/// What a deed leads to.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Done {
    pub(crate) disk: Id,
    pub(crate) is_different: bool,
    pub(crate) answer: Option<Id>,
}

/// All parts and all results.
#[derive(Debug)]
pub(crate) struct Lore {
    pub(crate) user_id: UserId,
    pub(crate) minds: Table<Mind>,
    pub(crate) inputs: Table<Input>,
    pub(crate) frames: Table<String>,
    pub(crate) acts: Table<Act>,
    pub(crate) disks: Table<Disk>,
    pub(crate) servers: Table<Server>,
    pub(crate) recorded: Table<Recorded>,
    sessions: Table<Session>,
    calm_sessions: Vec<Fingerprint>,
    news: Table<Broadcast>,
    handled: Memo<(Id, Id, Time), Rc<Outcome>>,
    done: Memo<(Id, Id, bool), Done>,
    served: Memo<(Id, Id, Id, Time), Rc<Served>>,
    told: Memo<(Id, Id), Option<Id>>,
    pub(crate) judged: Seen<(u8, Id, Id, u64)>,
    pub(crate) ends: Memo<Fingerprint, bool>,
    pub(crate) complete: Memo<(Id, Id), bool>,
}

impl Lore {
    pub(crate) fn new(user_id: UserId) -> Self {
        Self {
            user_id,
            minds: Table::default(),
            inputs: Table::default(),
            frames: Table::default(),
            acts: Table::default(),
            disks: Table::default(),
            servers: Table::default(),
            recorded: Table::default(),
            sessions: Table::default(),
            calm_sessions: Vec::new(),
            news: Table::default(),
            handled: Memo::default(),
            done: Memo::default(),
            served: Memo::default(),
            told: Memo::default(),
            judged: Seen::default(),
            ends: Memo::default(),
            complete: Memo::default(),
        }
    }

    /// What a client makes of an input. Ids and jitter depend on the tab and on how much of the
    /// script is done, and on nothing else.
    pub(crate) fn handle(&mut self, mind: Id, input: Id, tab: usize, time: Time) -> Rc<Outcome> {
        let key = (mind, input, time);
        if let Some(known) = self.handled.get(&key) {
            return known.clone();
        }
        let mut client = self.minds.get(mind).client.clone();
        let input = Input::clone(&self.inputs.get(input));
        client.reseed(ids(tab, u64::from(time.acted) + 1));
        let effects = client.handle(input, time.now());
        let outcome = Rc::new(self.outcome(client, effects));
        self.handled.insert(key, outcome.clone());
        outcome
    }

    /// Takes a client in, and what it wants done.
    pub(crate) fn outcome(
        &mut self,
        mut client: Core,
        effects: Vec<wizitime::app::Effect>,
    ) -> Outcome {
        client.reseed(ids(0, 0));
        let (fingerprint, calm) = mind::fingerprints(&client);
        let mind = self.minds.put(fingerprint, || Mind::new(client, calm));
        let steps = effects.into_iter().flat_map(|effect| self.steps_of(effect)).collect();
        Outcome { mind, steps }
    }

    /// Does something to a disk.
    pub(crate) fn execute(&mut self, disk: Id, act: Id, unflushed: bool) -> Done {
        if let Some(done) = self.done.get(&(disk, act, unflushed)) {
            return *done;
        }
        let mut after = Disk::clone(&self.disks.get(disk));
        let (is_different, answer) = after.execute(&self.acts.get(act).deed, unflushed);
        let answer = answer.map(|input| self.inputs.intern(input));
        let done = Done { disk: self.disks.intern(after), is_different, answer };
        self.done.insert((disk, act, unflushed), done);
        done
    }

    pub(crate) fn act(&mut self, deed: Deed) -> Id {
        let fingerprint = fingerprint::of(&deed);
        let inputs = &mut self.inputs;
        self.acts.put(fingerprint, || Act::new(deed, inputs))
    }

    /// A new connection's session.
    pub(crate) fn welcome(&mut self) -> Id {
        let session = Session::new(self.user_id, "simulated");
        self.session(session)
    }

    fn session(&mut self, session: Session) -> Id {
        let calm = mind::calm_session(&session);
        let id = self.sessions.intern(session);
        if self.calm_sessions.len() < self.sessions.len() {
            self.calm_sessions.push(calm);
        }
        id
    }

    pub(crate) fn calm_session(&self, session: Id) -> Fingerprint {
        self.calm_sessions[session as usize]
    }

    /// The server handles a frame, and runs the job that this asks for.
    pub(crate) fn serve(&mut self, session: Id, frame: Id, server: Id, time: Time) -> Rc<Served> {
        let time = Time { now_ms: time.now_ms / WALL_STEP_MS * WALL_STEP_MS, ..time };
        let key = (session, frame, server, time);
        if let Some(known) = self.served.get(&key) {
            return known.clone();
        }
        let mut after = Session::clone(&self.sessions.get(session));
        let mut changed = None;
        let (mut replies, mut news, mut closed) = (Vec::new(), Vec::new(), false);
        let mut effects = after.receive(&self.frames.get(frame), time.wall());
        while !effects.is_empty() {
            for effect in std::mem::take(&mut effects) {
                match effect {
                    SessionEffect::Send(text) => replies.push(self.frames.intern(text)),
                    SessionEffect::Run(job) => {
                        let server =
                            changed.get_or_insert_with(|| Server::clone(&self.servers.get(server)));
                        let result = server.answer(self.user_id, job);
                        effects.extend(after.job_finished(result, time.wall()));
                    }
                    SessionEffect::Broadcast(it) => news.push(self.news.intern(it)),
                    SessionEffect::PushReceived { .. } | SessionEffect::PushReplied { .. } => (),
                    SessionEffect::Close(_) => closed = true,
                }
            }
        }
        let server = changed.map_or(server, |server| self.servers.intern(server));
        let session = self.session(after);
        let served = Rc::new(Served { session, server, replies, news, closed });
        self.served.insert(key, served.clone());
        served
    }

    /// Whether a frame is the connection's heartbeat or a question for the server's clock, or the
    /// answer to one.
    pub(crate) fn is_idle_talk(&self, frame: Id) -> bool {
        let text = self.frames.get(frame);
        text.contains("\"phoenix\"") || text.contains("\"ping\"") || is_pong(&text)
    }

    /// What another connection is told.
    pub(crate) fn tell(&mut self, session: Id, news: Id) -> Option<Id> {
        if let Some(known) = self.told.get(&(session, news)) {
            return *known;
        }
        let frame = match self.sessions.get(session).broadcast(&self.news.get(news)) {
            Some(SessionEffect::Send(text)) => Some(self.frames.intern(text)),
            Some(_) | None => None,
        };
        self.told.insert((session, news), frame);
        frame
    }
}

/// A pong has the server's time and nothing else.
fn is_pong(text: &str) -> bool {
    text.contains("{\"server_time\":")
}

/// A source of ids and jitter.
pub(crate) fn ids(tab: usize, count: u64) -> IdSource {
    IdSource::new([tab as u64, count, 3, 4])
}
