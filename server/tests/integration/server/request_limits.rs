//! Limits on slow requests, large heads, sockets, sign-ups and attempts.

use std::net::SocketAddr;
use std::time::Duration;

use serde_json::json;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpSocket, TcpStream};
use tokio::time::{sleep, timeout};
use wizitime_server::auth::{ACCOUNT_LIMIT, ADDRESS_LIMIT, SIGN_UP_LIMIT};
use wizitime_server::{App, ConnectionLimits, RequestTimeouts, SocketLimits, TrustedProxies};
use wizitime_server_support::{
    Backend, HttpResponse, PASSWORD, TestServer, captured_log, credentials, handshake, request,
};

use super::operations::{metrics, serve_test_metrics};

/// The timeouts of the server in these tests.
const TIMEOUT: Duration = Duration::from_millis(400);
/// Fails a test whose request is never ended by the server.
const TEST_TIMEOUT: Duration = Duration::from_secs(10);

async fn start_with_short_timeouts() -> TestServer {
    TestServer::start_with(
        Backend::Sqlite,
        |_| (),
        |app| app.with_request_timeouts(RequestTimeouts { head: TIMEOUT, body: TIMEOUT }),
    )
    .await
}

/// Sends `begin`, then `text` byte by byte without end. Returns the response when the server closes
/// the connection.
async fn send_slowly(address: SocketAddr, begin: &str, text: &str) -> String {
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(begin.as_bytes()).await.unwrap();
    let (mut reading, mut writing) = stream.split();
    let mut response = Vec::new();
    let write = async {
        for byte in text.bytes().cycle() {
            if writing.write_all(&[byte]).await.is_err() {
                break;
            }
            sleep(TIMEOUT / 10).await;
        }
        // The rest of the response may still arrive.
        std::future::pending::<()>().await;
    };
    let read = async {
        // A reset also ends the response.
        let _ = reading.read_to_end(&mut response).await;
    };
    let served = async {
        tokio::select! {
            () = read => (),
            () = write => (),
        }
    };
    timeout(TEST_TIMEOUT, served).await.unwrap();
    String::from_utf8(response).unwrap()
}

#[tokio::test]
async fn slow_request_head_is_disconnected() {
    let server = start_with_short_timeouts().await;
    let head = "GET /api/session HTTP/1.1\r\nhost: a\r\n";
    for (begin, text) in [(head, "x-more: x\r\n"), ("", "GET /"), (head, "x")] {
        let response = send_slowly(server.address, begin, text).await;
        assert!(!response.contains("200"), "{response}");
    }
    let mut silent = TcpStream::connect(server.address).await.unwrap();
    let mut nothing = Vec::new();
    timeout(TEST_TIMEOUT, silent.read_to_end(&mut nothing)).await.unwrap().unwrap();
    assert_eq!(server.get("/health", &[]).await.status, 200);
}

#[tokio::test]
async fn slow_request_body_gets_request_timeout() {
    let server = start_with_short_timeouts().await;
    let head = "POST /api/sign_in HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\n\
                content-length: 10000\r\n\r\n";
    let response = send_slowly(server.address, head, "{ ").await;
    assert!(response.starts_with("HTTP/1.1 408"), "{response}");
    assert!(response.contains("\"error\":\"too_slow\""), "{response}");
}

#[tokio::test]
async fn open_socket_is_not_subject_to_request_timeouts() {
    let server = start_with_short_timeouts().await;
    let account = server.sign_up("ada@example.org").await;
    let mut client = server.join(&account).await;
    sleep(TIMEOUT * 2).await;
    client.request_ok("ping", &json!({"sent_at": 0})).await;
}

#[tokio::test]
async fn oversized_request_head_is_refused() {
    let server = TestServer::start(Backend::Sqlite).await;
    let long = "x".repeat(20_000);
    let response = server.get("/health", &[("x-long", &long)]).await;
    assert_eq!(response.status, 431);
    let names: Vec<String> = (0..80).map(|number| format!("x-{number}")).collect();
    let many: Vec<(&str, &str)> = names.iter().map(|name| (&**name, "1")).collect();
    assert_eq!(server.get("/health", &many).await.status, 431);
    let within_limit = "x".repeat(4_000);
    assert_eq!(server.get("/health", &[("x-long", &within_limit)]).await.status, 200);
}

