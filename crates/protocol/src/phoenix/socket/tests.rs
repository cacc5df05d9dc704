//! The client's end, told as a conversation: what happens, and what the shell is to do.

use serde_json::value::RawValue;
use wizitime_domain::Timestamp;

use super::*;
use crate::phoenix::{HEARTBEAT_INTERVAL_MS, HEARTBEAT_TIMEOUT_MS};

/// A socket, a clock, and what the socket asked for.
struct World {
    socket: Socket,
    now: u64,
    effects: Vec<SocketEffect>,
}

impl World {
    fn new() -> Self {
        Self { socket: Socket::default(), now: 1_000, effects: Vec::new() }
    }

    fn moment(&self) -> Moment {
        // This entropy makes every wait just half of the nominal one.
        Moment { wall: Timestamp::MIN, mono: MonoTime::from_ms(self.now), entropy: 0 }
    }

    fn act(&mut self, act: impl FnOnce(&mut Socket, Moment, &mut Vec<SocketEffect>)) {
        let moment = self.moment();
        act(&mut self.socket, moment, &mut self.effects);
    }

    fn connect(&mut self) {
        self.act(Socket::connect);
    }

    fn opened(&mut self, conn: u64) {
        self.act(|socket, moment, out| socket.opened(ConnId(conn), moment, out));
    }

    fn closed(&mut self, conn: u64, code: u16) {
        self.act(|socket, moment, out| socket.closed(ConnId(conn), Some(code), moment, out));
    }

    fn join(&mut self, params: &str) {
        let params = JsonText::parse(params).unwrap();
        self.act(|socket, moment, out| socket.join("t", params, moment, out));
    }

    fn received(&mut self, conn: u64, text: &str) {
        self.act(|socket, moment, out| socket.received(ConnId(conn), text, moment, out));
    }

    fn push(&mut self, event: &str) -> Result<PushId, PushError> {
        let now = self.moment().mono;
        let payload = Payload::json("{\"n\":1}").unwrap();
        self.socket.push("t", event, payload, 5_000, now, &mut self.effects)
    }

    fn probe(&mut self) {
        self.act(Socket::probe);
    }

    /// Lets so many milliseconds pass and wakes the socket once, at the end.
    fn sleep(&mut self, ms: u64) {
        self.now += ms;
        self.act(Socket::woke);
    }

    /// Lets time pass until the socket wants to be woken, and wakes it.
    fn sleep_until_due(&mut self) -> u64 {
        let due = self.socket.due().expect("the socket waits for something").as_ms();
        let ms = due.saturating_sub(self.now);
        self.sleep(ms);
        ms
    }

    #[track_caller]
    fn expect(&mut self, expected: &[&str]) {
        let said: Vec<String> = self.effects.drain(..).map(|effect| told(&effect)).collect();
        assert_eq!(said, expected);
    }

