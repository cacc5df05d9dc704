//! Everything that happens because time passed: reconnecting, joining, heartbeats, timeouts.

use super::connection::ConnectionState;
use super::{CONNECT_TIMEOUT_MS, ConnId, JOIN_TIMEOUT_MS, Socket, SocketEffect, SocketEvent};
use crate::phoenix::channel::{Channel, ChannelState};
use crate::phoenix::control::{JOIN_EVENT, LEAVE_EVENT};
use crate::phoenix::frame::{Frame, Payload, Ref};
use crate::phoenix::heartbeat::HeartbeatAction;
use crate::{Moment, MonoTime};

impl<Tag> Socket<Tag> {
    /// Handles everything that is due. May be called at any time.
    pub fn timer_fired(&mut self, moment: Moment, out: &mut Vec<SocketEffect<Tag>>) {
        match &self.connection {
            ConnectionState::Reconnecting { retry_at } if *retry_at <= moment.mono => {
                self.open_connection(moment, out);
            }
            ConnectionState::Connecting { conn, deadline } if *deadline <= moment.mono => {
                out.push(SocketEffect::Close { conn: *conn });
                self.connection_lost(None, moment, out);
            }
            ConnectionState::Disconnected
            | ConnectionState::Reconnecting { .. }
            | ConnectionState::Connecting { .. } => (),
            ConnectionState::Open(connection) => match connection.heartbeat.action(moment.mono) {
                HeartbeatAction::None => (),
                HeartbeatAction::Send { timeout_ms } => {
                    self.send_heartbeat(timeout_ms, moment, out);
                }
                HeartbeatAction::Close => {
                    out.push(SocketEffect::Close { conn: connection.conn });
                    self.connection_lost(None, moment, out);
                }
            },
        }
        self.expire_pushes(moment, out);
        self.expire_joins(moment, out);
        self.send_due_joins(moment, out);
    }

    /// When [`Socket::timer_fired`] is to be called next.
    pub fn next_timer(&self) -> Option<MonoTime> {
        match &self.connection {
            ConnectionState::Disconnected => None,
            ConnectionState::Reconnecting { retry_at } => Some(*retry_at),
            ConnectionState::Connecting { deadline, .. } => Some(*deadline),
            ConnectionState::Open(connection) => {
                let pushes = connection.pending.iter().map(|request| request.deadline);
                let channels = self.channels.iter().filter_map(Channel::next_timer);
                pushes.chain(channels).chain([connection.heartbeat.next_timer()]).min()
            }
        }
    }

    pub(super) fn open_connection(&mut self, moment: Moment, out: &mut Vec<SocketEffect<Tag>>) {
        self.last_conn += 1;
        let conn = ConnId(self.last_conn);
        let deadline = moment.mono.plus_ms(CONNECT_TIMEOUT_MS);
        self.connection = ConnectionState::Connecting { conn, deadline };
        out.push(SocketEffect::Connect { conn });
    }

    pub(super) fn connection_lost(
        &mut self,
        code: Option<u16>,
        moment: Moment,
        out: &mut Vec<SocketEffect<Tag>>,
    ) {
        if matches!(self.connection, ConnectionState::Connecting { .. }) {
            self.failed_connects = self.failed_connects.saturating_add(1);
        }
        let retry_at = moment.mono.plus_ms(self.backoff.next_delay_ms(moment.entropy));
        self.drop_connection(ConnectionState::Reconnecting { retry_at }, out);
        let failed_connects = self.failed_connects;
        out.push(SocketEvent::Lost { code, failed_connects }.into());
    }

    /// Replaces the connection state; all pushes in flight end with an unknown outcome.
    pub(super) fn drop_connection(
        &mut self,
        next: ConnectionState<Tag>,
        out: &mut Vec<SocketEffect<Tag>>,
    ) {
        if let ConnectionState::Open(mut connection) = std::mem::replace(&mut self.connection, next)
        {
            connection.abandon(|_| true, out);
        }
        for channel in &mut self.channels {
            channel.state = ChannelState::Closed;
        }
    }