#[tokio::test]
async fn oversized_request_body_is_too_large() {
    let server = TestServer::start(Backend::Sqlite).await;
    let body = |bytes: usize| [b'{'].repeat(bytes);
    let headers = [("content-type", "application/json")];
    for (bytes, status, error) in [(16_384, 400, "malformed"), (16_385, 413, "too_large")] {
        for path in ["/api/sign_in", "/api/sign_up"] {
            let response = request(server.address, "POST", path, &headers, &body(bytes)).await;
            assert_eq!((response.status, &*response.error()), (status, error), "{path}");
        }
    }
    let mut stream = TcpStream::connect(server.address).await.unwrap();
    let head = "POST /api/sign_in HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\n\
                connection: close\r\ntransfer-encoding: chunked\r\n\r\n4001\r\n";
    stream.write_all(&[head.as_bytes(), &body(0x4001)].concat()).await.unwrap();
    let mut response = String::new();
    timeout(TEST_TIMEOUT, stream.read_to_string(&mut response)).await.unwrap().unwrap();
    assert!(response.starts_with("HTTP/1.1 413"), "{response}");
}

#[tokio::test]
async fn request_needs_exactly_one_host() {
    let server = TestServer::start(Backend::Sqlite).await;
    for (version, hosts, status) in [
        ("1.1", "host: a\r\n", 200),
        ("1.1", "", 400),
        ("1.1", "host: a\r\nhost: a\r\n", 400),
        ("1.0", "", 200),
        ("1.0", "host: a\r\nhost: b\r\n", 400),
    ] {
        let mut stream = TcpStream::connect(server.address).await.unwrap();
        let head = format!("GET /health HTTP/{version}\r\n{hosts}connection: close\r\n\r\n");
        stream.write_all(head.as_bytes()).await.unwrap();
        let mut response = String::new();
        timeout(TEST_TIMEOUT, stream.read_to_string(&mut response)).await.unwrap().unwrap();
        let expected = format!("HTTP/{version} {status}");
        assert!(response.starts_with(&expected), "{version} {hosts:?}: {response}");
    }
}

#[tokio::test]
async fn sockets_over_user_and_server_limits_are_refused() {
    let limits = SocketLimits { per_user: 2, server: 3 };
    let server =
        TestServer::start_with(Backend::Sqlite, |_| (), |app| app.with_socket_limits(limits)).await;
    let (ada, bob) =
        (server.sign_up("ada@example.org").await, server.sign_up("bob@example.org").await);
    let try_connect = async |token: &str| {
        let query = format!("?token={token}&vsn=2.0.0");
        handshake(server.address, &query, &[]).await.map(|_| ()).unwrap_err()
    };
    let mut ada_client = [server.join(&ada).await, server.join(&ada).await];
    assert_eq!(try_connect(&ada.token).await, 429);
    let bob_client = server.join(&bob).await;
    assert_eq!(try_connect(&bob.token).await, 503);
    // Open sockets are unaffected, and a closed socket makes room.
    for client in &mut ada_client {
        client.request_ok("ping", &json!({"sent_at": 0})).await;
    }
    drop(bob_client);
    server.wait_for_open_sockets(2).await;
    server.join(&bob).await;
}

/// A connection from another address of this machine.
async fn connect_from(from: &str, to: SocketAddr) -> TcpStream {
    let socket = TcpSocket::new_v4().unwrap();
    socket.bind(SocketAddr::new(from.parse().unwrap(), 0)).unwrap();
    socket.connect(to).await.unwrap()
}

/// The status and the `Retry-After` of a request on this connection; none if it is closed.
async fn status_of(mut stream: TcpStream, path: &str) -> Option<(u16, Option<String>)> {
    let head = format!("GET {path} HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n");
    let mut response = String::new();
    let exchange = async {
        stream.write_all(head.as_bytes()).await?;
        stream.read_to_string(&mut response).await
    };
    // A reset is one way of closing.
    timeout(TEST_TIMEOUT, exchange).await.unwrap().ok()?;
    let status = response.split(' ').nth(1)?.parse().unwrap();
    let retry_after = response.lines().find_map(|line| line.strip_prefix("retry-after: "));
    Some((status, retry_after.map(str::to_owned)))
}

