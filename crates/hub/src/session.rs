//! One connection of one authenticated user.

mod effect;
mod job;

use std::collections::VecDeque;

use serde::Serialize;
use wizitime_domain::json::{self, JsonText, to_json};
use wizitime_domain::{Timestamp, UserId};
use wizitime_protocol::messages::{
    BULK_EVENT, BulkError, BulkReply, ChangesPageRequest, JoinParams, JoinRefusal, JoinReply,
    Limits, NeedToUpdate, Pong, Reason, user_topic,
};
use wizitime_protocol::phoenix::{
    BinaryFrame, ClientFrame, Frame, JoinRequest, PHOENIX_TOPIC, Payload, Ref, Status, Transport,
    TransportEvent,
};

use crate::batch::{Batch, Commit};
use crate::broadcast::Broadcast;

pub use effect::{CloseCode, PushKind, SessionEffect};
pub use job::{Head, Job, JobError, JobResult};

/// Frames queued while a job runs. A client that sends more is disconnected with 1008.
pub const QUEUED_FRAMES_MAX: usize = 64;
/// `retry_after_ms` of an error reply with the reason `unavailable`.
const RETRY_AFTER_MS: u64 = 1_000;

/// The reply that the running job's result is for.
#[derive(Clone, Debug)]
enum PendingReply {
    Join(JoinRequest),
    Push { kind: PushKind, topic: String, join_ref: Ref, reference: Ref },
}

/// A frame that waits for the end of a job.
#[derive(Clone, Debug)]
struct QueuedFrame {
    frame: ClientFrame,
    /// The length of its encoding.
    bytes: usize,
}

/// The state of one connection.
#[derive(Clone, Debug)]
pub struct Session {
    user_id: UserId,
    server_version: String,
    transport: Transport,
    /// Set while a job runs.
    pending: Option<PendingReply>,
    /// The length of the frame whose job runs.
    pending_bytes: usize,
    /// Frames received while a job runs; at most [`QUEUED_FRAMES_MAX`].
    queue: VecDeque<QueuedFrame>,
}

impl Session {
    /// A new connection that authenticated as this user.
    pub fn new(user_id: UserId, server_version: impl Into<String>) -> Self {
        Self {
            user_id,
            server_version: server_version.into(),
            transport: Transport::default(),
            pending: None,
            pending_bytes: 0,
            queue: VecDeque::new(),
        }
    }

    /// A text frame was received.
    pub fn receive(&mut self, text: &str, now: Timestamp) -> Vec<SessionEffect> {
        match ClientFrame::decode(text) {
            Ok(frame) => self.receive_frame(QueuedFrame { frame, bytes: text.len() }, now),
            Err(_) => vec![SessionEffect::Close(CloseCode::InternalError)],
        }
    }

    /// A binary frame was received. WiziTime uses no binary payloads; the frame is decoded so that
    /// the push gets an error reply.
    pub fn receive_binary(&mut self, bytes: &[u8], now: Timestamp) -> Vec<SessionEffect> {
        match BinaryFrame::decode_from_client(bytes) {
            Ok(BinaryFrame::ClientPush { join_ref, reference, topic, event, data }) => {
                let frame = Frame {
                    join_ref: Ref::Text(join_ref),
                    reference: Ref::Text(reference),
                    topic,
                    event,
                    payload: Payload::Binary(data),
                };
                self.receive_frame(QueuedFrame { frame: frame.into(), bytes: bytes.len() }, now)
            }
            Ok(
                BinaryFrame::ServerPush { .. }
                | BinaryFrame::Reply { .. }
                | BinaryFrame::Broadcast { .. },
            )
            | Err(_) => vec![SessionEffect::Close(CloseCode::InternalError)],
        }
    }

    /// The job of [`SessionEffect::Run`] is done.
    pub fn job_finished(&mut self, result: JobResult, now: Timestamp) -> Vec<SessionEffect> {
        let mut effects = Vec::new();
        match self.pending.take() {
            Some(PendingReply::Join(request)) => {
                self.head_read(request, &result, now, &mut effects);
            }
            Some(PendingReply::Push { kind, topic, join_ref, reference }) => {
                let error = error_reason(&result);
                effects.push(SessionEffect::PushReplied { kind, error });
                let (status, response) = self.response(result, &mut effects);
                self.reply(&topic, &join_ref, reference, &status, response, &mut effects);
            }
            None => debug_assert!(false, "a result without a job"),
        }
        self.drain_queue(now, &mut effects);
        effects
    }

    /// The number of channels that the client has joined.
    pub fn joined_channels(&self) -> usize {
        self.transport.joined_channels()
    }

