//! Incoming frames: which channel or pending request each one is for.

use serde::Deserialize;
use wizitime_domain::json::{self, JsonText};

use super::connection::ConnectionState;
use super::{Socket, SocketEffect, SocketEvent};
use crate::Moment;
use crate::phoenix::channel::{Channel, ChannelState};
use crate::phoenix::control::{CLOSE_EVENT, ERROR_EVENT, REPLY_EVENT, UNMATCHED_TOPIC};
use crate::phoenix::frame::{Frame, Ref};
use crate::phoenix::heartbeat::Heartbeat;
use crate::phoenix::reply::{Reply, Status};

impl<Tag> Socket<Tag> {
    /// A frame of the topic `phoenix`: only a heartbeat reply.
    pub(super) fn heartbeat_replied(&mut self, frame: &Frame, moment: Moment) {
        if let (ConnectionState::Open(connection), Ref::Text(reference)) =
            (&mut self.connection, &frame.reference)
            && connection.heartbeat.is_awaiting(reference)
        {
            connection.heartbeat = Heartbeat::idle_from(moment.mono);
        }
    }

    /// A frame of any other topic.
    pub(super) fn dispatch(
        &mut self,
        frame: Frame,
        moment: Moment,
        out: &mut Vec<SocketEffect<Tag>>,
    ) {
        let Some(channel) = self.channels.iter().find(|channel| channel.topic == frame.topic)
        else {
            return;
        };
        // A message of an earlier join must not affect this one. A null join_ref is a broadcast
        // or a reply of the transport itself.
        if let Ref::Text(join_ref) = &frame.join_ref
            && channel.join_ref() != Some(join_ref)
        {
            return;
        }
        match frame.event.as_str() {
            REPLY_EVENT => self.replied(&frame, moment, out),
            ERROR_EVENT => {
                self.report_crash(&frame.topic, out);
                self.fail_channel(&frame.topic, moment, out);
            }
            CLOSE_EVENT => self.fail_channel(&frame.topic, moment, out),
            _ => {
                let Frame { topic, event, payload, .. } = frame;
                out.push(SocketEvent::Message { topic, event, payload }.into());
            }
        }
    }

    /// Reports the push that a channel has crashed over: a channel handles one after the other, so
    /// it is the oldest without a reply.
    fn report_crash(&mut self, topic: &str, out: &mut Vec<SocketEffect<Tag>>) {
        let ConnectionState::Open(connection) = &mut self.connection else { return };
        let oldest = connection.pending.iter().find(|it| it.topic == topic);
        let push = oldest.map(|it| it.reference).and_then(|it| connection.take_pending(it));
        out.extend(push.map(|it| SocketEvent::PushCrashed { tag: it.tag }.into()));
    }

    fn replied(&mut self, frame: &Frame, moment: Moment, out: &mut Vec<SocketEffect<Tag>>) {
        // A decoded text frame always has a JSON payload.
        let Some(json) = frame.payload.as_json() else { return };
        let reply = match json::from_raw(json) {
            Ok(reply) => reply,
            Err(error) => {
                let detail = format!("unreadable reply: {error}");
                out.push(SocketEvent::BadFrame { detail }.into());
                return;
            }
        };
        let Ref::Text(reference) = &frame.reference else { return };
        let channel = self.channels.iter().find(|channel| channel.topic == frame.topic);
        if channel.is_some_and(|channel| channel.is_joining_as(reference)) {
            self.join_replied(&frame.topic, reference, reply, moment, out);
        } else {
            self.push_replied(&frame.topic, reference, reply, moment, out);
        }
    }

    fn join_replied(
        &mut self,
        topic: &str,
        join_ref: &str,
        Reply { status, response }: Reply,
        moment: Moment,
        out: &mut Vec<SocketEffect<Tag>>,
    ) {
        let Some(channel) = self.channels.iter_mut().find(|channel| channel.topic == topic) else {
            return;
        };
        let topic = topic.to_owned();
        match status {
            Status::Ok => {
                channel.state =
                    ChannelState::Joined { join_ref: join_ref.to_owned(), since: moment.mono };
                channel.answered();
                out.push(SocketEvent::Joined { topic, response }.into());
            }
            Status::Error | Status::Other(_) => {
                out.push(SocketEvent::JoinRefused { topic: topic.clone(), response }.into());
                self.fail_channel(&topic, moment, out);
            }
        }
    }

    fn push_replied(
        &mut self,
        topic: &str,
        reference: &str,
        Reply { status, response }: Reply,
        moment: Moment,
        out: &mut Vec<SocketEffect<Tag>>,
    ) {
        let ConnectionState::Open(connection) = &mut self.connection else { return };
        let request = reference.parse().ok().and_then(|it| connection.take_pending(it));
        let Some(request) = request else { return };
        self.channels.iter_mut().filter(|it| it.topic == topic).for_each(Channel::answered);
        if status == Status::Error && is_unmatched_topic(&response) {
            // The server does not know the channel any more, and never handled the push.
            out.push(request.outcome_unknown());
            self.fail_channel(topic, moment, out);
        } else {
            out.push(SocketEvent::Replied { tag: request.tag, status, response }.into());
        }
    }
}

fn is_unmatched_topic(response: &JsonText) -> bool {
    #[derive(Deserialize)]
    struct Reason {
        reason: String,
    }
    let reason = json::from_raw::<Reason>(response.as_raw());
    reason.is_ok_and(|it| it.reason == UNMATCHED_TOPIC)
}