#[tokio::test]
async fn connections_of_an_address_are_limited() {
    let limits = ConnectionLimits { server: 100, per_address: 3, reserve: 1 };
    let change = |app: App| app.with_connection_limits(limits);
    let server = TestServer::start_with(Backend::Sqlite, |_| (), change).await;
    let account = server.sign_up("ada@example.org").await;
    let mut held = Vec::new();
    for _ in 0..20 {
        held.push(connect_from("127.0.0.2", server.address).await);
    }
    let refused = connect_from("127.0.0.2", server.address).await;
    assert_eq!(status_of(refused, "/health").await, None);
    let other = connect_from("127.0.0.3", server.address).await;
    assert_eq!(status_of(other, "/health").await, Some((200, None)));
    let metrics = metrics(serve_test_metrics(&server).await).await;
    assert_eq!(metrics["wizitime_connections_refused_total{limit=\"address\"}"], 18.0);
    // Sockets have limits of their own.
    let mut clients = Vec::new();
    for _ in 0..4 {
        clients.push(server.join(&account).await);
    }
    // The first one is still open, and closed ones make room.
    let last = held.drain(..).next().unwrap();
    assert_eq!(status_of(last, "/health").await, Some((200, None)));
    wait_for_open_connections(&server, 0).await;
    let again = connect_from("127.0.0.2", server.address).await;
    assert_eq!(status_of(again, "/health").await, Some((200, None)));
}

/// Waits until the server has so many open connections.
async fn wait_for_open_connections(server: &TestServer, count: usize) {
    timeout(TEST_TIMEOUT, server.app.wait_for_open_connections(count)).await.unwrap();
}

#[tokio::test]
async fn health_is_answered_while_all_connections_are_taken() {
    let proxies = TrustedProxies::from_iter(["127.0.0.1/32".parse().unwrap()]);
    let limits = ConnectionLimits { server: 4, per_address: 1, reserve: 2 };
    let server = TestServer::start_with(
        Backend::Sqlite,
        |config| config.trusted_proxies = proxies.clone(),
        |app| app.with_connection_limits(limits),
    )
    .await;
    let connect = || connect_from("127.0.0.1", server.address);
    // The clients of a proxy are not limited by its address.
    let held = [connect().await, connect().await, connect().await, connect().await];
    wait_for_open_connections(&server, 4).await;
    for path in ["/health", "/ready"] {
        assert_eq!(status_of(connect().await, path).await, Some((200, None)), "{path}");
    }
    let busy = Some((503, Some("5".to_owned())));
    assert_eq!(status_of(connect().await, "/api/session").await, busy);
    wait_for_open_connections(&server, 4).await;
    let _reserve = [connect().await, connect().await];
    assert_eq!(status_of(connect().await, "/health").await, None);
    drop(held);
    wait_for_open_connections(&server, 2).await;
    assert_eq!(status_of(connect().await, "/api/session").await, Some((401, None)));
}

/// A server that trusts the proxy from which [`through_proxy`] sends.
async fn start_behind_proxy() -> TestServer {
    let proxies = TrustedProxies::from_iter(["127.0.0.1/32".parse().unwrap()]);
    TestServer::start_with(Backend::Sqlite, |config| config.trusted_proxies = proxies, |app| app)
        .await
}

/// Sends a request as a proxy of this client address.
async fn through_proxy(server: &TestServer, path: &str, from: &str, email: &str) -> HttpResponse {
    let headers = [("content-type", "application/json"), ("x-forwarded-for", from)];
    let body = credentials(email, PASSWORD).to_string();
    request(server.address, "POST", path, &headers, body.as_bytes()).await
}

