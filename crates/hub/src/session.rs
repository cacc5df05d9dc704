//! One connection of one signed-in person.

use std::collections::VecDeque;

use serde::Serialize;
use wizitime_domain::json::{self, to_json};
use wizitime_domain::{EpochId, Timestamp, UserId};
use wizitime_protocol::messages::{
    BULK_EVENT, BulkError, BulkReply, GET_LATEST_TIME_ENTRIES, JoinParams, JoinRefusal, JoinReply,
    Latest, LatestRequest, Limits, NeedToUpdate, PING, Pong, Reason, parse_user_topic, user_topic,
};
use wizitime_protocol::phoenix::{
    BinaryFrame, Frame, JoinRequest, PHOENIX_TOPIC, Payload, Ref, Status, Transport, TransportEvent,
};

use crate::batch::{Batch, Commit};
use crate::news::News;

/// Frames that may wait while a job runs; a client that sends more is told that it is too fast.
pub const QUEUED_FRAMES_MAX: usize = 64;
/// When a client that was too fast, or came while the database was away, may come back.
const RETRY_AFTER_MS: u64 = 1_000;

/// Why the server ends a connection (RFC 6455 §7.4, and what Phoenix sends).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CloseCode {
    /// The token was revoked: come back with another one.
    GoingAway = 1001,
    /// The client does not read, or does not stop sending.
    PolicyViolation = 1008,
    /// A frame is longer than allowed.
    MessageTooBig = 1009,
    /// A frame could not be read.
    InternalError = 1011,
    /// The server restarts: come back.
    ServiceRestart = 1012,
}

/// Where an account's log ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Head {
    pub epoch: EpochId,
    pub cursor: u64,
}

/// Work on the database, for the session's own user.
#[derive(Clone, Debug)]
pub enum Job {
    /// Where does the log end?
    Head,
    /// Take these events in.
    Append(Batch),
    /// What changed?
    Latest(LatestRequest),
}

/// How a job went.
#[derive(Clone, Debug)]
pub enum JobResult {
    Head(Head),
    Appended(Result<Commit, BulkError>),
    Latest(Latest),
    /// It failed; nothing was written.
    Failed(JobError),
}

/// Why a job failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum JobError {
    /// The database is locked, full or gone.
    Unavailable,
    /// The code failed.
    Internal,
}

/// What the shell is to do, in this order.
#[derive(Clone, Debug)]
pub enum SessionEffect {
    /// Send a text frame to this connection.
    Send(String),
    /// Run a job and answer with [`Session::finished`]. There is never more than one.
    Run(Job),
    /// Tell the user's *other* connections; this one has been told.
    Broadcast(News),
    /// A message of the client was handled; for the log.
    Handled { event: String, payload_bytes: usize },
    /// A message of the client was answered, with `ok` unless there is a refusal; for the figures.
    Answered { what: Push, refusal: Option<Reason> },
    /// End the connection.
    Close(CloseCode),
}

/// What a client can say in a channel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Push {
    /// BULK_EVENT.
    Bulk,
    /// GET_LATEST_TIME_ENTRIES.
    Latest,
    /// ping.
    Ping,
    /// What the server does not know.
    Unknown,
}

impl Push {
    fn of(event: &str) -> Self {
        match event {
            BULK_EVENT => Self::Bulk,
            GET_LATEST_TIME_ENTRIES => Self::Latest,
            PING => Self::Ping,
            _ => Self::Unknown,
        }
    }
}

/// What the running job's result is for.
#[derive(Clone, Debug)]
enum Awaited {
    Join { request: JoinRequest },
    Reply { what: Push, topic: String, join_ref: Ref, reference: Ref },
}

/// The state of one connection.
#[derive(Clone, Debug)]
pub struct Session {
    user_id: UserId,
    server_version: String,
    transport: Transport,
    awaited: Option<Awaited>,
    queue: VecDeque<Frame>,
}

impl Session {
    /// A connection whose token belongs to this user.
    pub fn new(user_id: UserId, server_version: impl Into<String>) -> Self {
        Self {
            user_id,
            server_version: server_version.into(),
            transport: Transport::default(),
            awaited: None,
            queue: VecDeque::new(),
        }
    }

    /// A text frame came in.
    pub fn receive(&mut self, text: &str, now: Timestamp) -> Vec<SessionEffect> {
        match Frame::decode(text) {
            Ok(frame) => self.receive_frame(frame, now),
            Err(_) => vec![SessionEffect::Close(CloseCode::InternalError)],
        }
    }

