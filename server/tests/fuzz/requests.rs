//! HTTP requests with any method, path, headers and body.
//!
//! An input is a request line without its version, then headers, then, as the last line, the body.

use std::time::Duration;

use proptest::prelude::*;
use proptest::sample::select;
use proptest::strategy::Union;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time::timeout;
use wizitime_testkit::fuzzing::{Target, mutated};

use crate::CORPUS;
use crate::fixture::{Fixture, with_fixture};

/// After this time without a response the server is waiting for the rest of the request.
const RESPONSE_WAIT: Duration = Duration::from_millis(300);
/// Fails a request that is neither answered nor closed.
const TIMEOUT: Duration = Duration::from_secs(20);
/// Headers that are added to a golden request.
const EXTRA_HEADERS_MAX: usize = 2;

const JSON: &str = "content-type: application/json";
const BEARER: &str = "authorization: Bearer TOKEN";
const CREDENTIALS: &str = "{\"email\":\"a@example.org\",\"password\":\"correct horse\",\
    \"device_id\":\"01890a5d-ac96-774b-bcce-b302099a8057\"}";

/// Valid requests.
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

/// Headers that affect request parsing.
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
    let lines = mutated(all(|request| vec![request[0]]));
    let mut headers = all(|request| request[1..request.len() - 1].to_vec());
    headers.extend(HEADERS.map(str::to_owned));
    let headers = mutated(headers);
    let bodies = mutated(all(|request| vec![request[request.len() - 1]]));
    let or = |golden: &str, mutated: &BoxedStrategy<String>| {
        prop_oneof![3 => Just(golden.to_owned()), 1 => mutated.clone()].boxed()
    };
    let request = |golden: &&[&str]| {
        let (line, rest) = golden.split_first().unwrap();
        let (body, known) = rest.split_last().unwrap();
        let known: Vec<_> = known.iter().map(|header| or(header, &headers)).collect();
        let extra =
            prop_oneof![1 => select(&HEADERS[..]).prop_map(str::to_owned), 1 => headers.clone()];
        let extra = prop::collection::vec(extra, 0..=EXTRA_HEADERS_MAX);
        (or(line, &lines), known, extra, or(body, &bodies))
            .prop_map(|(line, known, extra, body)| [vec![line], known, extra, vec![body]].concat())
            .boxed()
    };
    let inputs = Union::new(GOLDEN.iter().map(request)).boxed();
    Target { corpus: CORPUS, name: "requests", inputs, check }
}

fn check(input: &[String]) {
    let [line, rest @ ..] = input else { return };
    let (body, headers) = rest.split_last().map_or(("", rest), |(body, rest)| (&**body, rest));
    let status = with_fixture(async |fixture| send_request(fixture, line, headers, body).await);
    assert!(status.is_none_or(|status| status < 500), "the server failed: {status:?}");
}

/// The status of the response; none if the connection was closed without one.
async fn send_request(
    fixture: &Fixture,
    line: &str,
    headers: &[String],
    body: &str,
) -> Option<u16> {
    let body = fixture.fill_in(body);
    let mut head = format!("{line} HTTP/1.1\r\n");
    let has = |name: &str| headers.iter().any(|it| it.to_ascii_lowercase().starts_with(name));
    if !has("host:") {
        head += "host: localhost\r\n";
    }
    if !has("content-length:") && !has("transfer-encoding:") {
        head += &format!("content-length: {}\r\n", body.len());
    }
    headers.iter().for_each(|header| head += &format!("{header}\r\n"));
    let head = fixture.fill_in(&head);
    let mut stream = TcpStream::connect(fixture.server.address).await.unwrap();
    // The server may refuse a request and close the connection before it has read all of it.
    let _ = stream.write_all(format!("{head}\r\n{body}").as_bytes()).await;
    let mut response = Vec::new();
    if timeout(RESPONSE_WAIT, read_head(&mut stream, &mut response)).await.is_err() {
        let _ = stream.shutdown().await;
        let read = timeout(TIMEOUT, read_head(&mut stream, &mut response)).await;
        assert!(read.is_ok(), "neither answered nor closed");
    }
    let response = String::from_utf8_lossy(&response);
    response.split(' ').nth(1).map(|status| status.parse().expect("a status"))
}

/// Reads until the end of the response head, or of the connection.
async fn read_head(stream: &mut TcpStream, response: &mut Vec<u8>) {
    while !response.windows(4).any(|end| end == b"\r\n\r\n") {
        if !matches!(stream.read_buf(response).await, Ok(1..)) {
            break;
        }
    }
}
