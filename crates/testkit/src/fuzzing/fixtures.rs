//! Valid frames, events and replies: the golden fixtures of the protocol.

use serde_json::Value;
use wizitime_protocol::phoenix::{Frame, REPLY_EVENT};

const FIXTURES: [&str; 2] = [
    include_str!("../../../protocol/fixtures/account.json"),
    include_str!("../../../protocol/fixtures/refused.json"),
];
const EVENTS: &str = include_str!("../../../../tests/golden/events.jsonl");
/// The account of the golden frames.
pub const USER: &str = "01890a5d-ac96-774b-bcce-aaaaaaaaaaaa";

/// Frames that go one way: from the `client` or from the `server`.
pub fn frames(direction: &str) -> Vec<String> {
    let all = FIXTURES.iter().flat_map(|fixture| {
        let frames: Vec<Value> = serde_json::from_str(fixture).unwrap();
        frames.into_iter().filter(|frame| frame["direction"] == direction)
    });
    all.map(|frame| frame["text"].as_str().unwrap().to_owned()).collect()
}

/// The payloads of the frames that go one way and have this name.
pub fn payloads(direction: &str, event: &str) -> Vec<String> {
    let frames = frames(direction);
    let frames = frames.iter().map(|text| Frame::decode(text).unwrap());
    let named = frames.filter(|frame| frame.event == event);
    named.map(|frame| frame.payload.as_json().unwrap().get().to_owned()).collect()
}

/// Events, one of every kind, in an order in which they can be applied.
pub fn events() -> Vec<String> {
    EVENTS.lines().map(str::to_owned).collect()
}

/// Payloads of BULK_EVENT: the golden ones, and batches of the golden events.
pub fn batches() -> Vec<String> {
    let events = events();
    let mut batches = payloads("client", "BULK_EVENT");
    for size in [1, 2, 3, 5, events.len()] {
        batches.push(format!("{{\"events\":[{}]}}", events[..size].join(",")));
    }
    batches
}

/// The server's replies in the golden frames, each with the event that it replies to.
pub fn replies() -> Vec<(String, String)> {
    let mut replies = Vec::new();
    for fixture in FIXTURES {
        let frames: Vec<Value> = serde_json::from_str(fixture).unwrap();
        let mut pushed = Vec::new();
        for frame in frames {
            let frame = Frame::decode(frame["text"].as_str().unwrap()).unwrap();
            let payload = frame.payload.as_json().unwrap().get().to_owned();
            if frame.event != REPLY_EVENT {
                pushed.push((frame.reference, frame.event));
            } else if let Some((_, event)) =
                pushed.iter().rev().find(|(reference, _)| *reference == frame.reference)
            {
                replies.push((event.clone(), payload));
            }
        }
    }
    replies
}