    /// A binary frame came in.
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
                self.receive_frame(frame, now)
            }
            Ok(
                BinaryFrame::ServerPush { .. }
                | BinaryFrame::Reply { .. }
                | BinaryFrame::Broadcast { .. },
            )
            | Err(_) => vec![SessionEffect::Close(CloseCode::InternalError)],
        }
    }

    /// The job that was asked for is done.
    pub fn finished(&mut self, result: JobResult, now: Timestamp) -> Vec<SessionEffect> {
        let mut effects = Vec::new();
        match self.awaited.take() {
            Some(Awaited::Join { request }) => self.joined(request, &result, now, &mut effects),
            Some(Awaited::Reply { what, topic, join_ref, reference }) => {
                effects.push(SessionEffect::Answered { what, refusal: refusal(&result) });
                let (status, response) = self.answer(result, &mut effects);
                self.reply(&topic, &join_ref, reference, &status, response, &mut effects);
            }
            None => debug_assert!(false, "a result without a job"),
        }
        self.drain(now, &mut effects);
        effects
    }

    /// How many channels the client has joined.
    pub fn joined_channels(&self) -> usize {
        self.transport.joined_channels()
    }

    /// Another connection of this user changed something.
    pub fn broadcast(&self, news: &News) -> Option<SessionEffect> {
        let hears = self.transport.has_joined(&user_topic(self.user_id));
        hears.then(|| SessionEffect::Send(news.frame().to_owned()))
    }

    fn receive_frame(&mut self, frame: Frame, now: Timestamp) -> Vec<SessionEffect> {
        let mut effects = Vec::new();
        // The connection's own topic never waits for the database.
        if self.awaited.is_none() || frame.topic == PHOENIX_TOPIC {
            self.handle(frame, now, &mut effects);
        } else if self.queue.len() < QUEUED_FRAMES_MAX {
            self.queue.push_back(frame);
        } else {
            effects.push(SessionEffect::Close(CloseCode::PolicyViolation));
        }
        effects
    }

    /// Handles waiting frames until one of them needs the database.
    fn drain(&mut self, now: Timestamp, effects: &mut Vec<SessionEffect>) {
        while self.awaited.is_none()
            && let Some(frame) = self.queue.pop_front()
        {
            self.handle(frame, now, effects);
        }
    }

    fn handle(&mut self, frame: Frame, now: Timestamp, effects: &mut Vec<SessionEffect>) {
        for event in self.transport.receive(frame) {
            match event {
                TransportEvent::Send(frame) => send(&frame, effects),
                TransportEvent::Join(request) => self.join(request, effects),
                TransportEvent::Push { topic, join_ref, reference, event, payload } => {
                    let payload_bytes = payload.as_json().map_or(0, |it| it.get().len());
                    effects.push(SessionEffect::Handled { event: event.clone(), payload_bytes });
                    let what = Push::of(&event);
                    match start(what, &payload, now) {
                        Ok(Started::Job(job)) => {
                            self.awaited =
                                Some(Awaited::Reply { what, topic, join_ref, reference });
                            effects.push(SessionEffect::Run(job));
                        }
                        Ok(Started::Answer(response)) => {
                            effects.push(SessionEffect::Answered { what, refusal: None });
                            let status = Status::Ok;
                            self.reply(&topic, &join_ref, reference, &status, response, effects);
                        }
                        Err(error) => {
                            let refusal = Some(error.reason);
                            effects.push(SessionEffect::Answered { what, refusal });
                            let response = to_payload(&error);
                            let status = Status::Error;
                            self.reply(&topic, &join_ref, reference, &status, response, effects);
                        }
                    }
                }
                TransportEvent::Left { .. } => (),
            }
        }
    }

    fn join(&mut self, request: JoinRequest, effects: &mut Vec<SessionEffect>) {
        if !request.topic.starts_with("users:") {
            send(&self.transport.no_such_topic(request), effects);
            return;
        }
        let refusal = if parse_user_topic(&request.topic) != Some(self.user_id) {
            Some("unauthorized")
        } else if !is_join(&request.payload) {
            Some("malformed")
        } else {
            None
        };
        if let Some(reason) = refusal {
            self.refuse(request, reason, effects);
        } else {
            self.awaited = Some(Awaited::Join { request });
            effects.push(SessionEffect::Run(Job::Head));
        }
    }

    fn refuse(&mut self, request: JoinRequest, reason: &str, effects: &mut Vec<SessionEffect>) {
        let response = to_payload(&JoinRefusal { reason: reason.to_owned() });
        self.transport.refuse(request, response).iter().for_each(|frame| send(frame, effects));
    }

    fn joined(
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
            JobResult::Failed(_) | JobResult::Appended(_) | JobResult::Latest(_) => {
                self.refuse(request, "unavailable", effects);
            }
        }
    }

    fn answer(&self, result: JobResult, effects: &mut Vec<SessionEffect>) -> (Status, Payload) {
        match result {
            JobResult::Head(head) => (Status::Ok, to_payload(&head.cursor)),
            JobResult::Latest(page) => (Status::Ok, to_payload(&page)),
            JobResult::Appended(Ok(commit)) => {
                if !commit.accepted.is_empty() {
                    // As `broadcast!` inside a handler: everybody hears of it before the reply.
                    let msg = format!("a `{BULK_EVENT}` event processed");
                    let news = NeedToUpdate { cursor: commit.cursor, msg };
                    let news = News::new(self.user_id, &news);
                    effects.extend(self.broadcast(&news));
                    effects.push(SessionEffect::Broadcast(news));
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

/// Why a job's result is an error to the client, if it is one.
fn refusal(result: &JobResult) -> Option<Reason> {
    match result {
        JobResult::Head(_) | JobResult::Latest(_) | JobResult::Appended(Ok(_)) => None,
        JobResult::Appended(Err(error)) => Some(error.reason),
        JobResult::Failed(JobError::Unavailable) => Some(Reason::Unavailable),
        JobResult::Failed(JobError::Internal) => Some(Reason::Internal),
    }
}

/// What a push leads to.
enum Started {
    Job(Job),
    Answer(Payload),
}

/// Reads a push. The user comes from the connection, never from here (promise P14).
fn start(what: Push, payload: &Payload, now: Timestamp) -> Result<Started, BulkError> {
    let Some(payload) = payload.as_json() else {
        return Err(malformed("binary payloads are not used".to_owned()));
    };
    match what {
        Push::Bulk => Batch::parse(payload).map(|batch| Started::Job(Job::Append(batch))),
        Push::Latest => match json::from_raw::<LatestRequest>(payload) {
            Ok(request) => Ok(Started::Job(Job::Latest(request))),
            Err(error) => Err(malformed(error.to_string())),
        },
        Push::Ping => Ok(Started::Answer(to_payload(&Pong { server_time: now }))),
        Push::Unknown => Err(BulkError::because(Reason::UnknownEvent)),
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
