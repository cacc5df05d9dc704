//! The client's end of a connection and its channels.
//!
//! Differences from phoenix.js, on purpose: pushes in flight end at once when the link drops; an
//! "unmatched topic" answer causes a rejoin; any close that was not asked for causes a reconnect,
//! with jitter; a hidden page reconnects too; an open but silent socket can be probed; and nothing
//! is queued, because the caller's buffer is the only truth.

mod incoming;
mod upkeep;

use wizitime_domain::json::JsonText;

use super::channel::{Channel, ChannelState};
use super::control::{LEAVE_EVENT, PHOENIX_TOPIC};
use super::frame::{Frame, Payload, Ref};
use super::heartbeat::{Heartbeat, PROBE_TIMEOUT_MS, Verdict};
use super::moment::{Moment, MonoTime};
use super::reply::Status;

/// How long opening a connection may take.
pub const CONNECT_TIMEOUT_MS: u64 = 10_000;
/// How long joining a channel may take.
pub const JOIN_TIMEOUT_MS: u64 = 10_000;
/// The most pushes that wait for a reply at the same time.
pub const PUSHES_IN_FLIGHT_MAX: usize = 64;
/// Tries are counted no further: the waits no longer grow.
const TRIES_MAX: u32 = 1_000;

/// One attempt at a connection. Events of an earlier one are ignored.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ConnId(pub u64);

/// One push, for as long as its reply is awaited.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct PushId(u64);

/// Why a push was not sent. The caller still owns its payload.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PushError {
    /// The channel is not joined.
    NotJoined,
    /// Too many pushes wait for their replies.
    TooMany,
}

/// What the shell is to do, in this order.
#[derive(Clone, Debug)]
pub enum SocketEffect {
    /// Open a connection; answer with `opened` or `closed`.
    Connect { conn: ConnId },
    /// Send a text frame.
    Send { conn: ConnId, text: String },
    /// Close the connection; its later events do not matter.
    Close { conn: ConnId },
    /// Tell the application.
    Event(SocketEvent),
}

/// What the application is told.
#[derive(Clone, Debug)]
pub enum SocketEvent {
    /// The connection is open; channels are being joined.
    Opened,
    /// The connection is gone, or never came to be. `never_opened` counts such attempts in a row:
    /// a browser cannot see whether it was refused.
    Lost { code: Option<u16>, never_opened: u32 },
    /// The channel took us in.
    Joined { topic: String, response: JsonText },
    /// The channel refused us; it is tried again by schedule.
    JoinRefused { topic: String, response: JsonText },
    /// The channel crashed, vanished or did not answer the join; it is joined again.
    ChannelErrored { topic: String },
    /// A reply.
    Replied { push: PushId, status: Status, response: JsonText },
    /// No reply will come: whether the push took effect is unknown.
    Unanswered { push: PushId },
    /// The server says something of its own accord.
    Message { topic: String, event: String, payload: Payload },
    /// The server sent what is no frame; it was ignored.
    BadFrame { detail: String },
}

#[derive(Clone, Debug)]
struct Pending {
    push: PushId,
    topic: String,
    deadline: MonoTime,
}

/// All that belongs to one connection; dropped as a whole when it ends.
#[derive(Clone, Debug)]
struct Connection {
    conn: ConnId,
    heartbeat: Heartbeat,
    /// At most [`PUSHES_IN_FLIGHT_MAX`].
    pending: Vec<Pending>,
}

#[derive(Clone, Debug)]
enum Link {
    /// Nobody wants a connection.
    Idle,
    /// The next attempt is made then.
    Waiting {
        retry_at: MonoTime,
    },
    Connecting {
        conn: ConnId,
        deadline: MonoTime,
    },
    Open(Connection),
}

/// A connection that is kept up, and the channels on it.
#[derive(Clone, Debug)]
pub struct Socket {
    link: Link,
    channels: Vec<Channel>,
    last_conn: u64,
    last_ref: u64,
    tries: u32,
    never_opened: u32,
}

impl Default for Socket {
    fn default() -> Self {
        Self {
            link: Link::Idle,
            channels: Vec::new(),
            last_conn: 0,
            last_ref: 0,
            tries: 0,
            never_opened: 0,
        }
    }
}

