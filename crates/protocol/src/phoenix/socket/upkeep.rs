//! Connecting, joining, asking for a sign of life, and giving up waiting.

use super::{CONNECT_TIMEOUT_MS, ConnId, JOIN_TIMEOUT_MS, Link, Socket, SocketEffect};
use super::{SocketEvent, TRIES_MAX, send, unanswered};
use crate::phoenix::backoff::{reconnect_after_ms, rejoin_after_ms};
use crate::phoenix::channel::ChannelState;
use crate::phoenix::control::{HEARTBEAT_EVENT, JOIN_EVENT, LEAVE_EVENT, PHOENIX_TOPIC};
use crate::phoenix::frame::{Payload, Ref};
use crate::phoenix::heartbeat::Heartbeat;
use crate::phoenix::moment::{Moment, MonoTime};

impl Socket {
    pub(super) fn attempt(&mut self, moment: Moment, out: &mut Vec<SocketEffect>) {
        self.last_conn += 1;
        let conn = ConnId(self.last_conn);
        self.link = Link::Connecting { conn, deadline: moment.mono.plus_ms(CONNECT_TIMEOUT_MS) };
        out.push(SocketEffect::Connect { conn });
    }

    pub(super) fn lost(&mut self, code: Option<u16>, moment: Moment, out: &mut Vec<SocketEffect>) {
        if matches!(self.link, Link::Connecting { .. }) {
            self.never_opened = (self.never_opened + 1).min(TRIES_MAX);
        }
        let wait_ms = reconnect_after_ms(self.tries, moment.entropy);
        self.tries = (self.tries + 1).min(TRIES_MAX);
        self.drop_connection(Link::Waiting { retry_at: moment.mono.plus_ms(wait_ms) }, out);
        let never_opened = self.never_opened;
        out.push(SocketEffect::Event(SocketEvent::Lost { code, never_opened }));
    }

    /// Replaces the link; whatever waited for an answer on it learns that none will come.
    pub(super) fn drop_connection(&mut self, link: Link, out: &mut Vec<SocketEffect>) {
        if let Link::Open(connection) = std::mem::replace(&mut self.link, link) {
            let pushes = connection.pending.into_iter().map(|pending| pending.push);
            out.extend(pushes.map(unanswered));
        }
        for channel in &mut self.channels {
            channel.state = ChannelState::Waiting;
        }
    }

    pub(super) fn ask(&mut self, timeout_ms: u64, moment: Moment, out: &mut Vec<SocketEffect>) {
        let reference = self.next_ref();
        if let Link::Open(connection) = &mut self.link {
            let deadline = moment.mono.plus_ms(timeout_ms);
            connection.heartbeat = Heartbeat::Asked { reference: reference.clone(), deadline };
            let reference = Ref::Text(reference);
            let payload = Payload::empty();
            send(
                connection.conn,
                Ref::Null,
                reference,
                PHOENIX_TOPIC,
                HEARTBEAT_EVENT,
                payload,
                out,
            );
        }
    }

    /// Joins every channel whose time has come.
    pub(super) fn join_due(&mut self, moment: Moment, out: &mut Vec<SocketEffect>) {
        let Link::Open(connection) = &self.link else { return };
        let conn = connection.conn;
        for channel in &mut self.channels {
            let due = match &channel.state {
                ChannelState::Waiting => true,
                ChannelState::Errored { rejoin_at } => *rejoin_at <= moment.mono,
                ChannelState::Joining { .. } | ChannelState::Joined { .. } => false,
            };
            if !due {
                continue;
            }
            self.last_ref += 1;
            let join_ref = self.last_ref.to_string();
            let payload = Payload::Json(channel.params.clone());
            let reference = Ref::text(&*join_ref);
            send(conn, reference.clone(), reference, &channel.topic, JOIN_EVENT, payload, out);
            let deadline = moment.mono.plus_ms(JOIN_TIMEOUT_MS);
            channel.state = ChannelState::Joining { join_ref, deadline };
        }
    }

    pub(super) fn expire_joins(&mut self, moment: Moment, out: &mut Vec<SocketEffect>) {
        let Link::Open(connection) = &self.link else { return };
        let conn = connection.conn;
        let expired: Vec<(String, String)> = self
            .channels
            .iter()
            .filter_map(|channel| match &channel.state {
                ChannelState::Joining { join_ref, deadline } if *deadline <= moment.mono => {
                    Some((channel.topic.clone(), join_ref.clone()))
                }
                ChannelState::Joining { .. }
                | ChannelState::Waiting
                | ChannelState::Joined { .. }
                | ChannelState::Errored { .. } => None,
            })
            .collect();
        for (topic, join_ref) in expired {
            // The server may have joined us after all: end that join before the next.
            let reference = Ref::text(self.next_ref());
            let payload = Payload::empty();
            send(conn, Ref::Text(join_ref), reference, &topic, LEAVE_EVENT, payload, out);
            self.fail_channel(&topic, moment, out);
        }
    }

    pub(super) fn expire_pushes(&mut self, now: MonoTime, out: &mut Vec<SocketEffect>) {
        let Link::Open(connection) = &mut self.link else { return };
        connection.pending.retain(|pending| {
            let waits = pending.deadline > now;
            if !waits {
                out.push(unanswered(pending.push));
            }
            waits
        });
    }

    pub(super) fn abandon_pushes(&mut self, topic: &str, out: &mut Vec<SocketEffect>) {
        let Link::Open(connection) = &mut self.link else { return };
        connection.pending.retain(|pending| {
            let other = pending.topic != topic;
            if !other {
                out.push(unanswered(pending.push));
            }
            other
        });
    }

    pub(super) fn fail_channel(
        &mut self,
        topic: &str,
        moment: Moment,
        out: &mut Vec<SocketEffect>,
    ) {
        self.abandon_pushes(topic, out);
        let Some(channel) = self.channels.iter_mut().find(|channel| channel.topic == topic) else {
            return;
        };
        let wait_ms = rejoin_after_ms(channel.tries, moment.entropy);
        channel.tries = (channel.tries + 1).min(TRIES_MAX);
        channel.state = ChannelState::Errored { rejoin_at: moment.mono.plus_ms(wait_ms) };
        let topic = topic.to_owned();
        out.push(SocketEffect::Event(SocketEvent::ChannelErrored { topic }));
    }
}