#[tokio::test]
async fn sign_ups_per_address_are_limited() {
    let server = start_behind_proxy().await;
    for number in 0..SIGN_UP_LIMIT.max {
        let email = format!("{number}@example.org");
        let response = through_proxy(&server, "/api/sign_up", "192.0.2.1", &email).await;
        assert_eq!(response.status, 201, "{number}");
    }
    let next = async |from| through_proxy(&server, "/api/sign_up", from, "ada@example.org").await;
    for from in ["192.0.2.1", "198.51.100.1, 192.0.2.1"] {
        let response = next(from).await;
        assert_eq!((response.status, &*response.error()), (429, "too_many_accounts"), "{from}");
        let seconds: u64 = response.header("retry-after").unwrap().parse().unwrap();
        assert!((1..=3_601).contains(&seconds), "{seconds}");
    }
    let sign_in = through_proxy(&server, "/api/sign_in", "192.0.2.1", "0@example.org").await;
    assert_eq!(sign_in.status, 200, "sign-in is not limited");
    assert_eq!(next("192.0.2.2").await.status, 201, "another address");
}

/// Sign-ups that are refused must not push a guessing client out of the table of attempts.
#[tokio::test]
async fn sign_ups_leave_the_limit_of_password_guesses_alone() {
    let server = TestServer::start(Backend::Sqlite).await;
    server.sign_up("ada@example.org").await;
    let guess = async || {
        let wrong = credentials("ada@example.org", "wrong horse");
        server.post("/api/sign_in", None, &wrong).await.status
    };
    for _ in 0..ACCOUNT_LIMIT.max {
        assert_eq!(guess().await, 401);
    }
    assert_eq!(guess().await, 429);
    // Neither a refused sign-up nor a successful one of this address counts as a right password.
    let taken = server.post("/api/sign_up", None, &credentials("ada@example.org", PASSWORD)).await;
    assert_eq!(taken.status, 409);
    server.sign_up("bob@example.org").await;
    assert_eq!(guess().await, 429);
}

/// The addresses of one /56 count as one.
#[tokio::test]
async fn one_password_at_many_accounts_is_rate_limited() {
    let server = start_behind_proxy().await;
    server.sign_up("ada@example.org").await;
    let sign_in = async |from: &str, email: &str| {
        through_proxy(&server, "/api/sign_in", from, email).await.status
    };
    for number in 0..ADDRESS_LIMIT.max {
        let from = format!("2001:db8:0:{:x}::1", number % 256);
        let email = format!("{number}@example.org");
        assert_eq!(sign_in(&from, &email).await, 401, "{number}");
        // An attacker with an account does not begin again.
        if number % 10 == 0 {
            assert_eq!(sign_in(&from, "ada@example.org").await, 200, "{number}");
        }
    }
    assert_eq!(sign_in("2001:db8::1", "ada@example.org").await, 429);
    assert_eq!(sign_in("2001:db8:0:100::1", "ada@example.org").await, 200, "another /56");
}

#[tokio::test]
async fn forwarded_for_of_untrusted_clients_is_ignored() {
    let server = TestServer::start(Backend::Sqlite).await;
    server.sign_up("ada@example.org").await;
    let mut last = 0;
    for number in 0..=ACCOUNT_LIMIT.max {
        let from = format!("192.0.2.{number}");
        let headers = [("content-type", "application/json"), ("x-forwarded-for", &*from)];
        let body = credentials("ada@example.org", "wrong horse").to_string();
        let response =
            request(server.address, "POST", "/api/sign_in", &headers, body.as_bytes()).await;
        last = response.status;
    }
    assert_eq!(last, 429);
}

#[tokio::test]
async fn an_unknown_proxy_and_an_open_network_are_named_in_warnings() {
    captured_log::start();
    let everything = TrustedProxies::from_iter(["0.0.0.0/0".parse().unwrap()]);
    let open = TestServer::start_with(
        Backend::Sqlite,
        |config| config.trusted_proxies = everything,
        |app| app,
    );
    drop(open.await);
    let warnings = captured_log::lines(&["WARN", "trusted_proxies contains every address"]);
    assert!(!warnings.is_empty());
    let server = TestServer::start(Backend::Sqlite).await;
    through_proxy(&server, "/api/sign_in", "192.0.2.1", "ada@example.org").await;
    let warnings = captured_log::lines(&["WARN", "--trusted-proxies 127.0.0.1"]);
    assert!(!warnings.is_empty());
}
