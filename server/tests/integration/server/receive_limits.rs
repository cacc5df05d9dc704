//! Limits on unfinished and on queued messages.

use std::time::Duration;

use serde_json::json;
use tokio::time::{Instant, interval, timeout};
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::frame::Frame;
use tokio_tungstenite::tungstenite::protocol::frame::coding::{Data, OpCode};
use wizitime_server::{App, ReceiveLimits, SocketTimeouts};
use wizitime_server_support::{
    Account, Backend, PASSWORD, PhoenixClient, TestServer, credentials, request,
};

#[cfg(target_os = "linux")]
use super::program::Program;

/// Bytes that a test of a limit sends in one message.
const BYTES: usize = 100_000;
/// Fails a test whose sockets are never closed.
const TEST_TIMEOUT: Duration = Duration::from_secs(10);

/// Room for two messages of a user and three of all users.
const LIMITS: ReceiveLimits = ReceiveLimits { per_user: 2 * BYTES, server: 3 * BYTES };

/// A part of a text message, which is not its end.
fn fragment(kind: Data, bytes: usize) -> Message {
    Message::Frame(Frame::message(vec![b' '; bytes], OpCode::Data(kind), false))
}

/// Opens a socket, begins a message on it, and waits until the server has received it.
async fn begin_message(server: &TestServer, account: &Account, bytes: usize) -> PhoenixClient {
    let mut client = server.connect(account).await;
    client.send(fragment(Data::Text, bytes)).await;
    client.send(Message::Ping("received?".into())).await;
    client.pong().await;
    client
}

#[tokio::test]
async fn unfinished_messages_are_bounded_per_user_and_in_total() {
    let change = |app: App| app.with_receive_limits(LIMITS);
    let server = TestServer::start_with(Backend::Sqlite, |_| (), change).await;
    let ada = server.sign_up("ada@example.org").await;
    let bob = server.sign_up("bob@example.org").await;
    let mut adas = [
        begin_message(&server, &ada, BYTES).await,
        begin_message(&server, &ada, BYTES).await,
        server.join(&ada).await,
    ];
    adas[2].send(fragment(Data::Text, BYTES)).await;
    assert_eq!(adas[2].close_code().await, Some(1013), "over the budget of the user");
    let _bobs = begin_message(&server, &bob, BYTES).await;
    let mut over_total = server.join(&bob).await;
    // Small messages are received in spite of the others.
    over_total.request_ok("ping", &json!({"sent_at": 0})).await;
    over_total.send(fragment(Data::Text, BYTES)).await;
    assert_eq!(over_total.close_code().await, Some(1013), "over the budget of the server");
    // A closed socket makes room.
    let [first, ..] = adas;
    drop(first);
    server.wait_for_open_sockets(2).await;
    begin_message(&server, &bob, BYTES).await;
}

#[tokio::test]
async fn unfinished_message_is_disconnected_in_spite_of_pings() {
    let message = Duration::from_millis(400);
    let timeouts = SocketTimeouts { message, ..SocketTimeouts::default() };
    let change = |app: App| app.with_socket_timeouts(timeouts);
    let server = TestServer::start_with(Backend::Sqlite, |_| (), change).await;
    let account = server.sign_up("ada@example.org").await;
    let mut other = server.join(&account).await;
    let mut client = server.join(&account).await;
    let began = Instant::now();
    client.send(fragment(Data::Text, 1)).await;
    let mut ticks = interval(message / 10);
    let code = loop {
        tokio::select! {
            code = client.close_code() => break code,
            _ = ticks.tick() => {
                // An error is a connection that the server has closed; then the code follows.
                let _ = client.try_send(fragment(Data::Continue, 1)).await;
                let _ = client.try_send(Message::Ping("still here".into())).await;
            }
        }
        assert!(began.elapsed() < TEST_TIMEOUT, "never closed");
    };
    assert_eq!(code, Some(1008));
    assert!(began.elapsed() >= message);
    other.request_ok("ping", &json!({"sent_at": 0})).await;
}

#[tokio::test]
async fn queued_messages_are_bounded() {
    let (release, gate) = tokio::sync::watch::channel(false);
    let change = |app: App| super::with_gated_changes_pages(app, gate).with_receive_limits(LIMITS);
    let server = TestServer::start_with(Backend::Sqlite, |_| (), change).await;
    let account = server.sign_up("ada@example.org").await;
    let mut client = server.join(&account).await;
    client.push("GET_LATEST_TIME_ENTRIES", &json!({"epoch": null, "since": 0, "limit": 1})).await;
    for _ in 0..3 {
        client.push("ping", &json!({"sent_at": 0, "more": " ".repeat(BYTES)})).await;
    }
    assert_eq!(client.close_code().await, Some(1013));
    release.send(true).unwrap();
}

#[tokio::test]
async fn largest_message_is_received_and_answered() {
    let server = TestServer::start(Backend::Sqlite).await;
    let account = server.sign_up("ada@example.org").await;
    let mut client = server.join(&account).await;
    let [before, after] = [r#"[null,"x","phoenix","heartbeat",""#, r#""]"#];
    let padding = "ü".repeat((1_048_576 - before.len() - after.len()) / 2);
    let expected = ("ok".to_owned(), json!({}));
    for _ in 0..2 {
        client.send_text(format!("{before}{padding}{after}")).await;
        assert_eq!(timeout(TEST_TIMEOUT, client.reply("x")).await.unwrap(), expected);
    }
}

/// The attack: all sockets that a user may open, and on each an unfinished message that almost has
/// the largest size.
#[cfg(target_os = "linux")]
#[tokio::test]
async fn memory_of_the_process_is_bounded_while_a_user_begins_many_messages() {
    const SOCKETS: usize = 200;
    const MEMORY_BYTES_MAX: u64 = 200_000_000;
    let program = Program::start(&["--log", "error"]).await;
    let body = credentials("ada@example.org", PASSWORD).to_string();
    let headers = [("content-type", "application/json")];
    let session = request(program.address, "POST", "/api/sign_up", &headers, body.as_bytes()).await;
    let account = Account::from_session(&session.json());
    let mut clients = Vec::new();
    for _ in 0..SOCKETS {
        let connect = PhoenixClient::connect(program.address, &account.token, &account.channel);
        let mut client = connect.await;
        for number in 0..10 {
            let kind = if number == 0 { Data::Text } else { Data::Continue };
            // The server closes the sockets that are over the budget.
            if client.try_send(fragment(kind, BYTES)).await.is_err() {
                break;
            }
        }
        clients.push(client);
    }
    assert!(program.peak_memory() < MEMORY_BYTES_MAX, "{} bytes", program.peak_memory());
    program.log().await;
}