    /// Connected and joined, with nothing left to be said.
    fn joined() -> Self {
        let mut world = Self::new();
        world.connect();
        world.opened(1);
        world.join("{}");
        world.received(1, r#"["1","1","t","phx_reply",{"status":"ok","response":{}}]"#);
        assert!(world.socket.is_joined("t"));
        world.effects.clear();
        world
    }
}

fn told(effect: &SocketEffect) -> String {
    match effect {
        SocketEffect::Connect { conn } => format!("connect {}", conn.0),
        SocketEffect::Send { conn, text } => format!("{} > {text}", conn.0),
        SocketEffect::Close { conn } => format!("close {}", conn.0),
        SocketEffect::Event(event) => match event {
            SocketEvent::Opened => "opened".to_owned(),
            SocketEvent::Lost { code, never_opened } => {
                format!("lost {} {never_opened}", code.unwrap_or(0))
            }
            SocketEvent::Joined { topic, response } => format!("joined {topic} {response}"),
            SocketEvent::JoinRefused { topic, response } => format!("refused {topic} {response}"),
            SocketEvent::ChannelErrored { topic } => format!("errored {topic}"),
            SocketEvent::Replied { push, status, response } => {
                format!("replied {} {status:?} {response}", push.0)
            }
            SocketEvent::Unanswered { push } => format!("unanswered {}", push.0),
            SocketEvent::Message { topic, event, payload } => {
                format!(
                    "message {topic} {event} {}",
                    payload.as_json().map_or("binary", RawValue::get)
                )
            }
            SocketEvent::BadFrame { .. } => "bad frame".to_owned(),
        },
    }
}

const HEARTBEAT: &str = r#"[null,"REF","phoenix","heartbeat",{}]"#;

fn heartbeat(conn: u64, reference: u64) -> String {
    format!("{conn} > {}", HEARTBEAT.replace("REF", &reference.to_string()))
}

fn heartbeat_reply(reference: u64) -> String {
    format!(r#"[null,"{reference}","phoenix","phx_reply",{{"status":"ok","response":{{}}}}]"#)
}

#[test]
fn connect_join_push_reply() {
    let mut world = World::new();
    world.join(r#"{"a":1}"#);
    world.expect(&[]);
    world.connect();
    world.expect(&["connect 1"]);
    world.connect();
    world.expect(&[]);
    assert_eq!(world.push("early"), Err(PushError::NotJoined));
    world.opened(1);
    world.expect(&["opened", r#"1 > ["1","1","t","phx_join",{"a":1}]"#]);
    assert_eq!(world.push("early"), Err(PushError::NotJoined));
    world.received(1, r#"["1","1","t","phx_reply",{"response":{"b":2},"status":"ok"}]"#);
    world.expect(&[r#"joined t {"b":2}"#]);
    let push = world.push("hello").unwrap();
    world.expect(&[r#"1 > ["1","2","t","hello",{"n":1}]"#]);
    world.received(1, r#"["1","2","t","phx_reply",{"status":"ok","response":{"c":3}}]"#);
    world.expect(&[&format!(r#"replied {} Ok {{"c":3}}"#, push.0)]);
    world.received(1, r#"["1","2","t","phx_reply",{"status":"ok","response":{"c":3}}]"#);
    world.expect(&[]);
    world.push("hello").unwrap();
    world.received(1, r#"["1","3","t","phx_reply",{"status":"error","response":{"d":4}}]"#);
    world.expect(&[r#"1 > ["1","3","t","hello",{"n":1}]"#, r#"replied 3 Error {"d":4}"#]);
}

#[test]
fn messages_and_broadcasts_are_passed_on() {
    let mut world = World::joined();
    world.received(1, r#"["1",null,"t","pushed",{"a":1}]"#);
    world.received(1, r#"[null,null,"t","broadcast",[2]]"#);
    world.received(1, r#"[null,null,"another","broadcast",{}]"#);
    world.expect(&[r#"message t pushed {"a":1}"#, "message t broadcast [2]"]);
    world.received(1, "not a frame");
    world.received(1, r#"["1","2","t","phx_reply","no reply"]"#);
    world.expect(&["bad frame", "bad frame"]);
    assert!(world.socket.is_joined("t"), "what cannot be read breaks nothing");
}

#[test]
fn pushes_in_flight_end_when_the_link_drops() {
    let mut world = World::joined();
    let pushes = [world.push("one").unwrap(), world.push("two").unwrap()];
    world.effects.clear();
    world.closed(1, 1006);
    world.expect(&[
        &format!("unanswered {}", pushes[0].0),
        &format!("unanswered {}", pushes[1].0),
        "lost 1006 0",
    ]);
    assert_eq!(world.push("three"), Err(PushError::NotJoined), "nothing is queued");
    assert_eq!(world.sleep_until_due(), 5, "half of ten milliseconds");
    world.expect(&["connect 2"]);
    world.opened(2);
    world.expect(&["opened", r#"2 > ["4","4","t","phx_join",{}]"#]);
}

#[test]
fn a_push_waits_for_so_long_and_no_longer() {
    let mut world = World::joined();
    let push = world.push("slow").unwrap();
    world.effects.clear();
    world.sleep(4_999);
    world.expect(&[]);
    world.sleep(1);
    world.expect(&[&format!("unanswered {}", push.0)]);
    world.received(1, r#"["1","2","t","phx_reply",{"status":"ok","response":{}}]"#);
    world.expect(&[]);
}

#[test]
fn so_many_pushes_wait_and_no_more() {
    let mut world = World::joined();
    for _ in 0..PUSHES_IN_FLIGHT_MAX {
        world.push("one").unwrap();
    }
    assert_eq!(world.push("another"), Err(PushError::TooMany));
    world.received(1, r#"["1","2","t","phx_reply",{"status":"ok","response":{}}]"#);
    assert!(world.push("another").is_ok());
}

#[test]
fn every_close_that_was_not_asked_for_leads_back() {
    for code in [1000, 1001, 1002, 1006, 1011, 1012] {
        let mut world = World::joined();
        world.closed(1, code);
        world.expect(&[&format!("lost {code} 0")]);
        world.sleep_until_due();
        world.expect(&["connect 2"]);
    }
}

#[test]
fn disconnect_is_for_good() {
    let mut world = World::joined();
    let push = world.push("one").unwrap();
    world.effects.clear();
    world.act(|socket, _, out| socket.disconnect(out));
    world.expect(&[&format!("unanswered {}", push.0), "close 1"]);
    assert_eq!(world.socket.due(), None);
    world.closed(1, 1005);
    world.sleep(100_000);
    world.probe();
    world.expect(&[]);
    world.connect();
    world.opened(2);
    world.expect(&["connect 2", "opened"]);
}

#[test]
fn frames_of_earlier_joins_and_connections_are_dropped() {
    let mut world = World::joined();
    world.closed(1, 1006);
    world.sleep_until_due();
    world.opened(2);
    world.effects.clear();
    // The old connection still speaks, and the old join's messages come on the new one.
    world.received(1, r#"["2","2","t","phx_reply",{"status":"ok","response":{}}]"#);
    world.closed(1, 1006);
    world.received(2, r#"["1","1","t","phx_close",{}]"#);
    world.received(2, r#"["1","1","t","phx_error",{}]"#);
    world.received(2, r#"["1","1","t","phx_reply",{"status":"ok","response":{}}]"#);
    world.received(2, r#"["1",null,"t","pushed",{}]"#);
    world.expect(&[]);
    assert!(!world.socket.is_joined("t"));
    world.received(2, r#"["2","2","t","phx_reply",{"status":"ok","response":{}}]"#);
    world.expect(&["joined t {}"]);
}

#[test]
fn an_unmatched_topic_is_joined_again() {
    let mut world = World::joined();
    let pushes = [world.push("one").unwrap(), world.push("two").unwrap()];
    world.effects.clear();
    let unmatched =
        r#"[null,"2","t","phx_reply",{"status":"error","response":{"reason":"unmatched topic"}}]"#;
    world.received(1, unmatched);
    world.expect(&[
        &format!("unanswered {}", pushes[0].0),
        &format!("unanswered {}", pushes[1].0),
        "errored t",
    ]);
    assert_eq!(world.sleep_until_due(), 500);
    world.expect(&[r#"1 > ["4","4","t","phx_join",{}]"#]);
}

#[test]
fn a_channel_that_fails_is_joined_again_ever_later() {
    for event in ["phx_error", "phx_close"] {
        let mut world = World::joined();
        world.received(1, &format!(r#"["1","1","t","{event}",{{}}]"#));
        world.expect(&["errored t"]);
        let mut waits = Vec::new();
        for join_ref in 2..7 {
            waits.push(world.sleep_until_due());
            let join = format!(r#"1 > ["{join_ref}","{join_ref}","t","phx_join",{{}}]"#);
            world.expect(&[&join]);
            let answer = r#"{"status":"error","response":{"reason":"no"}}"#;
            let refused = format!(r#"["{join_ref}","{join_ref}","t","phx_reply",{answer}]"#);
            world.received(1, &refused);
            world.expect(&[r#"refused t {"reason":"no"}"#, "errored t"]);
        }
        assert_eq!(waits, [500, 1_000, 2_500, 5_000, 5_000]);
        world.sleep_until_due();
        world.received(1, r#"["7","7","t","phx_reply",{"status":"ok","response":{}}]"#);
        world.effects.clear();
        world.received(1, r#"["7","7","t","phx_error",{}]"#);
        world.effects.clear();
        assert_eq!(world.sleep_until_due(), 500, "a join that succeeds is a new beginning");
    }
}

#[test]
fn a_join_that_is_not_answered_is_taken_back() {
    let mut world = World::new();
    world.connect();
    world.opened(1);
    world.join("{}");
    world.effects.clear();
    world.sleep(JOIN_TIMEOUT_MS);
    world.expect(&[r#"1 > ["1","2","t","phx_leave",{}]"#, "errored t"]);
    world.received(1, r#"["1","1","t","phx_reply",{"status":"ok","response":{}}]"#);
    world.expect(&[]);
    world.sleep(500);
    world.expect(&[r#"1 > ["3","3","t","phx_join",{}]"#]);
}

#[test]
fn leaving_is_said_and_forgotten() {
    let mut world = World::joined();
    let push = world.push("one").unwrap();
    world.effects.clear();
    world.act(|socket, _, out| socket.leave("t", out));
    world.expect(&[&format!("unanswered {}", push.0), r#"1 > ["1","3","t","phx_leave",{}]"#]);
    world.received(1, r#"["1","3","t","phx_reply",{"status":"ok","response":{}}]"#);
    world.received(1, r#"["1","1","t","phx_close",{}]"#);
    world.expect(&[]);
    assert_eq!(world.push("two"), Err(PushError::NotJoined));
    world.join(r#"{"again":true}"#);
    world.expect(&[r#"1 > ["4","4","t","phx_join",{"again":true}]"#]);
}

#[test]
fn the_params_of_the_next_join_are_the_newest() {
    let mut world = World::joined();
    world.join(r#"{"cursor":7}"#);
    world.expect(&[]);
    world.closed(1, 1012);
    world.sleep_until_due();
    world.opened(2);
    world.expect(&[
        "lost 1012 0",
        "connect 2",
        "opened",
        r#"2 > ["2","2","t","phx_join",{"cursor":7}]"#,
    ]);
}

#[test]
fn the_heart_beats_from_answer_to_question() {
    let mut world = World::joined();
    for reference in 2..5 {
        assert_eq!(world.sleep_until_due(), HEARTBEAT_INTERVAL_MS);
        world.expect(&[&heartbeat(1, reference)]);
        world.now += 5_000;
        world.received(1, &heartbeat_reply(reference));
        world.expect(&[]);
    }
}

#[test]
fn a_link_without_a_heartbeat_is_dead() {
    let mut world = World::joined();
    world.sleep_until_due();
    world.push("one").unwrap();
    world.effects.clear();
    world.received(1, &heartbeat_reply(99));
    world.sleep(HEARTBEAT_TIMEOUT_MS - 1);
    let unanswered = world.effects.drain(..).map(|effect| told(&effect));
    assert_eq!(unanswered.collect::<Vec<_>>(), ["unanswered 3"], "the push, not the link");
    world.sleep(1);
    world.expect(&["close 1", "lost 0 0"]);
    world.sleep_until_due();
    world.expect(&["connect 2"]);
}

#[test]
fn a_timer_that_fires_much_too_late_asks_again() {
    let mut world = World::joined();
    world.sleep_until_due();
    world.expect(&[&heartbeat(1, 2)]);
    // The machine slept: the answer may have been lost with no fault of the link.
    world.sleep(HEARTBEAT_TIMEOUT_MS + 3_600_000);
    world.expect(&[&heartbeat(1, 3)]);
    assert_eq!(world.sleep_until_due(), PROBE_TIMEOUT_MS);
    world.expect(&["close 1", "lost 0 0"]);
}

#[test]
fn a_wake_probes_an_open_link_with_little_patience() {
    let mut world = World::joined();
    world.probe();
    world.expect(&[&heartbeat(1, 2)]);
    world.probe();
    world.expect(&[]);
    world.received(1, &heartbeat_reply(2));
    world.probe();
    world.expect(&[&heartbeat(1, 3)]);
    assert_eq!(world.sleep_until_due(), PROBE_TIMEOUT_MS);
    world.expect(&["close 1", "lost 0 0"]);
}

#[test]
fn a_wake_ends_every_wait() {
    let mut world = World::joined();
    world.received(1, r#"["1","1","t","phx_error",{}]"#);
    world.effects.clear();
    world.probe();
    world.expect(&[&heartbeat(1, 2), r#"1 > ["3","3","t","phx_join",{}]"#]);
    for conn in 1..9 {
        world.closed(conn, 1006);
        world.sleep_until_due();
    }
    world.closed(9, 1006);
    world.effects.clear();
    world.probe();
    world.expect(&["connect 10"]);
}

#[test]
fn attempts_that_never_open_are_counted_and_slow_down() {
    let mut world = World::new();
    world.connect();
    let mut waits = Vec::new();
    for attempt in 1..=21 {
        world.effects.clear();
        world.closed(attempt, 1006);
        world.expect(&[&format!("lost 1006 {attempt}")]);
        waits.push(world.sleep_until_due());
    }
    assert_eq!(waits[..11], [5, 25, 50, 75, 100, 125, 250, 500, 1_000, 2_500, 2_500]);
    assert_eq!(waits[19..], [15_000, 15_000], "whoever is refused so often slows down");
    world.effects.clear();
    world.opened(22);
    world.closed(22, 1006);
    world.expect(&["opened", "lost 1006 0"]);
}

#[test]
fn a_connection_that_opens_and_dies_at_once_does_not_storm() {
    let mut world = World::new();
    world.connect();
    let mut waits = Vec::new();
    for attempt in 1..=5 {
        world.opened(attempt);
        world.closed(attempt, 1011);
        waits.push(world.sleep_until_due());
    }
    assert_eq!(waits, [5, 25, 50, 75, 100], "only a frame proves that the link is good");
    world.opened(6);
    world.received(6, r#"[null,null,"t","hello",{}]"#);
    world.closed(6, 1011);
    assert_eq!(world.sleep_until_due(), 5);
}

#[test]
fn an_attempt_that_hangs_is_given_up() {
    let mut world = World::new();
    world.connect();
    world.sleep(CONNECT_TIMEOUT_MS - 1);
    world.expect(&["connect 1"]);
    world.sleep(1);
    world.expect(&["close 1", "lost 0 1"]);
    world.opened(1);
    world.expect(&[]);
    world.sleep_until_due();
    world.expect(&["connect 2"]);
}

#[test]
fn a_rejoin_on_request_gives_the_channel_up() {
    let mut world = World::joined();
    let push = world.push("one").unwrap();
    world.effects.clear();
    world.act(|socket, moment, out| socket.rejoin("t", moment, out));
    world.expect(&[&format!("unanswered {}", push.0), "errored t"]);
    world.sleep_until_due();
    world.expect(&[r#"1 > ["3","3","t","phx_join",{}]"#]);
}
