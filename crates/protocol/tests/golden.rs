//! The golden frames, as the client's end sees them: a socket that is asked for the same says
//! exactly what the fixtures say, and understands every answer.

#![expect(clippy::unwrap_used, reason = "a fixture that cannot be read is to fail the test")]

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use wizitime_domain::json::{self, JsonText, to_json};
use wizitime_domain::{Envelope, Timestamp};
use wizitime_protocol::messages::{
    BULK_EVENT, BulkError, BulkReply, ChangesPage, ChangesPageRequest, GET_LATEST_TIME_ENTRIES,
    JoinParams, JoinRefusal, JoinReply, NEED_TO_UPDATE_TIME_ENTRIES, NeedToUpdate, PING, Ping,
    Pong, bulk_event_json, read_bulk_event,
};
use wizitime_protocol::phoenix::{
    ConnId, Frame, HEARTBEAT_EVENT, JOIN_EVENT, LEAVE_EVENT, Moment, MonoTime, Payload, Push,
    REPLY_EVENT, Reply, Socket, SocketEffect, SocketEvent, Status,
};

const ACCOUNT: &str = include_str!("../fixtures/account.json");
const REFUSED: &str = include_str!("../fixtures/refused.json");
const CONN: ConnId = ConnId(1);

#[derive(Deserialize)]
struct Golden {
    name: String,
    direction: String,
    text: String,
    meaning: String,
}

fn frames(fixture: &str) -> Vec<Golden> {
    serde_json::from_str(fixture).unwrap()
}

fn moment() -> Moment {
    Moment { wall: Timestamp::MIN, mono: MonoTime::from_ms(1_000), entropy: 0 }
}

#[test]
fn every_frame_survives_a_round_trip() {
    for Golden { name, direction, text, meaning } in
        frames(ACCOUNT).into_iter().chain(frames(REFUSED))
    {
        let frame = Frame::decode(&text).unwrap();
        assert_eq!(frame.encode().unwrap(), text, "`{name}`");
        assert!(["client", "server"].contains(&&*direction), "`{name}`");
        assert!(!meaning.is_empty(), "`{name}`");
    }
}

/// What the socket says when it is asked for what this frame is.
fn said(socket: &mut Socket<()>, asked: &Frame, out: &mut Vec<SocketEffect<()>>) -> String {
    let payload = JsonText::from(asked.payload.as_json().unwrap());
    match &*asked.event {
        JOIN_EVENT => socket.join(&asked.topic, payload, moment(), out),
        LEAVE_EVENT => socket.leave(&asked.topic, out),
        HEARTBEAT_EVENT => socket.probe(moment(), out),
        event => {
            let payload = Payload::Json(payload);
            let push = Push { topic: &asked.topic, event, payload, timeout_ms: 5_000, tag: () };
            socket.push(push, moment().mono, out).unwrap();
        }
    }
    let mut said = out.drain(..).filter_map(|effect| match effect {
        SocketEffect::Send { text, .. } => Some(text),
        SocketEffect::Connect { .. } | SocketEffect::Close { .. } | SocketEffect::Event(_) => None,
    });
    said.next_back().unwrap()
}

/// What the application is told when this frame comes.
fn heard(effects: Vec<SocketEffect<()>>) -> Vec<String> {
    let told = |effect| match &effect {
        SocketEffect::Event(SocketEvent::Joined { response, .. }) => {
            Some(format!("joined {response}"))
        }
        SocketEffect::Event(SocketEvent::JoinRefused { response, .. }) => {
            Some(format!("refused {response}"))
        }
        SocketEffect::Event(SocketEvent::Replied { status: Status::Ok, response, .. }) => {
            Some(format!("ok {response}"))
        }
        SocketEffect::Event(SocketEvent::Replied { response, .. }) => {
            Some(format!("error {response}"))
        }
        SocketEffect::Event(SocketEvent::Message { event, payload, .. }) => {
            Some(format!("{event} {}", payload.as_json().unwrap()))
        }
        SocketEffect::Event(SocketEvent::ChannelErrored { .. }) => None,
        SocketEffect::Event(
            SocketEvent::Opened
            | SocketEvent::Lost { .. }
            | SocketEvent::OutcomeUnknown { .. }
            | SocketEvent::BadFrame { .. },
        )
        | SocketEffect::Connect { .. }
        | SocketEffect::Send { .. }
        | SocketEffect::Close { .. } => panic!("nobody expected {effect:?}"),
    };
    effects.into_iter().filter_map(told).collect()
}

