//! A session of the hub with malformed frames.
//!
//! A line of an input is `text FRAME`, `binary BYTES` as hexadecimal digits, `done` for the job
//! that runs, or `away` if the database does not answer it.

use std::collections::VecDeque;

use proptest::prelude::*;
use wizitime_domain::json::{self, JsonText};
use wizitime_domain::{EpochId, Timestamp, UserId};
use wizitime_hub::{CloseCode, Job, JobError, JobResult, MemoryLog, Session, SessionEffect};
use wizitime_protocol::messages::user_topic;
use wizitime_protocol::phoenix::{
    BinaryFrame, ClientFrame, Frame, JOIN_EVENT, LEAVE_EVENT, PHOENIX_TOPIC, REPLY_EVENT, Ref,
    Reply, Status,
};

use crate::events::check_log;
use wizitime_testkit::fuzzing::{Target, binary_frame, fixtures, from_hex, mutated, to_hex};

use crate::CORPUS;

/// The most lines of one input.
const LINES_MAX: usize = 24;
const NOW_MS: i64 = 1_700_000_000_000;

pub(crate) fn sessions() -> Target {
    let golden = fixtures::frames("client");
    let join = vec![format!("text {}", golden[0]), "done".to_owned()];
    let begins = prop_oneof![1 => Just(Vec::new()), 5 => Just(join)];
    let line = prop_oneof![
        8 => mutated(golden.clone()).prop_map(|frame| format!("text {frame}")),
        4 => prop::sample::select(golden).prop_map(|frame| format!("text {frame}")),
        1 => binary_frame().prop_map(|bytes| format!("binary {}", to_hex(&bytes))),
        6 => Just("done".to_owned()),
        1 => Just("away".to_owned()),
    ];
    let lines = prop::collection::vec(line, 1..=LINES_MAX);
    let inputs = (begins, lines).prop_map(|(begins, lines)| [begins, lines].concat()).boxed();
    Target { corpus: CORPUS, name: "sessions", inputs, check }
}

/// A connection from the client's side.
struct Connection {
    session: Session,
    log: MemoryLog,
    user_id: UserId,
    running: Option<Job>,
    closed: Option<CloseCode>,
    /// The pushes that were received; those to the topic `phoenix` apart, because they do not wait
    /// behind the others.
    pushes: [VecDeque<Frame>; 2],
    replies: [VecDeque<Frame>; 2],
}

fn check(input: &[String]) {
    let user_id: UserId = fixtures::USER.parse().unwrap();
    let mut connection = Connection {
        session: Session::new(user_id, "test"),
        log: MemoryLog::new(EpochId::from_bytes([9; 16])),
        user_id,
        running: None,
        closed: None,
        pushes: Default::default(),
        replies: Default::default(),
    };
    for line in input {
        if connection.closed.is_some() {
            break;
        }
        connection.take(line);
    }
    while connection.closed.is_none() && connection.running.is_some() {
        connection.take("done");
    }
    connection.check_replies();
    check_log(&connection.log, user_id);
}

/// A frame; a topic that is not a string is its text.
fn decode(text: &str) -> Option<Frame> {
    ClientFrame::decode(text).ok().map(|it| it.frame)
}

fn now() -> Timestamp {
    Timestamp::saturating_from_ms(NOW_MS)
}

impl Connection {
    fn take(&mut self, line: &str) {
        let (word, rest) = line.split_once(' ').unwrap_or((line, ""));
        let effects = match word {
            "text" => {
                self.note_push(decode(rest));
                self.session.receive(rest, now())
            }
            "binary" => {
                let bytes = from_hex(rest);
                self.note_push(pushed(&bytes));
                self.session.receive_binary(&bytes, now())
            }
            "done" | "away" => {
                let Some(job) = self.running.take() else { return };
                let result =
                    if word == "done" { self.work(job) } else { failed(JobError::Unavailable) };
                self.session.job_finished(result, now())
            }
            _ => return,
        };
        self.perform(effects);
    }

    fn note_push(&mut self, frame: Option<Frame>) {
        if let Some(frame) = frame {
            self.pushes[usize::from(frame.topic == PHOENIX_TOPIC)].push_back(frame);
        }
    }

    fn work(&mut self, job: Job) -> JobResult {
        match job {
            Job::Head => JobResult::Head(self.log.head(self.user_id)),
            Job::Append(batch) => JobResult::Appended(self.log.append(self.user_id, batch, now())),
            Job::ChangesPage(request) => {
                JobResult::ChangesPage(self.log.changes_page(self.user_id, &request))
            }
        }
    }

    fn perform(&mut self, effects: Vec<SessionEffect>) {
        for effect in effects {
            match effect {
                SessionEffect::Send(text) => {
                    let frame = decode(&text).expect("the server writes frames");
                    if frame.event == REPLY_EVENT {
                        self.replies[usize::from(frame.topic == PHOENIX_TOPIC)].push_back(frame);
                    }
                }
                SessionEffect::Run(job) => {
                    let before = self.running.replace(job);
                    assert!(before.is_none(), "two jobs run");
                }
                SessionEffect::Close(code) => self.closed = Some(code),
                SessionEffect::Broadcast(_)
                | SessionEffect::PushReceived { .. }
                | SessionEffect::PushReplied { .. } => (),
            }
        }
    }

    /// P13: the replies are just those that Phoenix gives, in its order. A connection that was
    /// closed has fewer.
    fn check_replies(&mut self) {
        let mut joined: Option<Ref> = None;
        let topic = user_topic(self.user_id);
        let pushes = std::mem::take(&mut self.pushes);
        for frame in pushes.into_iter().flatten() {
            let is_transport = frame.topic == PHOENIX_TOPIC;
            let is_ours = frame.topic == topic;
            let current = joined.as_ref().filter(|_| is_ours);
            let stale = current.is_some_and(|join_ref| {
                frame.event != JOIN_EVENT
                    && !frame.join_ref.is_null()
                    && frame.join_ref != *join_ref
            });
            if stale {
                continue;
            }
            let Some(reply) = self.replies[usize::from(is_transport)].pop_front() else {
                assert!(self.closed.is_some(), "no reply to {frame:?}");
                continue;
            };
            assert_eq!((&reply.topic, &reply.reference), (&frame.topic, &frame.reference));
            let reply = reply.payload.as_json().unwrap();
            let reply: Reply = json::from_raw(reply).expect("a reply");
            assert!(reply.response != internal(), "{frame:?} made the handler fail");
            match &*frame.event {
                JOIN_EVENT if is_ours => {
                    joined = (reply.status == Status::Ok).then_some(frame.join_ref);
                }
                LEAVE_EVENT if is_ours => joined = None,
                _ => (),
            }
        }
        assert!(self.replies.iter().all(VecDeque::is_empty), "{:?} answer nothing", self.replies);
    }
}

fn failed(error: JobError) -> JobResult {
    JobResult::Failed(error)
}

fn internal() -> JsonText {
    JsonText::parse("{\"reason\":\"internal\"}").unwrap()
}

/// What a client pushes in a binary frame.
fn pushed(bytes: &[u8]) -> Option<Frame> {
    match BinaryFrame::decode_from_client(bytes).ok()? {
        BinaryFrame::ClientPush { join_ref, reference, topic, event, data } => Some(Frame {
            join_ref: Ref::Text(join_ref),
            reference: Ref::Text(reference),
            topic,
            event,
            payload: wizitime_protocol::phoenix::Payload::Binary(data),
        }),
        BinaryFrame::ServerPush { .. }
        | BinaryFrame::Reply { .. }
        | BinaryFrame::Broadcast { .. } => None,
    }
}
