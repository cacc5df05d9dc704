//! The client's end: one connection that is kept open, and the channels on it.
//!
//! Deliberate differences from phoenix.js 1.8: a push in flight ends at once when the connection
//! is lost; an "unmatched topic" reply, or three pushes in a row without a reply, cause a rejoin;
//! every close that was not requested causes a reconnect, whatever its code, with jitter, and on a
//! hidden page too; an open connection can be probed; and pushes are never queued, because the
//! caller keeps what it has to send.

mod connection;
mod effect;
mod incoming;
mod timers;

use wizitime_domain::json::JsonText;

use super::channel::{Channel, ChannelState};
use super::control::PHOENIX_TOPIC;
use super::frame::{Frame, Ref};
use super::heartbeat::PROBE_TIMEOUT_MS;
use crate::{Backoff, Moment, MonoTime};
use connection::{Connection, ConnectionState, PendingRequest};

pub use effect::{ConnId, Push, PushError, SocketEffect, SocketEvent};

/// How long opening a connection may take.
pub const CONNECT_TIMEOUT_MS: u64 = 10_000;
/// How long the reply to a join may take.
pub const JOIN_TIMEOUT_MS: u64 = 10_000;
/// The largest number of pushes without a reply.
pub const PUSHES_IN_FLIGHT_MAX: usize = 64;

/// Nominal delays before reconnecting, in milliseconds: those of phoenix.js (`reconnectAfterMs`),
/// which repeats the 5 s. After ten of those the server is taken to refuse the client or to be
/// down for long.
const RECONNECT_DELAYS_MS: [u64; 20] = [
    10, 50, 100, 150, 200, 250, 500, 1_000, 2_000, 5_000, 5_000, 5_000, 5_000, 5_000, 5_000, 5_000,
    5_000, 5_000, 5_000, 30_000,
];

/// A Phoenix client as a state machine. `Tag` identifies a push to the application: it is passed
/// to [`Socket::push`] and comes back with the reply.
#[derive(Clone, Debug)]
pub struct Socket<Tag> {
    connection: ConnectionState<Tag>,
    channels: Vec<Channel>,
    last_conn: u64,
    last_ref: u64,
    backoff: Backoff,
    failed_connects: u32,
}

impl<Tag> Default for Socket<Tag> {
    fn default() -> Self {
        Self {
            connection: ConnectionState::Disconnected,
            channels: Vec::new(),
            last_conn: 0,
            last_ref: 0,
            backoff: Backoff::new(&RECONNECT_DELAYS_MS),
            failed_connects: 0,
        }
    }
}

impl<Tag> Socket<Tag> {
    /// Joins a topic as soon as the connection is open, and again after every failure, until
    /// [`Socket::leave`]. `params` is the payload of the join; for a topic that was joined before
    /// it is the payload of the next join.
    pub fn join(
        &mut self,
        topic: &str,
        params: JsonText,
        moment: Moment,
        out: &mut Vec<SocketEffect<Tag>>,
    ) {
        match self.channels.iter_mut().find(|channel| channel.topic == topic) {
            Some(channel) => channel.params = params,
            None => {
                self.channels.push(Channel::new(topic, params));
                self.send_due_joins(moment, out);
            }
        }
    }

    /// Leaves a topic.
    pub fn leave(&mut self, topic: &str, out: &mut Vec<SocketEffect<Tag>>) {
        let Some(index) = self.channels.iter().position(|channel| channel.topic == topic) else {
            return;
        };
        self.abandon_pushes(topic, out);
        let channel = self.channels.remove(index);
        if let Some(join_ref) = channel.join_ref() {
            self.send_leave(topic, join_ref, out);
        }
    }

    /// Closes the connection, removes all channels, and does not reconnect.
    pub fn disconnect(&mut self, out: &mut Vec<SocketEffect<Tag>>) {
        let conn = self.connection.conn();
        self.drop_connection(ConnectionState::Disconnected, out);
        self.channels.clear();
        self.backoff.reset();
        self.failed_connects = 0;
        out.extend(conn.map(|conn| SocketEffect::Close { conn }));
    }

    /// Opens a connection now unless there is one, and keeps it open from then on.
    pub fn connect(&mut self, moment: Moment, out: &mut Vec<SocketEffect<Tag>>) {
        match self.connection {
            ConnectionState::Disconnected | ConnectionState::Reconnecting { .. } => {
                self.open_connection(moment, out);
            }
            ConnectionState::Connecting { .. } | ConnectionState::Open(_) => (),
        }
    }