fn play(fixture: &str) {
    let mut socket = Socket::<()>::default();
    let mut out = Vec::new();
    socket.connect(moment(), &mut out);
    socket.opened(CONN, moment(), &mut out);
    out.clear();
    let mut left = false;
    for Golden { name, direction, text, .. } in frames(fixture) {
        let frame = Frame::decode(&text).unwrap();
        if direction == "client" {
            left |= frame.event == LEAVE_EVENT;
            assert_eq!(said(&mut socket, &frame, &mut out), text, "`{name}`");
            continue;
        }
        let joined_before = socket.is_joined(&frame.topic);
        socket.received(CONN, &text, moment(), &mut out);
        let payload = frame.payload.as_json().unwrap();
        let expected = if frame.topic == "phoenix" || left {
            // The heartbeat concerns nobody else, and who has left hears nothing more.
            Vec::new()
        } else if frame.event == REPLY_EVENT {
            let Reply { status, response } = json::from_raw(payload).unwrap();
            let word = match (joined_before, status) {
                (true, Status::Ok) => "ok",
                (true, _) => "error",
                (false, Status::Ok) => "joined",
                (false, _) => "refused",
            };
            vec![format!("{word} {response}")]
        } else {
            vec![format!("{} {payload}", frame.event)]
        };
        assert_eq!(heard(std::mem::take(&mut out)), expected, "`{name}`");
    }
}

#[test]
fn an_account_is_asked_for_as_written() {
    play(ACCOUNT);
}

#[test]
fn refused_joins_are_understood_as_written() {
    play(REFUSED);
}

/// Reads the JSON as this type and writes it again: not a byte differs.
fn same<T: DeserializeOwned + Serialize>(raw: &RawValue) {
    let value: T = json::from_raw(raw).unwrap();
    assert_eq!(to_json(&value).as_str(), raw.get());
}

#[test]
fn every_payload_is_read_and_written_without_loss() {
    let mut asked = String::new();
    for Golden { direction, text, .. } in frames(ACCOUNT) {
        let frame = Frame::decode(&text).unwrap();
        let json = frame.payload.as_json().unwrap();
        let malformed = json.get() == "{\"events\":{}}";
        match (&*direction, &*frame.event) {
            ("client", JOIN_EVENT) => same::<JoinParams>(json),
            ("client", PING) => same::<Ping>(json),
            ("client", GET_LATEST_TIME_ENTRIES) => same::<ChangesPageRequest>(json),
            ("client", BULK_EVENT) if !malformed => {
                let events = read_bulk_event(json).unwrap();
                assert_eq!(bulk_event_json(events.iter().copied()).as_str(), json.get());
                for event in events.iter().filter(|event| !event.get().contains("\"v\":2")) {
                    let envelope = Envelope::from_json(event.get()).unwrap();
                    assert_eq!(envelope.to_json().as_str(), event.get());
                }
            }
            ("server", NEED_TO_UPDATE_TIME_ENTRIES) => same::<NeedToUpdate>(json),
            ("server", REPLY_EVENT) => {
                let Reply { status, response } = json::from_raw(json).unwrap();
                let response = response.as_raw();
                match (&*asked, status) {
                    (_, Status::Error) => same::<BulkError>(response),
                    (JOIN_EVENT, _) => same::<JoinReply>(response),
                    (PING, _) => same::<Pong>(response),
                    (BULK_EVENT, _) => same::<BulkReply>(response),
                    (GET_LATEST_TIME_ENTRIES, _) => same::<ChangesPage>(response),
                    _ => assert_eq!(response.get(), "{}"),
                }
            }
            _ => (),
        }
        if direction == "client" {
            asked = frame.event;
        }
    }
    for Golden { direction, text, .. } in frames(REFUSED) {
        let frame = Frame::decode(&text).unwrap();
        if direction == "server" {
            let reply: Reply = json::from_raw(frame.payload.as_json().unwrap()).unwrap();
            same::<JoinRefusal>(reply.response.as_raw());
        }
    }
}

#[test]
fn the_reference_shows_golden_frames_only() {
    let reference = include_str!("../../../docs/PROTOCOL.md");
    let golden: Vec<String> =
        [ACCOUNT, REFUSED].into_iter().flat_map(frames).map(|frame| frame.text).collect();
    let shown: Vec<&str> = reference.lines().filter(|line| line.starts_with('[')).collect();
    assert!(shown.len() > 20, "the reference shows {} frames", shown.len());
    for frame in shown {
        assert!(golden.iter().any(|text| text == frame), "not golden: {frame}");
    }
}