impl Socket {
    /// Wants to be in a topic: joined as soon as the connection is open, and again after every
    /// failure, until [`Socket::leave`]. `params` is the payload of the join; for a topic
    /// already wanted it is that of the next join.
    pub fn join(
        &mut self,
        topic: &str,
        params: JsonText,
        moment: Moment,
        out: &mut Vec<SocketEffect>,
    ) {
        match self.channels.iter_mut().find(|channel| channel.topic == topic) {
            Some(channel) => channel.params = params,
            None => {
                self.channels.push(Channel {
                    topic: topic.to_owned(),
                    params,
                    state: ChannelState::Waiting,
                    tries: 0,
                });
                self.join_due(moment, out);
            }
        }
    }

    /// No longer wants to be in a topic.
    pub fn leave(&mut self, topic: &str, out: &mut Vec<SocketEffect>) {
        let Some(index) = self.channels.iter().position(|channel| channel.topic == topic) else {
            return;
        };
        self.abandon_pushes(topic, out);
        let channel = self.channels.remove(index);
        if let (Link::Open(connection), Some(join_ref)) = (&self.link, channel.join_ref()) {
            let conn = connection.conn;
            let join_ref = Ref::text(join_ref);
            let reference = Ref::text(self.next_ref());
            send(conn, join_ref, reference, topic, LEAVE_EVENT, Payload::empty(), out);
        }
    }

    /// Leaves all topics and closes the connection for good.
    pub fn disconnect(&mut self, out: &mut Vec<SocketEffect>) {
        let conn = match &self.link {
            Link::Idle | Link::Waiting { .. } => None,
            Link::Connecting { conn, .. } => Some(*conn),
            Link::Open(connection) => Some(connection.conn),
        };
        self.drop_connection(Link::Idle, out);
        self.channels.clear();
        self.tries = 0;
        self.never_opened = 0;
        out.extend(conn.map(|conn| SocketEffect::Close { conn }));
    }

    /// Wants a connection, now if there is none.
    pub fn connect(&mut self, moment: Moment, out: &mut Vec<SocketEffect>) {
        match self.link {
            Link::Idle | Link::Waiting { .. } => self.attempt(moment, out),
            Link::Connecting { .. } | Link::Open(_) => (),
        }
    }

    /// The world changed (network, focus, wake): reconnects at once, or asks an open connection to
    /// prove itself within [`PROBE_TIMEOUT_MS`].
    pub fn probe(&mut self, moment: Moment, out: &mut Vec<SocketEffect>) {
        match &self.link {
            Link::Idle | Link::Connecting { .. } => (),
            Link::Waiting { .. } => {
                self.tries = 0;
                self.attempt(moment, out);
            }
            Link::Open(connection) => {
                let soon = moment.mono.plus_ms(PROBE_TIMEOUT_MS);
                if !connection.heartbeat.is_answered_by(soon) {
                    self.ask(PROBE_TIMEOUT_MS, moment, out);
                }
            }
        }
        let now = moment.mono;
        for channel in &mut self.channels {
            if let ChannelState::Errored { rejoin_at } = &mut channel.state {
                *rejoin_at = now;
                channel.tries = 0;
            }
        }
        self.join_due(moment, out);
    }

    /// The connection is open.
    pub fn opened(&mut self, conn: ConnId, moment: Moment, out: &mut Vec<SocketEffect>) {
        if !matches!(self.link, Link::Connecting { conn: ours, .. } if ours == conn) {
            return;
        }
        self.never_opened = 0;
        self.link = Link::Open(Connection {
            conn,
            heartbeat: Heartbeat::rest(moment.mono),
            pending: Vec::new(),
        });
        out.push(SocketEffect::Event(SocketEvent::Opened));
        for channel in &mut self.channels {
            channel.state = ChannelState::Waiting;
        }
        self.join_due(moment, out);
    }

    /// The connection is closed, with the code if there was one.
    pub fn closed(
        &mut self,
        conn: ConnId,
        code: Option<u16>,
        moment: Moment,
        out: &mut Vec<SocketEffect>,
    ) {
        let ours = match &self.link {
            Link::Connecting { conn, .. } => *conn,
            Link::Open(connection) => connection.conn,
            Link::Idle | Link::Waiting { .. } => return,
        };
        if ours == conn {
            self.lost(code, moment, out);
        }
    }

    /// A text frame arrived.
    pub fn received(
        &mut self,
        conn: ConnId,
        text: &str,
        moment: Moment,
        out: &mut Vec<SocketEffect>,
    ) {
        if !matches!(&self.link, Link::Open(connection) if connection.conn == conn) {
            return;
        }
        self.tries = 0;
        match Frame::decode(text) {
            Ok(frame) if frame.topic == PHOENIX_TOPIC => self.heartbeat_answered(&frame, moment),
            Ok(frame) => self.dispatch(frame, moment, out),
            Err(error) => {
                let detail = error.to_string();
                out.push(SocketEffect::Event(SocketEvent::BadFrame { detail }));
            }
        }
    }

