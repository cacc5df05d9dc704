//! Conversations: what happens to the socket, and the effects it returns.

use serde_json::value::RawValue;
use wizitime_domain::Timestamp;

use super::*;
use crate::phoenix::channel::STABLE_MS;
use crate::phoenix::{HEARTBEAT_INTERVAL_MS, HEARTBEAT_TIMEOUT_MS, Payload};

/// A socket, a clock, and the effects not yet checked. The tag of a push is its event.
struct Client {
    socket: Socket<&'static str>,
    now_ms: u64,
    effects: Vec<Effect>,
}

type Effect = SocketEffect<&'static str>;

impl Client {
    fn new() -> Self {
        Self { socket: Socket::default(), now_ms: 1_000, effects: Vec::new() }
    }

    fn moment(&self) -> Moment {
        // This entropy makes every delay half of the nominal one.
        Moment { wall: Timestamp::MIN, mono: MonoTime::from_ms(self.now_ms), entropy: 0 }
    }

    fn call(&mut self, call: impl FnOnce(&mut Socket<&'static str>, Moment, &mut Vec<Effect>)) {
        let moment = self.moment();
        call(&mut self.socket, moment, &mut self.effects);
    }

    fn connect(&mut self) {
        self.call(Socket::connect);
    }

    fn opened(&mut self, conn: u64) {
        self.call(|socket, moment, out| socket.opened(ConnId(conn), moment, out));
    }

    fn closed(&mut self, conn: u64, code: u16) {
        self.call(|socket, moment, out| socket.closed(ConnId(conn), Some(code), moment, out));
    }

    fn join(&mut self, params: &str) {
        let params = JsonText::parse(params).unwrap();
        self.call(|socket, moment, out| socket.join("t", params, moment, out));
    }

    fn received(&mut self, conn: u64, text: &str) {
        self.call(|socket, moment, out| socket.received(ConnId(conn), text, moment, out));
    }

    fn push(&mut self, event: &'static str) -> Result<(), PushError> {
        let now = self.moment().mono;
        let payload = Payload::json("{\"n\":1}").unwrap();
        let push = Push { topic: "t", event, payload, timeout_ms: 5_000, tag: event };
        self.socket.push(push, now, &mut self.effects)
    }

    fn probe(&mut self) {
        self.call(Socket::probe);
    }

    /// Advances the clock and fires the timer once.
    fn advance_ms(&mut self, ms: u64) {
        self.now_ms += ms;
        self.call(Socket::timer_fired);
    }

    /// Advances the clock to the next timer and fires it. Returns the milliseconds.
    fn advance_to_timer(&mut self) -> u64 {
        let timer = self.socket.next_timer().expect("a timer is set").as_ms();
        let ms = timer.saturating_sub(self.now_ms);
        self.advance_ms(ms);
        ms
    }

    #[track_caller]
    fn expect(&mut self, expected: &[&str]) {
        let effects: Vec<String> = self.effects.drain(..).map(|it| describe(&it)).collect();
        assert_eq!(effects, expected);
    }

    /// Connected and joined, with all effects checked.
    fn joined() -> Self {
        let mut client = Self::new();
        client.connect();
        client.opened(1);
        client.join("{}");
        client.received(1, r#"["1","1","t","phx_reply",{"status":"ok","response":{}}]"#);
        assert!(client.socket.is_joined("t"));
        client.effects.clear();
        client
    }
}

fn describe(effect: &Effect) -> String {
    match effect {
        SocketEffect::Connect { conn } => format!("connect {}", conn.0),
        SocketEffect::Send { conn, text } => format!("{} > {text}", conn.0),
        SocketEffect::Close { conn } => format!("close {}", conn.0),
        SocketEffect::Event(event) => match event {
            SocketEvent::Opened => "opened".to_owned(),
            SocketEvent::Lost { code, failed_connects } => {
                format!("lost {} {failed_connects}", code.unwrap_or(0))
            }
            SocketEvent::Joined { topic, response } => format!("joined {topic} {response}"),
            SocketEvent::JoinRefused { topic, response } => format!("refused {topic} {response}"),
            SocketEvent::ChannelErrored { topic } => format!("errored {topic}"),
            SocketEvent::Replied { tag, status, response } => {
                format!("replied {tag} {status:?} {response}")
            }
            SocketEvent::OutcomeUnknown { tag } => format!("outcome unknown: {tag}"),
            SocketEvent::PushCrashed { tag } => format!("crashed: {tag}"),
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
fn client_connects_joins_pushes_and_gets_the_reply() {
    let mut client = Client::new();
    client.join(r#"{"a":1}"#);
    client.expect(&[]);
    client.connect();
    client.expect(&["connect 1"]);
    client.connect();
    client.expect(&[]);
    assert_eq!(client.push("early"), Err(PushError::NotJoined));
    client.opened(1);
    client.expect(&["opened", r#"1 > ["1","1","t","phx_join",{"a":1}]"#]);
    assert_eq!(client.push("early"), Err(PushError::NotJoined));
    client.received(1, r#"["1","1","t","phx_reply",{"response":{"b":2},"status":"ok"}]"#);
    client.expect(&[r#"joined t {"b":2}"#]);
    client.push("hello").unwrap();
    client.expect(&[r#"1 > ["1","2","t","hello",{"n":1}]"#]);
    client.received(1, r#"["1","2","t","phx_reply",{"status":"ok","response":{"c":3}}]"#);
    client.expect(&[r#"replied hello Ok {"c":3}"#]);
    client.received(1, r#"["1","2","t","phx_reply",{"status":"ok","response":{"c":3}}]"#);
    client.expect(&[]);
    client.push("hello").unwrap();
    client.received(1, r#"["1","3","t","phx_reply",{"status":"error","response":{"d":4}}]"#);
    client.expect(&[r#"1 > ["1","3","t","hello",{"n":1}]"#, r#"replied hello Error {"d":4}"#]);
}

#[test]
fn messages_and_broadcasts_are_reported() {
    let mut client = Client::joined();
    client.received(1, r#"["1",null,"t","pushed",{"a":1}]"#);
    client.received(1, r#"[null,null,"t","broadcast",[2]]"#);
    client.received(1, r#"[null,null,"another","broadcast",{}]"#);
    client.expect(&[r#"message t pushed {"a":1}"#, "message t broadcast [2]"]);
    client.received(1, "not a frame");
    client.received(1, r#"["1","2","t","phx_reply","no reply"]"#);
    client.expect(&["bad frame", "bad frame"]);
    assert!(client.socket.is_joined("t"), "an unreadable frame does not affect the channel");
}

#[test]
fn pushes_in_flight_end_when_the_connection_is_lost() {
    let mut client = Client::joined();
    client.push("one").unwrap();
    client.push("two").unwrap();
    client.effects.clear();
    client.closed(1, 1006);
    client.expect(&["outcome unknown: one", "outcome unknown: two", "lost 1006 0"]);
    assert_eq!(client.push("three"), Err(PushError::NotJoined), "nothing is queued");
    assert_eq!(client.advance_to_timer(), 5, "half of ten milliseconds");
    client.expect(&["connect 2"]);
    client.opened(2);
    client.expect(&["opened", r#"2 > ["4","4","t","phx_join",{}]"#]);
}

#[test]
fn push_without_a_reply_times_out() {
    let mut client = Client::joined();
    client.push("slow").unwrap();
    client.effects.clear();
    client.advance_ms(4_999);
    client.expect(&[]);
    client.advance_ms(1);
    client.expect(&["outcome unknown: slow"]);
    client.received(1, r#"["1","2","t","phx_reply",{"status":"ok","response":{}}]"#);
    client.expect(&[]);
}

/// The server may know the channel by an earlier join, and ignores this one's pushes.
#[test]
fn channel_that_answers_no_push_is_rejoined() {
    let mut client = Client::joined();
    client.push("p").unwrap();
    client.advance_ms(5_000);
    client.push("p").unwrap();
    let reference = client.socket.last_ref;
    client.received(
        1,
        &format!(r#"["1","{reference}","t","phx_reply",{{"status":"ok","response":{{}}}}]"#),
    );
    for _ in 0..2 {
        client.push("p").unwrap();
        client.advance_ms(5_000);
    }
    assert!(client.socket.is_joined("t"), "a reply came between");
    client.push("p").unwrap();
    client.effects.clear();
    client.advance_ms(5_000);
    client.expect(&["outcome unknown: p", "errored t"]);
    client.advance_to_timer();
    let join_ref = client.socket.last_ref;
    client.expect(&[&format!(r#"1 > ["{join_ref}","{join_ref}","t","phx_join",{{}}]"#)]);
}

#[test]
fn pushes_in_flight_are_limited() {
    let mut client = Client::joined();
    for _ in 0..PUSHES_IN_FLIGHT_MAX {
        client.push("one").unwrap();
    }
    assert_eq!(client.push("another"), Err(PushError::TooManyInFlight));
    client.received(1, r#"["1","2","t","phx_reply",{"status":"ok","response":{}}]"#);
    assert!(client.push("another").is_ok());
}

#[test]
fn every_unrequested_close_is_followed_by_a_reconnect() {
    for code in [1000, 1001, 1002, 1006, 1011, 1012] {
        let mut client = Client::joined();
        client.closed(1, code);
        client.expect(&[&format!("lost {code} 0")]);
        client.advance_to_timer();
        client.expect(&["connect 2"]);
    }
}

#[test]
fn disconnected_socket_does_not_reconnect() {
    let mut client = Client::joined();
    client.push("one").unwrap();
    client.effects.clear();
    client.call(|socket, _, out| socket.disconnect(out));
    client.expect(&["outcome unknown: one", "close 1"]);
    assert_eq!(client.socket.next_timer(), None);
    client.closed(1, 1005);
    client.advance_ms(100_000);
    client.probe();
    client.expect(&[]);
    client.connect();
    client.opened(2);
    client.expect(&["connect 2", "opened"]);
}

#[test]
fn frames_of_earlier_joins_and_connections_are_ignored() {
    let mut client = Client::joined();
    client.closed(1, 1006);
    client.advance_to_timer();
    client.opened(2);
    client.effects.clear();
    // Late events of the old connection, and messages of the old join on the new one.
    client.received(1, r#"["2","2","t","phx_reply",{"status":"ok","response":{}}]"#);
    client.closed(1, 1006);
    client.received(2, r#"["1","1","t","phx_close",{}]"#);
    client.received(2, r#"["1","1","t","phx_error",{}]"#);
    client.received(2, r#"["1","1","t","phx_reply",{"status":"ok","response":{}}]"#);
    client.received(2, r#"["1",null,"t","pushed",{}]"#);
    client.expect(&[]);
    assert!(!client.socket.is_joined("t"));
    client.received(2, r#"["2","2","t","phx_reply",{"status":"ok","response":{}}]"#);
    client.expect(&["joined t {}"]);
}

#[test]
fn unmatched_topic_reply_causes_a_rejoin() {
    let mut client = Client::joined();
    client.push("one").unwrap();
    client.push("two").unwrap();
    client.effects.clear();
    let unmatched =
        r#"[null,"2","t","phx_reply",{"status":"error","response":{"reason":"unmatched topic"}}]"#;
    client.received(1, unmatched);
    client.expect(&["outcome unknown: one", "outcome unknown: two", "errored t"]);
    assert_eq!(client.advance_to_timer(), 500);
    client.expect(&[r#"1 > ["4","4","t","phx_join",{}]"#]);
}

#[test]
fn oldest_push_of_a_crashed_channel_is_reported_as_its_cause() {
    for (event, first) in [("phx_error", "crashed: one"), ("phx_close", "outcome unknown: one")] {
        let mut client = Client::joined();
        client.push("one").unwrap();
        client.push("two").unwrap();
        client.effects.clear();
        client.received(1, &format!(r#"["1","1","t","{event}",{{}}]"#));
        client.expect(&[first, "outcome unknown: two", "errored t"]);
    }
}

#[test]
fn failed_channel_is_rejoined_with_backoff() {
    for event in ["phx_error", "phx_close"] {
        let mut client = Client::joined();
        client.received(1, &format!(r#"["1","1","t","{event}",{{}}]"#));
        client.expect(&["errored t"]);
        let mut delays_ms = Vec::new();
        for join_ref in 2..7 {
            delays_ms.push(client.advance_to_timer());
            let join = format!(r#"1 > ["{join_ref}","{join_ref}","t","phx_join",{{}}]"#);
            client.expect(&[&join]);
            let answer = r#"{"status":"error","response":{"reason":"no"}}"#;
            let refused = format!(r#"["{join_ref}","{join_ref}","t","phx_reply",{answer}]"#);
            client.received(1, &refused);
            client.expect(&[r#"refused t {"reason":"no"}"#, "errored t"]);
        }
        assert_eq!(delays_ms, [500, 1_000, 2_500, 5_000, 5_000]);
        client.advance_to_timer();
        client.received(1, r#"["7","7","t","phx_reply",{"status":"ok","response":{}}]"#);
        client.effects.clear();
        client.received(1, r#"["7","7","t","phx_error",{}]"#);
        client.effects.clear();
        assert_eq!(client.advance_to_timer(), 5_000, "a join alone does not reset the backoff");
        client.received(1, r#"["8","8","t","phx_reply",{"status":"ok","response":{}}]"#);
        client.advance_ms(STABLE_MS);
        client.received(1, r#"["8","8","t","phx_error",{}]"#);
        client.effects.clear();
        assert_eq!(client.advance_to_timer(), 500, "one that lasts does");
    }
}

#[test]
fn join_without_a_reply_is_left_and_repeated() {
    let mut client = Client::new();
    client.connect();
    client.opened(1);
    client.join("{}");
    client.effects.clear();
    client.advance_ms(JOIN_TIMEOUT_MS);
    client.expect(&[r#"1 > ["1","2","t","phx_leave",{}]"#, "errored t"]);
    client.received(1, r#"["1","1","t","phx_reply",{"status":"ok","response":{}}]"#);
    client.expect(&[]);
    client.advance_ms(500);
    client.expect(&[r#"1 > ["3","3","t","phx_join",{}]"#]);
}

#[test]
fn left_channel_ignores_later_frames() {
    let mut client = Client::joined();
    client.push("one").unwrap();
    client.effects.clear();
    client.call(|socket, _, out| socket.leave("t", out));
    client.expect(&["outcome unknown: one", r#"1 > ["1","3","t","phx_leave",{}]"#]);
    client.received(1, r#"["1","3","t","phx_reply",{"status":"ok","response":{}}]"#);
    client.received(1, r#"["1","1","t","phx_close",{}]"#);
    client.expect(&[]);
    assert_eq!(client.push("two"), Err(PushError::NotJoined));
    client.join(r#"{"again":true}"#);
    client.expect(&[r#"1 > ["4","4","t","phx_join",{"again":true}]"#]);
}

#[test]
fn rejoin_sends_the_latest_params() {
    let mut client = Client::joined();
    client.join(r#"{"cursor":7}"#);
    client.expect(&[]);
    client.closed(1, 1012);
    client.advance_to_timer();
    client.opened(2);
    client.expect(&[
        "lost 1012 0",
        "connect 2",
        "opened",
        r#"2 > ["2","2","t","phx_join",{"cursor":7}]"#,
    ]);
}

#[test]
fn heartbeat_interval_starts_at_the_reply() {
    let mut client = Client::joined();
    for reference in 2..5 {
        assert_eq!(client.advance_to_timer(), HEARTBEAT_INTERVAL_MS);
        client.expect(&[&heartbeat(1, reference)]);
        client.now_ms += 5_000;
        client.received(1, &heartbeat_reply(reference));
        client.expect(&[]);
    }
}

#[test]
fn connection_without_heartbeat_reply_is_closed() {
    let mut client = Client::joined();
    client.advance_to_timer();
    client.push("one").unwrap();
    client.effects.clear();
    client.received(1, &heartbeat_reply(99));
    client.advance_ms(HEARTBEAT_TIMEOUT_MS - 1);
    client.expect(&["outcome unknown: one"]);
    client.advance_ms(1);
    client.expect(&["close 1", "lost 0 0"]);
    client.advance_to_timer();
    client.expect(&["connect 2"]);
}

#[test]
fn heartbeat_is_repeated_after_sleep() {
    let mut client = Client::joined();
    client.advance_to_timer();
    client.expect(&[&heartbeat(1, 2)]);
    // The device slept: the reply may have been lost although the connection works.
    client.advance_ms(HEARTBEAT_TIMEOUT_MS + 3_600_000);
    client.expect(&[&heartbeat(1, 3)]);
    assert_eq!(client.advance_to_timer(), PROBE_TIMEOUT_MS);
    client.expect(&["close 1", "lost 0 0"]);
}

#[test]
fn probe_sends_a_heartbeat_with_a_short_timeout() {
    let mut client = Client::joined();
    client.probe();
    client.expect(&[&heartbeat(1, 2)]);
    client.probe();
    client.expect(&[]);
    client.received(1, &heartbeat_reply(2));
    client.probe();
    client.expect(&[&heartbeat(1, 3)]);
    assert_eq!(client.advance_to_timer(), PROBE_TIMEOUT_MS);
    client.expect(&["close 1", "lost 0 0"]);
}

#[test]
fn probe_ends_all_backoff() {
    let mut client = Client::joined();
    client.received(1, r#"["1","1","t","phx_error",{}]"#);
    client.effects.clear();
    client.probe();
    client.expect(&[&heartbeat(1, 2), r#"1 > ["3","3","t","phx_join",{}]"#]);
    for conn in 1..9 {
        client.closed(conn, 1006);
        client.advance_to_timer();
    }
    client.closed(9, 1006);
    client.effects.clear();
    client.probe();
    client.expect(&["connect 10"]);
}

#[test]
fn connects_that_never_open_are_counted_and_slowed_down() {
    let mut client = Client::new();
    client.connect();
    let mut delays_ms = Vec::new();
    for attempt in 1..=21 {
        client.effects.clear();
        client.closed(attempt, 1006);
        client.expect(&[&format!("lost 1006 {attempt}")]);
        delays_ms.push(client.advance_to_timer());
    }
    assert_eq!(delays_ms[..11], [5, 25, 50, 75, 100, 125, 250, 500, 1_000, 2_500, 2_500]);
    assert_eq!(
        delays_ms[19..],
        [15_000, 15_000],
        "refused ten times after the last delay of phoenix.js"
    );
    client.effects.clear();
    client.opened(22);
    client.closed(22, 1006);
    client.expect(&["opened", "lost 1006 0"]);
}

#[test]
fn connection_that_closes_at_once_is_reopened_with_backoff() {
    let mut client = Client::new();
    client.connect();
    let mut delays_ms = Vec::new();
    for attempt in 1..=5 {
        client.opened(attempt);
        client.closed(attempt, 1011);
        delays_ms.push(client.advance_to_timer());
    }
    assert_eq!(delays_ms, [5, 25, 50, 75, 100], "opening alone does not reset the backoff");
    client.opened(6);
    client.received(6, r#"[null,null,"t","hello",{}]"#);
    client.closed(6, 1011);
    assert_eq!(client.advance_to_timer(), 5);
}

#[test]
fn hanging_connect_times_out() {
    let mut client = Client::new();
    client.connect();
    client.advance_ms(CONNECT_TIMEOUT_MS - 1);
    client.expect(&["connect 1"]);
    client.advance_ms(1);
    client.expect(&["close 1", "lost 0 1"]);
    client.opened(1);
    client.expect(&[]);
    client.advance_to_timer();
    client.expect(&["connect 2"]);
}
