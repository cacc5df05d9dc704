//! Requests that do not arrive as they should: slow, endless, or from too many.

use std::net::SocketAddr;
use std::time::Duration;

use serde_json::json;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time::{sleep, timeout};
use wizitime_server::auth::SIGN_UPS_MAX;
use wizitime_server::{RequestTimeouts, SocketLimits};

use crate::client::handshake;
use crate::http::{Answer, request};
use crate::world::{PASSWORD, World, credentials};

/// What the server is patient for in these stories.
const PATIENCE: Duration = Duration::from_millis(400);
/// Nobody here waits longer than this; a server without bounds would.
const TOO_LONG: Duration = Duration::from_secs(10);

async fn impatient() -> World {
    World::with(|app| app.with_request_timeouts(RequestTimeouts { head: PATIENCE, body: PATIENCE }))
        .await
}

/// Sends one byte of `text` after the other, without end, and answers what came back until the
/// server closed the connection.
async fn dribble(address: SocketAddr, begin: &str, text: &str) -> String {
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(begin.as_bytes()).await.unwrap();
    let (mut reading, mut writing) = stream.split();
    let mut answer = Vec::new();
    let write = async {
        for byte in text.bytes().cycle() {
            if writing.write_all(&[byte]).await.is_err() {
                break;
            }
            sleep(PATIENCE / 10).await;
        }
        // The rest of the answer may still come.
        std::future::pending::<()>().await;
    };
    let read = async {
        // A reset is an end as well.
        let _ = reading.read_to_end(&mut answer).await;
    };
    let served = async {
        tokio::select! {
            () = read => (),
            () = write => (),
        }
    };
    timeout(TOO_LONG, served).await.unwrap();
    String::from_utf8(answer).unwrap()
}

#[tokio::test]
async fn who_sends_a_head_slowly_or_never_is_gone() {
    let world = impatient().await;
    let head = "GET /api/session HTTP/1.1\r\nhost: a\r\n";
    for (begin, text) in [(head, "x-more: x\r\n"), ("", "GET /"), (head, "x")] {
        let answer = dribble(world.address, begin, text).await;
        assert!(!answer.contains("200"), "{answer}");
    }
    let mut silent = TcpStream::connect(world.address).await.unwrap();
    let mut nothing = Vec::new();
    timeout(TOO_LONG, silent.read_to_end(&mut nothing)).await.unwrap().unwrap();
    assert_eq!(world.get("/health", &[]).await.status, 200);
}

#[tokio::test]
async fn who_sends_a_body_slowly_is_told_so() {
    let world = impatient().await;
    let head = "POST /api/sign_in HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\n\
                content-length: 10000\r\n\r\n";
    let answer = dribble(world.address, head, "{ ").await;
    assert!(answer.starts_with("HTTP/1.1 408"), "{answer}");
    assert!(answer.contains("\"error\":\"too_slow\""), "{answer}");
}

#[tokio::test]
async fn a_socket_is_not_a_slow_request() {
    let world = impatient().await;
    let account = world.sign_up("ada@example.org").await;
    let mut client = world.join(&account).await;
    sleep(PATIENCE * 2).await;
    client.ask_ok("ping", &json!({"sent_at": 0})).await;
}

#[tokio::test]
async fn a_head_that_is_too_large_is_refused() {
    let world = World::new().await;
    let long = "x".repeat(20_000);
    let answer = world.get("/health", &[("x-long", &long)]).await;
    assert_eq!(answer.status, 431);
    let names: Vec<String> = (0..80).map(|number| format!("x-{number}")).collect();
    let many: Vec<(&str, &str)> = names.iter().map(|name| (&**name, "1")).collect();
    assert_eq!(world.get("/health", &many).await.status, 431);
    let fitting = "x".repeat(4_000);
    assert_eq!(world.get("/health", &[("x-long", &fitting)]).await.status, 200);
}

#[tokio::test]
async fn one_person_has_so_many_sockets_and_all_have_so_many() {
    let limits = SocketLimits { per_user: 2, server: 3 };
    let world = World::with(|app| app.with_socket_limits(limits)).await;
    let (ada, bob) =
        (world.sign_up("ada@example.org").await, world.sign_up("bob@example.org").await);
    let try_to = async |token: &str| {
        let query = format!("?token={token}&vsn=2.0.0");
        handshake(world.address, &query, &[]).await.map(|_| ()).unwrap_err()
    };
    let mut of_ada = [world.join(&ada).await, world.join(&ada).await];
    assert_eq!(try_to(&ada.token).await, 429);
    let of_bob = world.join(&bob).await;
    assert_eq!(try_to(&bob.token).await, 503);
    // Nobody who is in notices, and a place that is given up is free.
    for client in &mut of_ada {
        client.ask_ok("ping", &json!({"sent_at": 0})).await;
    }
    drop(of_bob);
    world.open_sockets(2).await;
    world.join(&bob).await;
}

/// Asks as if through a proxy that was asked by this address.
async fn through_proxy(world: &World, path: &str, from: &str, email: &str) -> Answer {
    let headers = [("content-type", "application/json"), ("x-forwarded-for", from)];
    let body = credentials(email, PASSWORD).to_string();
    request(world.address, "POST", path, &headers, body.as_bytes()).await
}

#[tokio::test]
async fn one_address_makes_so_many_accounts_within_an_hour() {
    let proxy = ["127.0.0.1".parse().unwrap()];
    let world =
        World::configured(|config| config.trusted_proxies = proxy.to_vec(), |app| app).await;
    for number in 0..SIGN_UPS_MAX {
        let email = format!("{number}@example.org");
        let answer = through_proxy(&world, "/api/sign_up", "192.0.2.1", &email).await;
        assert_eq!(answer.status, 201, "{number}");
    }
    let next = async |from| through_proxy(&world, "/api/sign_up", from, "ada@example.org").await;
    for from in ["192.0.2.1", "198.51.100.1, 192.0.2.1"] {
        let answer = next(from).await;
        assert_eq!((answer.status, &*answer.error()), (429, "too_many_accounts"), "{from}");
        let seconds: u64 = answer.header("retry-after").unwrap().parse().unwrap();
        assert!((1..=3_601).contains(&seconds), "{seconds}");
    }
    let there = through_proxy(&world, "/api/sign_in", "192.0.2.1", "0@example.org").await;
    assert_eq!(there.status, 200, "whoever has an account is let in");
    assert_eq!(next("192.0.2.2").await.status, 201, "another address");
}

#[tokio::test]
async fn what_a_stranger_says_of_its_address_is_not_believed() {
    let world = World::new().await;
    world.sign_up("ada@example.org").await;
    let mut last = 0;
    for number in 0..=wizitime_server::auth::ATTEMPTS_MAX {
        let from = format!("192.0.2.{number}");
        let headers = [("content-type", "application/json"), ("x-forwarded-for", &*from)];
        let body = credentials("ada@example.org", "wrong horse").to_string();
        let answer =
            request(world.address, "POST", "/api/sign_in", &headers, body.as_bytes()).await;
        last = answer.status;
    }
    assert_eq!(last, 429);
}