    /// Bytes of the frames that are not yet handled: queued, or a job for them is running.
    pub fn unhandled_bytes(&self) -> usize {
        let running = self.pending.as_ref().map_or(0, |_| self.pending_bytes);
        self.queue.iter().map(|queued| queued.bytes).sum::<usize>() + running
    }

    /// Sends a broadcast, if the client has joined the user's topic.
    pub fn broadcast(&self, broadcast: &Broadcast) -> Option<SessionEffect> {
        let is_joined = self.transport.has_joined(&user_topic(self.user_id));
        is_joined.then(|| SessionEffect::Send(broadcast.frame().to_owned()))
    }

    fn receive_frame(&mut self, received: QueuedFrame, now: Timestamp) -> Vec<SessionEffect> {
        let mut effects = Vec::new();
        // A heartbeat must not wait for the database.
        if self.pending.is_none() || received.frame.frame.topic == PHOENIX_TOPIC {
            self.handle(received, now, &mut effects);
        } else if self.queue.len() < QUEUED_FRAMES_MAX {
            self.queue.push_back(received);
        } else {
            effects.push(SessionEffect::Close(CloseCode::PolicyViolation));
        }
        effects
    }

    /// Handles queued frames until one of them starts a job.
    fn drain_queue(&mut self, now: Timestamp, effects: &mut Vec<SessionEffect>) {
        while self.pending.is_none()
            && let Some(queued) = self.queue.pop_front()
        {
            self.handle(queued, now, effects);
        }
    }

    fn handle(&mut self, received: QueuedFrame, now: Timestamp, effects: &mut Vec<SessionEffect>) {
        let QueuedFrame { frame, bytes } = received;
        if let Some(topic) = frame.other_topic().cloned() {
            self.handle_other_topic(frame.frame, &topic, effects);
            return;
        }
        let frame = frame.frame;
        // A heartbeat is handled while a job runs.
        let was_idle = self.pending.is_none();
        for event in self.transport.receive(frame) {
            match event {
                TransportEvent::Send(frame) => send(&frame, effects),
                TransportEvent::Join(request) => self.join(request, effects),
                TransportEvent::Push { topic, join_ref, reference, event, payload } => {
                    let kind = PushKind::from_event(&event);
                    let payload_bytes = payload.as_json().map_or(0, |it| it.get().len());
                    effects.push(SessionEffect::PushReceived { event, payload_bytes });
                    let (status, response, error) = match start(kind, &payload, now) {
                        Ok(Started::Job(job)) => {
                            let push = PendingReply::Push { kind, topic, join_ref, reference };
                            self.pending = Some(push);
                            effects.push(SessionEffect::Run(job));
                            continue;
                        }
                        Ok(Started::Response(response)) => (Status::Ok, response, None),
                        Err(error) => (Status::Error, to_payload(&error), Some(error.reason)),
                    };
                    effects.push(SessionEffect::PushReplied { kind, error });
                    self.reply(&topic, &join_ref, reference, &status, response, effects);
                }
                TransportEvent::Left { .. } => (),
            }
        }
        if was_idle {
            self.pending_bytes = bytes;
        }
    }

    /// Handles a frame whose topic is not a string: there is no such channel.
    fn handle_other_topic(
        &mut self,
        frame: Frame,
        topic: &JsonText,
        effects: &mut Vec<SessionEffect>,
    ) {
        for event in self.transport.receive(frame) {
            let reply = match event {
                TransportEvent::Send(reply) => reply,
                TransportEvent::Join(request) => self.transport.no_such_topic(request),
                TransportEvent::Push { .. } | TransportEvent::Left { .. } => continue,
            };
            effects.extend(reply.encode_with_topic(topic).map(SessionEffect::Send));
        }
    }

    fn join(&mut self, request: JoinRequest, effects: &mut Vec<SessionEffect>) {
        if !request.topic.starts_with("users:") {
            send(&self.transport.no_such_topic(request), effects);
            return;
        }
        let refusal = if request.topic != user_topic(self.user_id) {
            Some("unauthorized")
        } else if !is_join(&request.payload) {
            Some("malformed")
        } else {
            None
        };
        if let Some(reason) = refusal {
            self.refuse(request, reason, effects);
        } else {
            self.pending = Some(PendingReply::Join(request));
            effects.push(SessionEffect::Run(Job::Head));
        }
    }

    fn refuse(&mut self, request: JoinRequest, reason: &str, effects: &mut Vec<SessionEffect>) {
        let response = to_payload(&JoinRefusal { reason: reason.to_owned() });
        self.transport.refuse(request, response).iter().for_each(|frame| send(frame, effects));
    }

