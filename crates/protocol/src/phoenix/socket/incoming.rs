//! What the server says, and which of our channels and pushes it is for.

use serde::Deserialize;
use wizitime_domain::json::{self, JsonText};

use super::{Link, PushId, Socket, SocketEffect, SocketEvent, unanswered};
use crate::phoenix::channel::ChannelState;
use crate::phoenix::control::{CLOSE_EVENT, ERROR_EVENT, REPLY_EVENT, UNMATCHED_TOPIC};
use crate::phoenix::frame::{Frame, Ref};
use crate::phoenix::heartbeat::Heartbeat;
use crate::phoenix::moment::Moment;
use crate::phoenix::reply::{Reply, Status};

impl Socket {
    pub(super) fn heartbeat_answered(&mut self, frame: &Frame, moment: Moment) {
        if let (Link::Open(connection), Ref::Text(answered)) = (&mut self.link, &frame.reference)
            && connection.heartbeat.asks(answered)
        {
            connection.heartbeat = Heartbeat::rest(moment.mono);
        }
    }

    pub(super) fn dispatch(&mut self, frame: Frame, moment: Moment, out: &mut Vec<SocketEffect>) {
        let Some(channel) = self.channels.iter().find(|channel| channel.topic == frame.topic)
        else {
            return;
        };
        // A message of an earlier join must not touch this one. A null join_ref is a broadcast or
        // an answer of the connection itself.
        if let Ref::Text(join_ref) = &frame.join_ref
            && channel.join_ref() != Some(join_ref)
        {
            return;
        }
        match frame.event.as_str() {
            REPLY_EVENT => self.reply(&frame, moment, out),
            ERROR_EVENT | CLOSE_EVENT => self.fail_channel(&frame.topic, moment, out),
            _ => {
                let Frame { topic, event, payload, .. } = frame;
                out.push(SocketEffect::Event(SocketEvent::Message { topic, event, payload }));
            }
        }
    }

    pub(super) fn reply(&mut self, frame: &Frame, moment: Moment, out: &mut Vec<SocketEffect>) {
        // Only binary frames carry anything else, and those are read elsewhere.
        let Some(json) = frame.payload.as_json() else { return };
        let Reply { status, response } = match json::from_raw(json) {
            Ok(reply) => reply,
            Err(error) => {
                let detail = format!("the reply cannot be read: {error}");
                out.push(SocketEffect::Event(SocketEvent::BadFrame { detail }));
                return;
            }
        };
        let Ref::Text(reference) = &frame.reference else { return };
        let joining = self
            .channels
            .iter_mut()
            .find(|channel| channel.topic == frame.topic && channel.is_joining_as(reference));
        if let Some(channel) = joining {
            let topic = frame.topic.clone();
            if status == Status::Ok {
                channel.state = ChannelState::Joined { join_ref: reference.clone() };
                channel.tries = 0;
                out.push(SocketEffect::Event(SocketEvent::Joined { topic, response }));
            } else {
                out.push(SocketEffect::Event(SocketEvent::JoinRefused { topic, response }));
                self.fail_channel(&frame.topic, moment, out);
            }
            return;
        }
        let Ok(push) = reference.parse().map(PushId) else { return };
        let Link::Open(connection) = &mut self.link else { return };
        let Some(place) = connection.pending.iter().position(|it| it.push == push) else { return };
        connection.pending.remove(place);
        if status == Status::Error && is_unmatched_topic(&response) {
            // The server never saw the push and has forgotten the channel.
            out.push(unanswered(push));
            self.fail_channel(&frame.topic, moment, out);
        } else {
            out.push(SocketEffect::Event(SocketEvent::Replied { push, status, response }));
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
