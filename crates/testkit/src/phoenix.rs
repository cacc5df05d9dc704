//! A Phoenix application as the client meets it on the wire, in versions that differ from each
//! other. Events are the hub's concern; frames, refs, joins and crashes are implemented here a
//! second time, apart from our own server.

use serde::Serialize;
use serde_json::{Value, json};
use wizitime_domain::json;
use wizitime_domain::{Timestamp, UserId};
use wizitime_hub::{Batch, Broadcast, CloseCode, Job, JobResult, SessionEffect};
use wizitime_protocol::messages::{
    BulkError, BulkReply, ChangesPageRequest, JoinReply, Limits, NeedToUpdate, Reason, user_topic,
};

/// Versions of Phoenix between which something changed that a client can see.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Version {
    /// Delivers a push whatever its `join_ref` is.
    V1_7_24,
    V1_8_2,
    /// Drops pushes of earlier joins, and those without a `join_ref`.
    V1_8_9,
    /// Gives a reason when a channel crashes.
    V1_8_11,
    /// Delivers pushes without a `join_ref`.
    V1_8_12,
}

impl Version {
    pub const ALL: [Self; 5] =
        [Self::V1_7_24, Self::V1_8_2, Self::V1_8_9, Self::V1_8_11, Self::V1_8_12];

    fn delivers(self, join_ref: &Value, joined_as: &Value) -> bool {
        match self {
            Self::V1_7_24 | Self::V1_8_2 => true,
            Self::V1_8_9 | Self::V1_8_11 => join_ref == joined_as,
            Self::V1_8_12 => join_ref.is_null() || join_ref == joined_as,
        }
    }

    fn error(self) -> Value {
        if self >= Self::V1_8_11 { json!({"reason": "channel_crash"}) } else { json!({}) }
    }
}

/// The request that a job is for.
#[derive(Clone, Debug)]
enum PendingRequest {
    Join { join_ref: Value, reference: Value },
    Reply { join_ref: Value, reference: Value },
}

/// The server's end of one connection.
#[derive(Clone, Debug)]
pub struct Phoenix {
    version: Version,
    user_id: UserId,
    topic: String,
    /// The `join_ref` of the channel, if it is joined.
    joined_as: Option<Value>,
    pending: Option<PendingRequest>,
    /// The reason that joins are refused with, if they are.
    pub refusal: Option<String>,
    pub joins: usize,
}

impl Phoenix {
    pub(crate) fn new(version: Version, user_id: UserId) -> Self {
        let topic = user_topic(user_id);
        let (joined_as, pending, refusal, joins) = (None, None, None, 0);
        Self { version, user_id, topic, joined_as, pending, refusal, joins }
    }

    pub(crate) fn receive(&mut self, text: &str, now: Timestamp) -> Vec<SessionEffect> {
        let Ok(Value::Array(frame)) = serde_json::from_str(text) else { return crashed() };
        let [join_ref, reference, topic, event, payload, ..] = frame.as_slice() else {
            return crashed();
        };
        let (Some(topic), Some(event)) = (topic.as_str(), event.as_str()) else { return crashed() };
        let answer = |status: &str, response: Value| {
            vec![reply(join_ref, reference, topic, status, response)]
        };
        match (event, &self.joined_as) {
            ("heartbeat", _) if topic == "phoenix" => {
                vec![reply(&Value::Null, reference, topic, "ok", json!({}))]
            }
            ("phx_join", _) if topic == self.topic => {
                self.joins += 1;
                if let Some(reason) = &self.refusal {
                    return answer("error", json!({ "reason": reason }));
                }
                let (join_ref, reference) = (join_ref.clone(), reference.clone());
                self.pending = Some(PendingRequest::Join { join_ref, reference });
                vec![SessionEffect::Run(Job::Head)]
            }
            ("phx_leave", Some(joined_as)) if topic == self.topic => {
                if !join_ref.is_null() && join_ref != joined_as {
                    return Vec::new();
                }
                let mut effects = answer("ok", json!({}));
                effects.push(close(joined_as, topic));
                self.joined_as = None;
                effects
            }
            ("phx_leave", None) => answer("ok", json!({})),
            (_, Some(joined_as)) if topic == self.topic => {
                if !self.version.delivers(join_ref, joined_as) {
                    return Vec::new();
                }
                let (join_ref, reference) = (joined_as.clone(), reference.clone());
                self.push(join_ref, reference, event, payload, now)
            }
            (_, None | Some(_)) => {
                let response = json!({"reason": "unmatched topic"});
                vec![reply(&Value::Null, reference, topic, "error", response)]
            }
        }
    }

