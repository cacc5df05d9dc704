//! The golden frames at the client's end: a socket sends exactly the frames of the fixtures and
//! understands every frame of the server.

#![expect(clippy::unwrap_used, reason = "an unreadable fixture fails the test")]

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
    ConnId, Frame, HEARTBEAT_EVENT, JOIN_EVENT, LEAVE_EVENT, Payload, Push, REPLY_EVENT, Reply,
    Socket, SocketEffect, SocketEvent, Status,
};
use wizitime_protocol::{Moment, MonoTime};

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

/// The frame that the socket sends when the application makes the same request.
fn sent(socket: &mut Socket<()>, frame: &Frame, out: &mut Vec<SocketEffect<()>>) -> String {
    let payload = JsonText::from(frame.payload.as_json().unwrap());
    match &*frame.event {
        JOIN_EVENT => socket.join(&frame.topic, payload, moment(), out),
        LEAVE_EVENT => socket.leave(&frame.topic, out),
        HEARTBEAT_EVENT => socket.probe(moment(), out),
        event => {
            let payload = Payload::Json(payload);
            let push = Push { topic: &frame.topic, event, payload, timeout_ms: 5_000, tag: () };
            socket.push(push, moment().mono, out).unwrap();
        }
    }
    let mut sent = out.drain(..).filter_map(|effect| match effect {
        SocketEffect::Send { text, .. } => Some(text),
        SocketEffect::Connect { .. } | SocketEffect::Close { .. } | SocketEffect::Event(_) => None,
    });
    sent.next_back().unwrap()
}

/// The events that the application gets.
fn events(effects: Vec<SocketEffect<()>>) -> Vec<String> {
    let describe = |effect| match &effect {
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
            | SocketEvent::PushCrashed { .. }
            | SocketEvent::BadFrame { .. },
        )
        | SocketEffect::Connect { .. }
        | SocketEffect::Send { .. }
        | SocketEffect::Close { .. } => panic!("unexpected: {effect:?}"),
    };
    effects.into_iter().filter_map(describe).collect()
}

fn check(fixture: &str) {
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
            assert_eq!(sent(&mut socket, &frame, &mut out), text, "`{name}`");
            continue;
        }
        let joined_before = socket.is_joined(&frame.topic);
        socket.received(CONN, &text, moment(), &mut out);
        let payload = frame.payload.as_json().unwrap();
        let expected = if frame.topic == "phoenix" || left {
            // A heartbeat reply is no event, and a channel that was left gets none.
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
        assert_eq!(events(std::mem::take(&mut out)), expected, "`{name}`");
    }
}

#[test]
fn account_session_matches_the_fixture() {
    check(ACCOUNT);
}

#[test]
fn refused_joins_match_the_fixture() {
    check(REFUSED);
}

/// Asserts that the JSON is unchanged when it is read as this type and written again.
fn assert_round_trip<T: DeserializeOwned + Serialize>(raw: &RawValue) {
    let value: T = json::from_raw(raw).unwrap();
    assert_eq!(to_json(&value).as_str(), raw.get());
}

#[test]
fn payloads_survive_a_round_trip() {
    let mut request = String::new();
    for Golden { direction, text, .. } in frames(ACCOUNT) {
        let frame = Frame::decode(&text).unwrap();
        let json = frame.payload.as_json().unwrap();
        let malformed = json.get() == "{\"events\":{}}";
        match (&*direction, &*frame.event) {
            ("client", JOIN_EVENT) => assert_round_trip::<JoinParams>(json),
            ("client", PING) => assert_round_trip::<Ping>(json),
            ("client", GET_LATEST_TIME_ENTRIES) => assert_round_trip::<ChangesPageRequest>(json),
            ("client", BULK_EVENT) if !malformed => {
                let events = read_bulk_event(json).unwrap();
                assert_eq!(bulk_event_json(events.iter().copied()).as_str(), json.get());
                for event in events.iter().filter(|event| !event.get().contains("\"v\":2")) {
                    let envelope = Envelope::from_json(event.get()).unwrap();
                    assert_eq!(envelope.to_json().as_str(), event.get());
                }
            }
            ("server", NEED_TO_UPDATE_TIME_ENTRIES) => assert_round_trip::<NeedToUpdate>(json),
            ("server", REPLY_EVENT) => {
                let Reply { status, response } = json::from_raw(json).unwrap();
                let response = response.as_raw();
                match (&*request, status) {
                    (_, Status::Error) => assert_round_trip::<BulkError>(response),
                    (JOIN_EVENT, _) => assert_round_trip::<JoinReply>(response),
                    (PING, _) => assert_round_trip::<Pong>(response),
                    (BULK_EVENT, _) => assert_round_trip::<BulkReply>(response),
                    (GET_LATEST_TIME_ENTRIES, _) => assert_round_trip::<ChangesPage>(response),
                    _ => assert_eq!(response.get(), "{}"),
                }
            }
            _ => (),
        }
        if direction == "client" {
            request = frame.event;
        }
    }
    for Golden { direction, text, .. } in frames(REFUSED) {
        let frame = Frame::decode(&text).unwrap();
        if direction == "server" {
            let reply: Reply = json::from_raw(frame.payload.as_json().unwrap()).unwrap();
            assert_round_trip::<JoinRefusal>(reply.response.as_raw());
        }
    }
}

#[test]
fn protocol_reference_shows_golden_frames_only() {
    let reference = include_str!("../../../docs/PROTOCOL.md");
    let golden: Vec<String> =
        [ACCOUNT, REFUSED].into_iter().flat_map(frames).map(|frame| frame.text).collect();
    let shown: Vec<&str> = reference.lines().filter(|line| line.starts_with('[')).collect();
    assert!(shown.len() > 20, "the reference shows {} frames", shown.len());
    for frame in shown {
        assert!(golden.iter().any(|text| text == frame), "not golden: {frame}");
    }
}