    /// The job of a join is done: accepts or refuses the join.
    fn head_read(
        &mut self,
        request: JoinRequest,
        result: &JobResult,
        now: Timestamp,
        effects: &mut Vec<SessionEffect>,
    ) {
        match result {
            JobResult::Head(head) => {
                let response = to_payload(&JoinReply {
                    epoch: head.epoch,
                    cursor: head.cursor,
                    server_time: now,
                    server_version: self.server_version.clone(),
                    limits: Limits::default(),
                });
                let frames = self.transport.accept(request, response);
                frames.iter().for_each(|frame| send(frame, effects));
            }
            JobResult::Failed(_) | JobResult::Appended(_) | JobResult::ChangesPage(_) => {
                self.refuse(request, "unavailable", effects);
            }
        }
    }

    /// The reply to a push whose job is done.
    fn response(&self, result: JobResult, effects: &mut Vec<SessionEffect>) -> (Status, Payload) {
        match result {
            JobResult::Head(head) => (Status::Ok, to_payload(&head.cursor)),
            JobResult::ChangesPage(page) => (Status::Ok, to_payload(&page)),
            JobResult::Appended(Ok(commit)) => {
                if !commit.accepted.is_empty() {
                    // Before the reply, as with `broadcast!` in a Phoenix handler.
                    let msg = format!("a `{BULK_EVENT}` event processed");
                    let message = NeedToUpdate { cursor: commit.cursor, msg };
                    let broadcast = Broadcast::new(self.user_id, &message);
                    effects.extend(self.broadcast(&broadcast));
                    effects.push(SessionEffect::Broadcast(broadcast));
                }
                let Commit { cursor, superseded, .. } = commit;
                (Status::Ok, to_payload(&BulkReply { cursor, superseded }))
            }
            JobResult::Appended(Err(error)) => (Status::Error, to_payload(&error)),
            JobResult::Failed(JobError::Unavailable) => {
                let error = BulkError {
                    retry_after_ms: Some(RETRY_AFTER_MS),
                    ..BulkError::because(Reason::Unavailable)
                };
                (Status::Error, to_payload(&error))
            }
            JobResult::Failed(JobError::Internal) => {
                (Status::Error, to_payload(&BulkError::because(Reason::Internal)))
            }
        }
    }

    fn reply(
        &self,
        topic: &str,
        join_ref: &Ref,
        reference: Ref,
        status: &Status,
        response: Payload,
        effects: &mut Vec<SessionEffect>,
    ) {
        let frame = self.transport.reply(topic, join_ref, reference, status, response);
        frame.iter().for_each(|frame| send(frame, effects));
    }
}

/// The reason of the error reply to a push with this result, if it is an error.
fn error_reason(result: &JobResult) -> Option<Reason> {
    match result {
        JobResult::Head(_) | JobResult::ChangesPage(_) | JobResult::Appended(Ok(_)) => None,
        JobResult::Appended(Err(error)) => Some(error.reason),
        JobResult::Failed(JobError::Unavailable) => Some(Reason::Unavailable),
        JobResult::Failed(JobError::Internal) => Some(Reason::Internal),
    }
}

/// How a push is handled.
enum Started {
    Job(Job),
    /// Replied to at once.
    Response(Payload),
}

/// Decodes a push. The user id comes from the authenticated connection, never from the payload
/// (docs/TESTING.md#P14).
fn start(kind: PushKind, payload: &Payload, now: Timestamp) -> Result<Started, BulkError> {
    let Some(payload) = payload.as_json() else {
        return Err(malformed("binary payloads are not used".to_owned()));
    };
    match kind {
        PushKind::BulkEvent => Batch::parse(payload).map(|batch| Started::Job(Job::Append(batch))),
        PushKind::GetLatestTimeEntries => match json::from_raw::<ChangesPageRequest>(payload) {
            Ok(request) => Ok(Started::Job(Job::ChangesPage(request))),
            Err(error) => Err(malformed(error.to_string())),
        },
        PushKind::Ping => Ok(Started::Response(to_payload(&Pong { server_time: now }))),
        PushKind::Unknown => Err(BulkError::because(Reason::UnknownEvent)),
    }
}

fn malformed(message: String) -> BulkError {
    BulkError { message: Some(message), ..BulkError::because(Reason::Malformed) }
}

fn is_join(payload: &Payload) -> bool {
    payload.as_json().is_some_and(|it| json::from_raw::<JoinParams>(it).is_ok())
}

fn to_payload(value: &impl Serialize) -> Payload {
    Payload::Json(to_json(value))
}

fn send(frame: &Frame, effects: &mut Vec<SessionEffect>) {
    effects.extend(frame.encode().map(SessionEffect::Send));
}

#[cfg(test)]
mod tests;