    /// `handle_in` of the channel.
    fn push(
        &mut self,
        join_ref: Value,
        reference: Value,
        event: &str,
        payload: &Value,
        now: Timestamp,
    ) -> Vec<SessionEffect> {
        let payload = payload.to_string();
        let payload = json::parse(&payload).unwrap();
        let job = match event {
            "BULK_EVENT" => Batch::parse(payload).map(Job::Append),
            "GET_LATEST_TIME_ENTRIES" => {
                Ok(Job::ChangesPage(json::from_raw::<ChangesPageRequest>(payload).unwrap()))
            }
            "ping" => {
                let response = json!({ "server_time": now.as_ms() });
                return vec![reply(&join_ref, &reference, &self.topic, "ok", response)];
            }
            other => panic!("no clause matches {other}"),
        };
        match job {
            Ok(job) => {
                self.pending = Some(PendingRequest::Reply { join_ref, reference });
                vec![SessionEffect::Run(job)]
            }
            Err(error) => {
                vec![reply(&join_ref, &reference, &self.topic, "error", value(&error))]
            }
        }
    }

    pub(crate) fn job_finished(&mut self, result: JobResult, now: Timestamp) -> Vec<SessionEffect> {
        let mut effects = Vec::new();
        match self.pending.take().unwrap() {
            PendingRequest::Join { join_ref, reference } => {
                let JobResult::Head(head) = result else { panic!("{result:?}") };
                let response = value(&JoinReply {
                    epoch: head.epoch,
                    cursor: head.cursor,
                    server_time: now,
                    server_version: "phoenix".to_owned(),
                    limits: Limits::default(),
                });
                effects.push(reply(&join_ref, &reference, &self.topic, "ok", response));
                // The channel that was replaced ends after the new one is there.
                if let Some(old) = self.joined_as.replace(join_ref) {
                    effects.push(close(&old, &self.topic));
                }
            }
            PendingRequest::Reply { join_ref, reference } => {
                let (status, response) = self.answer(result, &mut effects);
                effects.push(reply(&join_ref, &reference, &self.topic, status, response));
            }
        }
        effects
    }

    fn answer(&self, result: JobResult, out: &mut Vec<SessionEffect>) -> (&'static str, Value) {
        match result {
            JobResult::Head(head) => panic!("a channel asks for its head only to join: {head:?}"),
            JobResult::ChangesPage(page) => ("ok", value(&page)),
            JobResult::Appended(Ok(commit)) => {
                let change = NeedToUpdate { cursor: commit.cursor, msg: "new".to_owned() };
                let change = Broadcast::new(self.user_id, &change);
                out.extend(self.broadcast(&change));
                out.push(SessionEffect::Broadcast(change));
                let reply = BulkReply { cursor: commit.cursor, superseded: commit.superseded };
                ("ok", value(&reply))
            }
            JobResult::Appended(Err(error)) => ("error", value(&error)),
            JobResult::Failed(_) => ("error", value(&BulkError::because(Reason::Unavailable))),
        }
    }

    pub(crate) fn broadcast(&self, change: &Broadcast) -> Option<SessionEffect> {
        self.joined_as.as_ref()?;
        let (topic, event) = (&self.topic, "NEED_TO_UPDATE_TIME_ENTRIES");
        let payload = json!({"cursor": change.cursor(), "msg": "new"});
        Some(frame(json!([null, null, topic, event, payload])))
    }

    /// The channel's process crashes; the push that it handles is never answered.
    pub fn crash(&mut self) -> Vec<SessionEffect> {
        let error = self.error();
        self.pending = None;
        self.joined_as = None;
        vec![SessionEffect::Send(error)]
    }

    /// The `join_ref` of the channel.
    pub fn joined_as(&self) -> &str {
        self.joined_as.as_ref().and_then(Value::as_str).unwrap()
    }

    /// The frame that reports a crash of the channel.
    pub fn error(&self) -> String {
        self.error_of(self.joined_as())
    }

    fn error_of(&self, join_ref: &str) -> String {
        json!([join_ref, join_ref, self.topic, "phx_error", self.version.error()]).to_string()
    }

    /// The channel ends without a frame to the client.
    pub fn forget(&mut self) {
        self.joined_as = None;
    }

    /// All frames that can still arrive from a join that is over.
    pub fn late(&self, join_ref: &str) -> Vec<String> {
        let topic = &self.topic;
        let refused = json!({"status": "error", "response": {"reason": "unmatched topic"}});
        vec![
            json!([join_ref, join_ref, topic, "phx_reply", {"status": "ok", "response": {}}])
                .to_string(),
            json!([join_ref, join_ref, topic, "phx_close", {}]).to_string(),
            self.error_of(join_ref),
            json!([join_ref, "1", topic, "phx_reply", refused]).to_string(),
        ]
    }
}

fn value(it: &impl Serialize) -> Value {
    serde_json::to_value(it).unwrap()
}

fn frame(frame: Value) -> SessionEffect {
    SessionEffect::Send(frame.to_string())
}

fn reply(
    join_ref: &Value,
    reference: &Value,
    topic: &str,
    status: &str,
    response: Value,
) -> SessionEffect {
    let payload = json!({"status": status, "response": response});
    frame(json!([join_ref, reference, topic, "phx_reply", payload]))
}

fn close(join_ref: &Value, topic: &str) -> SessionEffect {
    frame(json!([join_ref, join_ref, topic, "phx_close", {}]))
}

/// An exception in the transport takes the whole connection down.
fn crashed() -> Vec<SessionEffect> {
    vec![SessionEffect::Close(CloseCode::InternalError)]
}
