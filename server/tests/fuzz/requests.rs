//! Requests: any method, path, headers and body.
//!
//! An input is a request line without its version, then headers, then, as the last line, the body.

use std::time::Duration;

use proptest::prelude::*;
use proptest::sample::select;
use proptest::strategy::Union;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time::timeout;

use crate::fuzzer::Target;
use crate::mutation::nearly;
use crate::place::{Place, at_place};

/// A server that says nothing for so long waits for the rest of the request.
const SILENCE: Duration = Duration::from_millis(300);
/// Whoever waits longer than this waits for nothing.
const PATIENCE: Duration = Duration::from_secs(20);
/// The most headers that are put in.
const MORE_HEADERS_MAX: usize = 2;

const JSON: &str = "content-type: application/json";
const BEARER: &str = "authorization: Bearer TOKEN";
const CREDENTIALS: &str = "{\"email\":\"a@example.org\",\"password\":\"correct horse\",\
    \"device_id\":\"01890a5d-ac96-774b-bcce-b302099a8057\"}";

/// Requests that are as they should be.
const GOLDEN: [&[&str]; 11] = [
    &["POST /api/sign_up", JSON, CREDENTIALS],
    &["POST /api/sign_in", JSON, CREDENTIALS],
    &["POST /api/sign_out", BEARER, JSON, "{\"everywhere\":true}"],
    &["POST /api/sign_out", BEARER, ""],
    &["GET /api/session", BEARER, ""],
    &[
        "OPTIONS /api/session",
        "origin: https://example.org",
        "access-control-request-method: GET",
        "",
    ],
    &["GET /health", ""],
    &["GET /", "accept-encoding: br, gzip;q=0.5", ""],
    &["GET /app-0123456789abcdef.js", "if-none-match: \"0-0\"", ""],
    &["HEAD /icons/192.png", ""],
    &[
        "GET /socket/websocket?token=TOKEN&vsn=2.0.0",
        "connection: Upgrade",
        "upgrade: websocket",
        "sec-websocket-version: 13",
        "sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==",
        "sec-websocket-protocol: phoenix, base64url.bearer.phx.VE9LRU4",
        "origin: http://localhost",
        "",
    ],
];

/// Headers that change how a request is read.
const HEADERS: [&str; 12] = [
    "content-length: 18446744073709551616",
    "content-length: -1",
    "content-length: 20000",
    "transfer-encoding: chunked",
    "expect: 100-continue",
    "content-type: text/plain",
    "host: [::1",
    "range: bytes=0-",
    "authorization: Basic Og==",
    "origin: null",
    "accept-encoding: *;q=0, br;q=x",
    "x: \u{fffd}",
];

pub(crate) fn requests() -> Target {
    let all = |pick: fn(&&[&'static str]) -> Vec<&'static str>| {
        GOLDEN.iter().flat_map(pick).map(str::to_owned).collect::<Vec<String>>()
    };
    let lines = nearly(all(|request| vec![request[0]]));
    let mut headers = all(|request| request[1..request.len() - 1].to_vec());
    headers.extend(HEADERS.map(str::to_owned));
    let headers = nearly(headers);
    let bodies = nearly(all(|request| vec![request[request.len() - 1]]));
    let or = |golden: &str, nearly: &BoxedStrategy<String>| {
        prop_oneof![3 => Just(golden.to_owned()), 1 => nearly.clone()].boxed()
    };
    let request = |golden: &&[&str]| {
        let (line, rest) = golden.split_first().unwrap();
        let (body, known) = rest.split_last().unwrap();
        let known: Vec<_> = known.iter().map(|header| or(header, &headers)).collect();
        let more =
            prop_oneof![1 => select(&HEADERS[..]).prop_map(str::to_owned), 1 => headers.clone()];
        let more = prop::collection::vec(more, 0..=MORE_HEADERS_MAX);
        (or(line, &lines), known, more, or(body, &bodies))
            .prop_map(|(line, known, more, body)| [vec![line], known, more, vec![body]].concat())
            .boxed()
    };
    let inputs = Union::new(GOLDEN.iter().map(request)).boxed();
    Target { name: "requests", inputs, check }
}

fn check(input: &[String]) {
    let [line, rest @ ..] = input else { return };
    let (body, headers) = rest.split_last().map_or(("", rest), |(body, rest)| (&**body, rest));
    let status = at_place(async |place| ask(place, line, headers, body).await);
    assert!(status.is_none_or(|status| status < 500), "the server failed: {status:?}");
}

/// The status of the answer; none if the connection was closed without one.
async fn ask(place: &Place, line: &str, headers: &[String], body: &str) -> Option<u16> {
    let body = place.fill_in(body);
    let mut head = format!("{line} HTTP/1.1\r\n");
    let has = |name: &str| headers.iter().any(|it| it.to_ascii_lowercase().starts_with(name));
    if !has("host:") {
        head += "host: localhost\r\n";
    }
    if !has("content-length:") && !has("transfer-encoding:") {
        head += &format!("content-length: {}\r\n", body.len());
    }
    headers.iter().for_each(|header| head += &format!("{header}\r\n"));
    let head = place.fill_in(&head);
    let mut stream = TcpStream::connect(place.world.address).await.unwrap();
    // A server that refuses a request early closes the connection before it has read all of it.
    let _ = stream.write_all(format!("{head}\r\n{body}").as_bytes()).await;
    let mut answer = Vec::new();
    if timeout(SILENCE, read_head(&mut stream, &mut answer)).await.is_err() {
        let _ = stream.shutdown().await;
        let read = timeout(PATIENCE, read_head(&mut stream, &mut answer)).await;
        assert!(read.is_ok(), "neither answered nor closed");
    }
    let answer = String::from_utf8_lossy(&answer);
    answer.split(' ').nth(1).map(|status| status.parse().expect("a status"))
}

/// Reads until an answer's headers are there, or the connection ends.
async fn read_head(stream: &mut TcpStream, answer: &mut Vec<u8>) {
    while !answer.windows(4).any(|end| end == b"\r\n\r\n") {
        if !matches!(stream.read_buf(answer).await, Ok(1..)) {
            break;
        }
    }
}
