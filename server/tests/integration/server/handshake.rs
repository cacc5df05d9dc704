//! The WebSocket handshake.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use serde_json::json;
use wizitime_server_support::captured_log;
use wizitime_server_support::phoenix_client::Handshake;
use wizitime_server_support::{Backend, PhoenixClient, TestServer, handshake, request};

fn status(handshake: Handshake) -> u16 {
    handshake.map_or_else(|status| status, |_| 101)
}

#[tokio::test]
async fn handshake_checks_version_and_token() {
    let server = TestServer::start(Backend::Sqlite).await;
    let token = server.sign_up("ada@example.org").await.token;
    for (query, expected) in [
        (format!("?token={token}&vsn=2.0.0"), 101),
        (format!("?vsn=2.0.9&token={token}"), 101),
        (format!("?token={token}"), 403),
        (format!("?token={token}&vsn=1.0.0"), 403),
        (format!("?token={token}&vsn=3.0.0"), 403),
        (format!("?token={token}&vsn[]=2.0.0"), 403),
        (format!("?token={token}&vsn[a]=2.0.0"), 403),
        (format!("?token={token}&vsn=2.0.0&vsn[a]="), 101),
        (format!("?token={token}&vsn=%FF"), 403),
        (format!("?token[a]={token}&vsn=2.0.0"), 403),
        ("?vsn=2.0.0".to_owned(), 403),
        ("?token=wrong&vsn=2.0.0".to_owned(), 403),
        ("?token=%FF&vsn=2.0.0".to_owned(), 403),
        (String::new(), 403),
    ] {
        assert_eq!(status(handshake(server.address, &query, &[]).await), expected, "{query}");
    }
}

#[tokio::test]
async fn handshake_accepts_same_host_and_allowed_origins() {
    let allow = "https://time.example.org";
    let server = TestServer::start_with(
        Backend::Sqlite,
        |config| config.allow_origins = vec![allow.parse().unwrap()],
        |app| app,
    )
    .await;
    let token = server.sign_up("ada@example.org").await.token;
    let query = format!("?token={token}&vsn=2.0.0");
    for (origin, expected) in [
        ("http://127.0.0.1:8080", 101),
        (allow, 101),
        ("https://time.example.org:8443", 403),
        ("https://evil.example.org", 403),
        ("null", 403),
    ] {
        let headers = [("origin", origin)];
        assert_eq!(status(handshake(server.address, &query, &headers).await), expected, "{origin}");
    }
}

#[tokio::test]
async fn token_is_accepted_as_a_subprotocol() {
    let server = TestServer::start(Backend::Sqlite).await;
    let account = server.sign_up("ada@example.org").await;
    let bearer = format!("base64url.bearer.phx.{}", STANDARD_NO_PAD.encode(&account.token));
    let both = format!("phoenix, {bearer}");
    let open = |protocols: String| async move {
        let headers = [("sec-websocket-protocol", &*protocols)];
        handshake(server.address, "?vsn=2.0.0", &headers).await
    };
    let (stream, response) = open(both).await.unwrap();
    assert_eq!(response.headers()["sec-websocket-protocol"], "phoenix");
    PhoenixClient::on(stream, &account.channel).join().await;
}

#[tokio::test]
async fn unsupported_subprotocols_are_refused() {
    let server = TestServer::start(Backend::Sqlite).await;
    let token = server.sign_up("ada@example.org").await.token;
    let query = format!("?token={token}&vsn=2.0.0");
    for protocols in ["graphql-ws", "phoenix, base64url.bearer.phx.-_-"] {
        let headers = [("sec-websocket-protocol", protocols)];
        assert_eq!(status(handshake(server.address, &query, &headers).await), 403, "{protocols}");
    }
}

#[tokio::test]
async fn requests_without_upgrade_get_an_http_status() {
    let server = TestServer::start(Backend::Sqlite).await;
    let token = server.sign_up("ada@example.org").await.token;
    let good = format!("/socket/websocket?token={token}&vsn=2.0.0");
    assert_eq!(server.get(&good, &[]).await.status, 400);
    let bad = server.get("/socket/websocket?token=wrong&vsn=2.0.0", &[]).await;
    assert_eq!((bad.status, bad.body.len()), (403, 0));
    assert_eq!(request(server.address, "POST", &good, &[], b"").await.status, 400);
    assert_eq!(server.get("/socket", &[]).await.status, 404);
    assert_eq!(server.get("/health", &[]).await.status, 200);
}

#[tokio::test]
async fn trailing_slash_is_accepted() {
    let server = TestServer::start(Backend::Sqlite).await;
    let token = server.sign_up("ada@example.org").await.token;
    let query = format!("/?token={token}&vsn=2.0.0");
    assert_eq!(status(handshake(server.address, &query, &[]).await), 101);
}

#[tokio::test]
async fn revoked_token_opens_no_socket() {
    let server = TestServer::start(Backend::Sqlite).await;
    let account = server.sign_up("ada@example.org").await;
    server.post("/api/sign_out", Some(&account.token), &json!({})).await;
    let query = format!("?token={}&vsn=2.0.0", account.token);
    assert_eq!(status(handshake(server.address, &query, &[]).await), 403);
}

#[tokio::test]
async fn a_refused_origin_is_logged_once_and_answered_over_http() {
    captured_log::start();
    let server = TestServer::start(Backend::Sqlite).await;
    let token = server.sign_up("ada@example.org").await.token;
    let page = "https://refused.example.org";
    let query = format!("?token={token}&vsn=2.0.0");
    let bearer = format!("Bearer {token}");
    let headers = [("origin", page), ("authorization", &*bearer)];
    for _ in 0..2 {
        assert_eq!(status(handshake(server.address, &query, &headers).await), 403);
        // The app asks for a token before it opens a socket, and can read this answer.
        let response = request(server.address, "POST", "/api/socket_token", &headers, b"").await;
        assert_eq!((response.status, &response.json()["error"]), (403, &json!("origin_refused")));
        let message = response.json()["message"].as_str().unwrap().to_owned();
        assert_eq!(message, "This server does not accept this address.");
    }
    let setting = format!("--allow-origin {page}");
    let lines = captured_log::lines(&["WARN", "origin refused", &setting, "the host 127.0.0.1"]);
    assert_eq!(lines.len(), 1, "{lines:#?}");
}
