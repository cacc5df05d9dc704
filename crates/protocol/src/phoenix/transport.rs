//! The server's end: the joined channels of one connection, and the routing of its frames.
//!
//! Rules and order are those of Phoenix 1.8.12: the reply to a join that replaces another one
//! precedes the old channel's `phx_close`; a frame with a stale `join_ref` is dropped without a
//! reply, a null `join_ref` is accepted; a push to a topic that is not joined gets the error
//! "unmatched topic".

use std::collections::BTreeMap;

use serde::Serialize;
use wizitime_domain::json::{JsonText, to_json};

use super::control::{
    CLOSE_EVENT, ERROR_EVENT, HEARTBEAT_EVENT, JOIN_EVENT, LEAVE_EVENT, PHOENIX_TOPIC, REPLY_EVENT,
    UNMATCHED_TOPIC,
};
use super::frame::{Frame, Payload, Ref};
use super::reply::{Reply, Status};

/// The largest number of channels joined on one connection.
pub const CHANNELS_PER_TRANSPORT_MAX: usize = 100;

/// A join that the application has to accept or refuse.
#[derive(Clone, Debug)]
pub struct JoinRequest {
    pub topic: String,
    pub payload: Payload,
    join_ref: Ref,
    reference: Ref,
}

/// What a frame requires.
#[derive(Clone, Debug)]
pub enum TransportEvent {
    /// Send this frame.
    Send(Frame),
    /// The client joins a topic: call [`Transport::accept`], [`Transport::refuse`] or
    /// [`Transport::no_such_topic`] before the next frame is handled.
    Join(JoinRequest),
    /// The client pushes a message: call [`Transport::reply`].
    Push { topic: String, join_ref: Ref, reference: Ref, event: String, payload: Payload },
    /// The client left a channel; its pending replies will not be sent.
    Left { topic: String },
}

/// The channels of one connection.
#[derive(Clone, Debug, Default)]
pub struct Transport {
    /// The `join_ref` of each joined topic.
    joined: BTreeMap<String, Ref>,
}

impl Transport {
    /// Handles one frame of the client.
    pub fn receive(&mut self, frame: Frame) -> Vec<TransportEvent> {
        // No channel has this topic. A leave of it is a leave of any topic that is not joined.
        if frame.topic == PHOENIX_TOPIC && frame.event != LEAVE_EVENT {
            let reply = if frame.event == HEARTBEAT_EVENT {
                reply_frame(
                    Ref::Null,
                    frame.reference,
                    PHOENIX_TOPIC,
                    &Status::Ok,
                    Payload::empty(),
                )
            } else {
                unmatched(frame.reference, frame.topic)
            };
            return vec![TransportEvent::Send(reply)];
        }
        match (frame.event.as_str(), self.joined.get(&frame.topic)) {
            (JOIN_EVENT, None) if self.joined.len() >= CHANNELS_PER_TRANSPORT_MAX => {
                let reason = reason("too many channels joined");
                let Frame { join_ref, reference, topic, .. } = frame;
                let refusal = reply_frame(join_ref, reference, &topic, &Status::Error, reason);
                vec![TransportEvent::Send(refusal)]
            }
            (JOIN_EVENT, _) => {
                let Frame { join_ref, reference, topic, payload, .. } = frame;
                vec![TransportEvent::Join(JoinRequest { topic, payload, join_ref, reference })]
            }
            (LEAVE_EVENT, Some(join_ref))
                if frame.join_ref.is_null() || frame.join_ref == *join_ref =>
            {
                self.leave(frame)
            }
            (LEAVE_EVENT, None) => {
                let Frame { join_ref, reference, topic, .. } = frame;
                let reply = reply_frame(join_ref, reference, &topic, &Status::Ok, Payload::empty());
                vec![TransportEvent::Send(reply)]
            }
            (_, Some(join_ref)) if frame.join_ref.is_null() || frame.join_ref == *join_ref => {
                let join_ref = join_ref.clone();
                let Frame { reference, topic, event, payload, .. } = frame;
                vec![TransportEvent::Push { topic, join_ref, reference, event, payload }]
            }
            // A frame of an earlier join of the same topic.
            (_, Some(_)) => Vec::new(),
            (_, None) => vec![TransportEvent::Send(unmatched(frame.reference, frame.topic))],
        }
    }

