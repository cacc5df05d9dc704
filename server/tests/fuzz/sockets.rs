//! Any frames on an authenticated socket.
//!
//! A line of an input is `text FRAME`, `binary BYTES` as hexadecimal digits, or `ping BYTES`.

use std::time::Duration;

use futures_util::{SinkExt as _, StreamExt as _};
use proptest::prelude::*;
use serde_json::Value;
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::Message;
use wizitime_testkit::fuzzing::{Target, binary_frame, fixtures, from_hex, mutated, to_hex};

use crate::CORPUS;
use crate::fixture::{Fixture, with_fixture};
use wizitime_server_support::handshake;

/// Fails a socket that is neither answered nor closed.
const TIMEOUT: Duration = Duration::from_secs(20);
/// Lines of one input; less than the queue of the session holds.
const LINES_MAX: usize = 16;
/// The last frame of every input, which always gets a reply.
const LAST: &str = r#"[null,"last","nowhere","nothing",{}]"#;
/// The close codes of docs/PROTOCOL.md for an authenticated client.
const CLOSE_CODES: [u16; 6] = [1002, 1007, 1008, 1009, 1011, 1013];

pub(crate) fn sockets() -> Target {
    let golden = fixtures::frames("client");
    let join = vec![format!("text {}", golden[0])];
    let begins = prop_oneof![1 => Just(Vec::new()), 5 => Just(join)];
    let batch = mutated(fixtures::batches()).prop_map(|batch| {
        format!("text [\"1\",\"b\",\"users:{}\",\"BULK_EVENT\",{batch}]", fixtures::USER)
    });
    let line = prop_oneof![
        6 => mutated(golden.clone()).prop_map(|frame| format!("text {frame}")),
        4 => prop::sample::select(golden).prop_map(|frame| format!("text {frame}")),
        4 => batch,
        1 => binary_frame().prop_map(|bytes| format!("binary {}", to_hex(&bytes))),
        1 => binary_frame().prop_map(|bytes| format!("ping {}", to_hex(&bytes))),
    ];
    let lines = prop::collection::vec(line, 1..=LINES_MAX);
    let inputs = (begins, lines).prop_map(|(begins, lines)| [begins, lines].concat()).boxed();
    Target { corpus: CORPUS, name: "sockets", inputs, check }
}

fn check(input: &[String]) {
    with_fixture(async |fixture| {
        let exchange = exchange(fixture, input);
        timeout(TIMEOUT, exchange).await.expect("neither answered nor closed");
    });
}

async fn exchange(fixture: &Fixture, input: &[String]) {
    let query = format!("?token={}&vsn=2.0.0", fixture.token());
    let (mut socket, _) = handshake(fixture.server.address, &query, &[]).await.unwrap();
    for line in input.iter().map(String::as_str).chain([&*format!("text {LAST}")]) {
        let (word, rest) = line.split_once(' ').unwrap_or((line, ""));
        let message = match word {
            "text" => Message::Text(fixture.fill_in(rest).into()),
            "binary" => Message::Binary(from_hex(rest).into()),
            "ping" => Message::Ping(from_hex(rest).into()),
            _ => continue,
        };
        if socket.send(message).await.is_err() {
            // The server has closed the socket; the close code is checked below.
            break;
        }
    }
    while let Some(Ok(message)) = socket.next().await {
        match message {
            Message::Text(text) => {
                let frame: Value = serde_json::from_str(&text).expect("the server writes JSON");
                assert_ne!(frame[4]["response"]["reason"], "internal", "a job failed");
                if frame[1] == "last" && frame[2] == "nowhere" {
                    return;
                }
            }
            Message::Close(frame) => {
                let code = frame.map(|frame| frame.code);
                let is_known =
                    code.map(u16::from).is_some_and(|code: u16| CLOSE_CODES.contains(&code));
                assert!(is_known, "closed with {code:?}");
            }
            Message::Binary(_) | Message::Ping(_) | Message::Pong(_) | Message::Frame(_) => (),
        }
    }
}