    pub(super) fn send_heartbeat(
        &mut self,
        timeout_ms: u64,
        moment: Moment,
        out: &mut Vec<SocketEffect<Tag>>,
    ) {
        let reference = self.next_ref().to_string();
        if let ConnectionState::Open(connection) = &mut self.connection {
            let deadline = moment.mono.plus_ms(timeout_ms);
            out.extend(connection.send_heartbeat(reference, deadline));
        }
    }

    /// Sends the join of every channel that is due, if the connection is open.
    pub(super) fn send_due_joins(&mut self, moment: Moment, out: &mut Vec<SocketEffect<Tag>>) {
        let ConnectionState::Open(connection) = &self.connection else { return };
        for channel in self.channels.iter_mut().filter(|it| it.is_join_due(moment.mono)) {
            self.last_ref += 1;
            let join_ref = self.last_ref.to_string();
            out.extend(connection.send(&Frame {
                join_ref: Ref::text(&*join_ref),
                reference: Ref::text(&*join_ref),
                topic: channel.topic.clone(),
                event: JOIN_EVENT.to_owned(),
                payload: Payload::Json(channel.params.clone()),
            }));
            let deadline = moment.mono.plus_ms(JOIN_TIMEOUT_MS);
            channel.state = ChannelState::Joining { join_ref, deadline };
        }
    }

    /// Ends the pushes whose replies are overdue. The server answers heartbeats also when it has
    /// lost a channel, or knows it by an earlier join whose frame was late.
    fn expire_pushes(&mut self, moment: Moment, out: &mut Vec<SocketEffect<Tag>>) {
        let ConnectionState::Open(connection) = &mut self.connection else { return };
        let overdue = connection.pending.iter().filter(|it| it.deadline <= moment.mono);
        let topics: Vec<String> = overdue.map(|it| it.topic.clone()).collect();
        connection.abandon(|request| request.deadline <= moment.mono, out);
        for topic in topics {
            let channel = self.channels.iter_mut().find(|channel| channel.topic == topic);
            if channel.is_some_and(|it| it.push_expired() && it.is_joined()) {
                self.fail_channel(&topic, moment, out);
            }
        }
    }

    fn expire_joins(&mut self, moment: Moment, out: &mut Vec<SocketEffect<Tag>>) {
        if !matches!(self.connection, ConnectionState::Open(_)) {
            return;
        }
        let expired = self.channels.iter().filter_map(|channel| {
            let join_ref = channel.expired_join_ref(moment.mono)?;
            Some((channel.topic.clone(), join_ref.to_owned()))
        });
        for (topic, join_ref) in expired.collect::<Vec<_>>() {
            // The server may have accepted the join: leave it before the next one.
            self.send_leave(&topic, &join_ref, out);
            self.fail_channel(&topic, moment, out);
        }
    }

    pub(super) fn send_leave(
        &mut self,
        topic: &str,
        join_ref: &str,
        out: &mut Vec<SocketEffect<Tag>>,
    ) {
        let reference = self.next_ref();
        if let ConnectionState::Open(connection) = &self.connection {
            out.extend(connection.send(&Frame {
                join_ref: Ref::text(join_ref),
                reference: Ref::text(reference.to_string()),
                topic: topic.to_owned(),
                event: LEAVE_EVENT.to_owned(),
                payload: Payload::empty(),
            }));
        }
    }

    /// Ends the pushes of a channel, with an unknown outcome.
    pub(super) fn abandon_pushes(&mut self, topic: &str, out: &mut Vec<SocketEffect<Tag>>) {
        if let ConnectionState::Open(connection) = &mut self.connection {
            connection.abandon(|request| request.topic == topic, out);
        }
    }

    /// Reports a channel as failed and schedules the next join.
    pub(super) fn fail_channel(
        &mut self,
        topic: &str,
        moment: Moment,
        out: &mut Vec<SocketEffect<Tag>>,
    ) {
        self.abandon_pushes(topic, out);
        let Some(channel) = self.channels.iter_mut().find(|channel| channel.topic == topic) else {
            return;
        };
        let delay_ms = channel.failed(moment);
        channel.state = ChannelState::Errored { rejoin_at: moment.mono.plus_ms(delay_ms) };
        out.push(SocketEvent::ChannelErrored { topic: topic.to_owned() }.into());
    }
}