    /// The number of joined channels.
    pub fn joined_channels(&self) -> usize {
        self.joined.len()
    }

    /// Accepts a join. If the topic was joined before, the old channel is closed after the reply.
    pub fn accept(&mut self, join: JoinRequest, response: Payload) -> Vec<Frame> {
        let JoinRequest { topic, join_ref, reference, .. } = join;
        let mut frames =
            vec![reply_frame(join_ref.clone(), reference, &topic, &Status::Ok, response)];
        if let Some(old) = self.joined.insert(topic.clone(), join_ref) {
            frames.push(close_frame(old, topic));
        }
        frames
    }

    /// Refuses a join. A channel that it would have replaced is closed as well.
    pub fn refuse(&mut self, join: JoinRequest, response: Payload) -> Vec<Frame> {
        let JoinRequest { topic, join_ref, reference, .. } = join;
        let mut frames = vec![reply_frame(join_ref, reference, &topic, &Status::Error, response)];
        if let Some(old) = self.joined.remove(&topic) {
            frames.push(close_frame(old, topic));
        }
        frames
    }

    /// Refuses a join of a topic that does not exist in the application.
    pub fn no_such_topic(&self, join: JoinRequest) -> Frame {
        unmatched(join.reference, join.topic)
    }

    /// The reply to a push; none if its channel was closed or joined again in the meantime.
    pub fn reply(
        &self,
        topic: &str,
        join_ref: &Ref,
        reference: Ref,
        status: &Status,
        response: Payload,
    ) -> Option<Frame> {
        (self.joined.get(topic) == Some(join_ref))
            .then(|| reply_frame(join_ref.clone(), reference, topic, status, response))
    }

    /// Whether the topic is joined, so that its broadcasts are sent on this connection.
    pub fn has_joined(&self, topic: &str) -> bool {
        self.joined.contains_key(topic)
    }

    /// Closes a channel after a failure: one `phx_error`, after which the client joins again.
    pub fn crash(&mut self, topic: &str) -> Option<Frame> {
        let join_ref = self.joined.remove(topic)?;
        Some(Frame {
            join_ref: join_ref.clone(),
            reference: join_ref,
            topic: topic.to_owned(),
            event: ERROR_EVENT.to_owned(),
            payload: reason("channel_crash"),
        })
    }

    fn leave(&mut self, frame: Frame) -> Vec<TransportEvent> {
        let Frame { reference, topic, .. } = frame;
        let Some(join_ref) = self.joined.remove(&topic) else { return Vec::new() };
        let reply = reply_frame(join_ref.clone(), reference, &topic, &Status::Ok, Payload::empty());
        vec![
            TransportEvent::Send(reply),
            TransportEvent::Send(close_frame(join_ref, topic.clone())),
            TransportEvent::Left { topic },
        ]
    }
}

fn close_frame(join_ref: Ref, topic: String) -> Frame {
    Frame {
        join_ref: join_ref.clone(),
        reference: join_ref,
        topic,
        event: CLOSE_EVENT.to_owned(),
        payload: Payload::empty(),
    }
}

fn unmatched(reference: Ref, topic: String) -> Frame {
    reply_frame(Ref::Null, reference, &topic, &Status::Error, reason(UNMATCHED_TOPIC))
}

fn reason(reason: &str) -> Payload {
    #[derive(Serialize)]
    struct Reason<'a> {
        reason: &'a str,
    }
    Payload::Json(to_json(&Reason { reason }))
}

fn reply_frame(
    join_ref: Ref,
    reference: Ref,
    topic: &str,
    status: &Status,
    response: Payload,
) -> Frame {
    let response = match response {
        Payload::Json(response) => response,
        Payload::Binary(_) => JsonText::empty_object(),
    };
    let reply = Reply { status: status.clone(), response };
    Frame {
        join_ref,
        reference,
        topic: topic.to_owned(),
        event: REPLY_EVENT.to_owned(),
        payload: Payload::Json(to_json(&reply)),
    }
}

#[cfg(test)]
mod tests;