    /// Reconnects and rejoins without further delay; an open connection has to answer a heartbeat
    /// within [`PROBE_TIMEOUT_MS`]. To be called when the network came back, or the page became
    /// visible or woke up.
    pub fn probe(&mut self, moment: Moment, out: &mut Vec<SocketEffect<Tag>>) {
        match &self.connection {
            ConnectionState::Disconnected | ConnectionState::Connecting { .. } => (),
            ConnectionState::Reconnecting { .. } => {
                self.backoff.reset();
                self.open_connection(moment, out);
            }
            ConnectionState::Open(connection) => {
                let deadline = moment.mono.plus_ms(PROBE_TIMEOUT_MS);
                if !connection.heartbeat.expects_reply_by(deadline) {
                    self.send_heartbeat(PROBE_TIMEOUT_MS, moment, out);
                }
            }
        }
        for channel in &mut self.channels {
            if let ChannelState::Errored { rejoin_at } = &mut channel.state {
                *rejoin_at = moment.mono;
                channel.backoff.reset();
            }
        }
        self.send_due_joins(moment, out);
    }

    /// The connection is open.
    pub fn opened(&mut self, conn: ConnId, moment: Moment, out: &mut Vec<SocketEffect<Tag>>) {
        if !matches!(self.connection, ConnectionState::Connecting { conn: it, .. } if it == conn) {
            return;
        }
        self.failed_connects = 0;
        self.connection = ConnectionState::Open(Connection::opened(conn, moment.mono));
        out.push(SocketEvent::Opened.into());
        for channel in &mut self.channels {
            channel.state = ChannelState::Closed;
        }
        self.send_due_joins(moment, out);
    }

    /// The connection is closed, with the close code if there was one.
    pub fn closed(
        &mut self,
        conn: ConnId,
        code: Option<u16>,
        moment: Moment,
        out: &mut Vec<SocketEffect<Tag>>,
    ) {
        if self.connection.conn() == Some(conn) {
            self.connection_lost(code, moment, out);
        }
    }

    /// A text frame arrived.
    pub fn received(
        &mut self,
        conn: ConnId,
        text: &str,
        moment: Moment,
        out: &mut Vec<SocketEffect<Tag>>,
    ) {
        if !matches!(&self.connection, ConnectionState::Open(open) if open.conn == conn) {
            return;
        }
        // Only a frame proves that the connection works; opening is not enough.
        self.backoff.reset();
        match Frame::decode(text) {
            Ok(frame) if frame.topic == PHOENIX_TOPIC => self.heartbeat_replied(&frame, moment),
            Ok(frame) => self.dispatch(frame, moment, out),
            Err(error) => {
                let detail = error.to_string();
                out.push(SocketEvent::BadFrame { detail }.into());
            }
        }
    }

    /// Sends a message to a joined channel. Its tag comes back exactly once, with
    /// [`SocketEvent::Replied`] or [`SocketEvent::OutcomeUnknown`].
    ///
    /// # Errors
    /// If it cannot be sent now. It is not queued.
    pub fn push(
        &mut self,
        push: Push<'_, Tag>,
        now: MonoTime,
        out: &mut Vec<SocketEffect<Tag>>,
    ) -> Result<(), PushError> {
        let Push { topic, event, payload, timeout_ms, tag } = push;
        let channel = self.channels.iter().find(|channel| channel.topic == topic);
        let Some(ChannelState::Joined { join_ref, .. }) = channel.map(|channel| &channel.state)
        else {
            return Err(PushError::NotJoined);
        };
        let ConnectionState::Open(connection) = &mut self.connection else {
            return Err(PushError::NotJoined);
        };
        if connection.pending.len() >= PUSHES_IN_FLIGHT_MAX {
            return Err(PushError::TooManyInFlight);
        }
        self.last_ref += 1;
        let reference = self.last_ref;
        let topic = topic.to_owned();
        out.extend(connection.send(&Frame {
            join_ref: Ref::text(join_ref),
            reference: Ref::text(reference.to_string()),
            topic: topic.clone(),
            event: event.to_owned(),
            payload,
        }));
        let deadline = now.plus_ms(timeout_ms);
        connection.pending.push(PendingRequest { reference, topic, deadline, tag });
        Ok(())
    }

    /// Whether the topic is joined, so that a push can be sent.
    pub fn is_joined(&self, topic: &str) -> bool {
        self.channels.iter().any(|channel| channel.topic == topic && channel.is_joined())
    }

    fn next_ref(&mut self) -> u64 {
        self.last_ref += 1;
        self.last_ref
    }
}

#[cfg(test)]
mod tests;
