//! Who may open a socket.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use serde_json::json;

use crate::client::{Client, handshake};
use crate::http::request;
use crate::world::World;

fn status(handshake: crate::client::Handshake) -> u16 {
    handshake.map_or_else(|status| status, |_| 101)
}

#[tokio::test]
async fn version_and_token_are_checked_before_anything_else() {
    let world = World::new().await;
    let token = world.sign_up("ada@example.org").await.token;
    for (query, expected) in [
        (format!("?token={token}&vsn=2.0.0"), 101),
        (format!("?vsn=2.0.9&token={token}"), 101),
        (format!("?token={token}"), 403),
        (format!("?token={token}&vsn=1.0.0"), 403),
        (format!("?token={token}&vsn=3.0.0"), 403),
        (format!("?token={token}&vsn[]=2.0.0"), 403),
        ("?vsn=2.0.0".to_owned(), 403),
        ("?token=wrong&vsn=2.0.0".to_owned(), 403),
        ("?token=%FF&vsn=2.0.0".to_owned(), 403),
        (String::new(), 403),
    ] {
        assert_eq!(status(handshake(world.address, &query, &[]).await), expected, "{query}");
    }
}

#[tokio::test]
async fn pages_may_connect_from_the_same_host_or_by_name() {
    let allow = "https://time.example.org";
    let world =
        World::configured(|config| config.allow_origins = vec![allow.parse().unwrap()], |app| app)
            .await;
    let token = world.sign_up("ada@example.org").await.token;
    let query = format!("?token={token}&vsn=2.0.0");
    for (origin, expected) in [
        ("http://127.0.0.1:8080", 101),
        (allow, 101),
        ("https://time.example.org:8443", 403),
        ("https://evil.example.org", 403),
        ("null", 403),
    ] {
        let headers = [("origin", origin)];
        assert_eq!(status(handshake(world.address, &query, &headers).await), expected, "{origin}");
    }
}

#[tokio::test]
async fn the_token_can_come_as_a_subprotocol() {
    let world = World::new().await;
    let account = world.sign_up("ada@example.org").await;
    let bearer = format!("base64url.bearer.phx.{}", STANDARD_NO_PAD.encode(&account.token));
    let both = format!("phoenix, {bearer}");
    let open = |protocols: String| async move {
        let headers = [("sec-websocket-protocol", &*protocols)];
        handshake(world.address, "?vsn=2.0.0", &headers).await
    };
    let (stream, response) = open(both).await.unwrap();
    assert_eq!(response.headers()["sec-websocket-protocol"], "phoenix");
    Client::on(stream, &account.channel).join().await;
}

#[tokio::test]
async fn protocols_that_are_not_ours_are_refused() {
    let world = World::new().await;
    let token = world.sign_up("ada@example.org").await.token;
    let query = format!("?token={token}&vsn=2.0.0");
    for protocols in ["graphql-ws", "phoenix, base64url.bearer.phx.-_-"] {
        let headers = [("sec-websocket-protocol", protocols)];
        assert_eq!(status(handshake(world.address, &query, &headers).await), 403, "{protocols}");
    }
}

#[tokio::test]
async fn what_is_no_upgrade_is_answered_by_http() {
    let world = World::new().await;
    let token = world.sign_up("ada@example.org").await.token;
    let good = format!("/socket/websocket?token={token}&vsn=2.0.0");
    assert_eq!(world.get(&good, &[]).await.status, 400);
    let bad = world.get("/socket/websocket?token=wrong&vsn=2.0.0", &[]).await;
    assert_eq!((bad.status, bad.body.len()), (403, 0));
    assert_eq!(request(world.address, "POST", &good, &[], b"").await.status, 400);
    assert_eq!(world.get("/socket", &[]).await.status, 404);
    assert_eq!(world.get("/health", &[]).await.status, 200);
}

#[tokio::test]
async fn a_trailing_slash_does_not_matter() {
    let world = World::new().await;
    let token = world.sign_up("ada@example.org").await.token;
    let query = format!("/?token={token}&vsn=2.0.0");
    assert_eq!(status(handshake(world.address, &query, &[]).await), 101);
}

#[tokio::test]
async fn a_token_that_was_revoked_opens_nothing() {
    let world = World::new().await;
    let account = world.sign_up("ada@example.org").await;
    world.post("/api/sign_out", Some(&account.token), &json!({})).await;
    let query = format!("?token={}&vsn=2.0.0", account.token);
    assert_eq!(status(handshake(world.address, &query, &[]).await), 403);
}