    /// Time has passed; call it at [`Socket::due`] or whenever it suits.
    pub fn woke(&mut self, moment: Moment, out: &mut Vec<SocketEffect>) {
        match &self.link {
            Link::Idle => (),
            Link::Waiting { retry_at } if *retry_at <= moment.mono => self.attempt(moment, out),
            Link::Connecting { conn, deadline } if *deadline <= moment.mono => {
                out.push(SocketEffect::Close { conn: *conn });
                self.lost(None, moment, out);
            }
            Link::Waiting { .. } | Link::Connecting { .. } => (),
            Link::Open(connection) => match connection.heartbeat.verdict(moment.mono) {
                Verdict::Nothing => (),
                Verdict::Ask { timeout_ms } => self.ask(timeout_ms, moment, out),
                Verdict::Dead => {
                    out.push(SocketEffect::Close { conn: connection.conn });
                    self.lost(None, moment, out);
                }
            },
        }
        self.expire_pushes(moment.mono, out);
        self.expire_joins(moment, out);
        self.join_due(moment, out);
    }

    /// When [`Socket::woke`] is to be called next.
    pub fn due(&self) -> Option<MonoTime> {
        match &self.link {
            Link::Idle => None,
            Link::Waiting { retry_at } => Some(*retry_at),
            Link::Connecting { deadline, .. } => Some(*deadline),
            Link::Open(connection) => {
                let pushes = connection.pending.iter().map(|pending| pending.deadline);
                let channels = self.channels.iter().filter_map(Channel::due);
                pushes.chain(channels).chain([connection.heartbeat.due()]).min()
            }
        }
    }

    /// Sends a message to a joined channel; the answer comes as [`SocketEvent::Replied`] or
    /// [`SocketEvent::Unanswered`], exactly one of them.
    ///
    /// # Errors
    /// If it cannot be sent right now. Nothing is kept for later.
    pub fn push(
        &mut self,
        topic: &str,
        event: &str,
        payload: Payload,
        timeout_ms: u64,
        now: MonoTime,
        out: &mut Vec<SocketEffect>,
    ) -> Result<PushId, PushError> {
        let channel = self.channels.iter().find(|channel| channel.topic == topic);
        let Some(ChannelState::Joined { join_ref }) = channel.map(|channel| &channel.state) else {
            return Err(PushError::NotJoined);
        };
        let join_ref = Ref::text(join_ref);
        let Link::Open(connection) = &mut self.link else { return Err(PushError::NotJoined) };
        if connection.pending.len() >= PUSHES_IN_FLIGHT_MAX {
            return Err(PushError::TooMany);
        }
        self.last_ref += 1;
        let push = PushId(self.last_ref);
        let deadline = now.plus_ms(timeout_ms);
        connection.pending.push(Pending { push, topic: topic.to_owned(), deadline });
        let reference = Ref::text(self.last_ref.to_string());
        send(connection.conn, join_ref, reference, topic, event, payload, out);
        Ok(push)
    }

    /// Whether the topic is joined: whether a push would be sent.
    pub fn is_joined(&self, topic: &str) -> bool {
        let channel = self.channels.iter().find(|channel| channel.topic == topic);
        channel.is_some_and(|channel| matches!(channel.state, ChannelState::Joined { .. }))
    }

    /// Gives a joined topic up as broken and joins it anew.
    pub fn rejoin(&mut self, topic: &str, moment: Moment, out: &mut Vec<SocketEffect>) {
        if self.is_joined(topic) {
            self.fail_channel(topic, moment, out);
        }
    }

    fn next_ref(&mut self) -> String {
        self.last_ref += 1;
        self.last_ref.to_string()
    }
}

fn unanswered(push: PushId) -> SocketEffect {
    SocketEffect::Event(SocketEvent::Unanswered { push })
}

fn send(
    conn: ConnId,
    join_ref: Ref,
    reference: Ref,
    topic: &str,
    event: &str,
    payload: Payload,
    out: &mut Vec<SocketEffect>,
) {
    let frame =
        Frame { join_ref, reference, topic: topic.to_owned(), event: event.to_owned(), payload };
    out.extend(frame.encode().map(|text| SocketEffect::Send { conn, text }));
}

#[cfg(test)]
mod tests;
