//! Database faults, panics and misbehaving clients.

use std::time::Duration;

use serde_json::{Value, json};
use sqlx::Executor as _;
use tokio_tungstenite::tungstenite::Message;
use wizitime_hub::{Job, JobResult};
use wizitime_server::{Jobs, SocketTimeouts, StorageError};
use wizitime_server_support::events::{id, start, stop};
use wizitime_server_support::{Backend, DEVICE_ID, TestServer, handshake};

#[tokio::test]
async fn database_failure_gets_error_replies_and_recovers() {
    let server = TestServer::start(Backend::Sqlite).await;
    let account = server.sign_up("ada@example.org").await;
    let mut client = server.join(&account).await;
    let events = json!({"events": [start(&id(), 1_000)]});
    let mut database = server.database.sqlite_connection().await;
    database.execute("ALTER TABLE events RENAME TO away").await.unwrap();
    let unavailable = json!({"reason": "unavailable", "retry_after_ms": 1_000});
    assert_eq!(client.request_error("BULK_EVENT", &events).await, unavailable);
    let request = json!({"epoch": null, "since": 0, "limit": 1});
    assert_eq!(client.request_error("GET_LATEST_TIME_ENTRIES", &request).await, unavailable);
    let params = json!({"device_id": DEVICE_ID, "client_version": "1"});
    let (status, response) = client.try_join(&params).await;
    assert_eq!((&*status, response), ("error", json!({"reason": "unavailable"})));
    database.execute("ALTER TABLE away RENAME TO events").await.unwrap();
    client.join().await;
    let reply = client.request_ok("BULK_EVENT", &events).await;
    assert_eq!(reply, json!({"cursor": 1, "superseded": []}));
}

#[tokio::test]
async fn failed_token_check_returns_service_unavailable() {
    let server = TestServer::start(Backend::Sqlite).await;
    let account = server.sign_up("ada@example.org").await;
    let query = format!("?token={}&vsn=2.0.0", account.token);
    let mut database = server.database.sqlite_connection().await;
    database.execute("ALTER TABLE tokens RENAME TO away").await.unwrap();
    // After a 403 the client would discard the token and ask the user to sign in.
    assert_eq!(handshake(server.address, &query, &[]).await.map(|_| ()), Err(503));
    database.execute("ALTER TABLE away RENAME TO tokens").await.unwrap();
    server.join(&account).await;
}

#[tokio::test]
async fn expired_token_closes_its_sockets() {
    let server = TestServer::start(Backend::Sqlite).await;
    let account = server.sign_up("ada@example.org").await;
    let soon = "UPDATE tokens SET expires_at = unixepoch('subsec') * 1000 + 2000";
    server.database.sqlite_connection().await.execute(soon).await.unwrap();
    let (mut joined, mut unjoined) = (server.join(&account).await, server.connect(&account).await);
    assert_eq!(joined.close_code().await, Some(1001));
    assert_eq!(unjoined.close_code().await, Some(1001));
    let query = format!("?token={}&vsn=2.0.0", account.token);
    assert_eq!(handshake(server.address, &query, &[]).await.map(|_| ()), Err(403));
}

#[tokio::test]
async fn failed_batch_is_rolled_back() {
    let server = TestServer::start(Backend::Sqlite).await;
    let account = server.sign_up("ada@example.org").await;
    let mut client = server.join(&account).await;
    let entry = id();
    client.bulk(&[start(&entry, 1_000)]).await;
    let before = client.changes_page(&Value::Null, 0, 10).await;
    let mut database = server.database.sqlite_connection().await;
    // The insert into the log succeeds; the update of the entry fails.
    let trap = "CREATE TRIGGER trap BEFORE UPDATE ON time_entries \
                BEGIN SELECT RAISE(ABORT, 'trap'); END";
    database.execute(trap).await.unwrap();
    let events = json!({"events": [stop(&entry, 2_000), start(&id(), 3_000)]});
    let error = client.request_error("BULK_EVENT", &events).await;
    assert_eq!(error["reason"], "unavailable", "{error}");
    assert_eq!(client.changes_page(&Value::Null, 0, 10).await, before);
    database.execute("DROP TRIGGER trap").await.unwrap();
    assert_eq!(client.request_ok("BULK_EVENT", &events).await["cursor"], 3);
}

#[tokio::test]
async fn schema_allows_one_running_entry_and_no_update_of_the_log() {
    let server = TestServer::start(Backend::Sqlite).await;
    let account = server.sign_up("ada@example.org").await;
    let mut client = server.join(&account).await;
    client.bulk(&[start(&id(), 1_000)]).await;
    let mut database = server.database.sqlite_connection().await;
    let second = "INSERT INTO time_entries \
                  SELECT user_id, randomblob(16), 1, 0, NULL, 0, body FROM time_entries";
    let error = database.execute(second).await.unwrap_err();
    assert!(error.to_string().contains("UNIQUE constraint failed"), "{error}");
    let error = database.execute("UPDATE events SET json = ''").await.unwrap_err();
    assert!(error.to_string().contains("the log is append-only"), "{error}");
}

#[tokio::test]
async fn corrupt_row_is_an_internal_error() {
    let server = TestServer::start(Backend::Sqlite).await;
    let account = server.sign_up("ada@example.org").await;
    let mut client = server.join(&account).await;
    let entry = id();
    client.bulk(&[start(&entry, 1_000)]).await;
    server
        .database
        .sqlite_connection()
        .await
        .execute("UPDATE time_entries SET body = '{}'")
        .await
        .unwrap();
    let events = json!({"events": [stop(&entry, 2_000)]});
    assert_eq!(client.request_error("BULK_EVENT", &events).await, json!({"reason": "internal"}));
    client.request_ok("ping", &json!({"sent_at": 0})).await;
}

#[tokio::test]
async fn panicking_job_gets_an_error_reply_and_the_connection_continues() {
    let server = TestServer::start_with(
        Backend::Sqlite,
        |_| (),
        |app| {
            let storage = app.storage().clone();
            let jobs = Jobs::new(move |user_id, job| {
                let storage = storage.clone();
                async move {
                    match job {
                        Job::Head => storage.head(user_id).await.map(JobResult::Head),
                        Job::Append(_) => panic!("panic of the test"),
                        Job::ChangesPage(_) => {
                            Err(StorageError::Corrupt { what: "row", detail: "test".to_owned() })
                        }
                    }
                }
            });
            app.with_jobs(jobs)
        },
    )
    .await;
    let account = server.sign_up("ada@example.org").await;
    let mut client = server.join(&account).await;
    let internal = json!({"reason": "internal"});
    for _ in 0..2 {
        let events = json!({"events": [start(&id(), 1_000)]});
        assert_eq!(client.request_error("BULK_EVENT", &events).await, internal);
        let request = json!({"epoch": null, "since": 0, "limit": 1});
        assert_eq!(client.request_error("GET_LATEST_TIME_ENTRIES", &request).await, internal);
        client.request_ok("ping", &json!({"sent_at": 0})).await;
    }
}

#[tokio::test]
async fn change_is_broadcast_after_its_sender_disconnected() {
    let (committing, mut committed) = tokio::sync::mpsc::unbounded_channel();
    let (proceed, gate) = tokio::sync::watch::channel(false);
    let server = TestServer::start_with(
        Backend::Sqlite,
        |_| (),
        |app| {
            let storage = app.storage().clone();
            let jobs = Jobs::new(move |user_id, job| {
                let (storage, committing, mut gate) =
                    (storage.clone(), committing.clone(), gate.clone());
                async move {
                    match job {
                        Job::Head => storage.head(user_id).await.map(JobResult::Head),
                        Job::ChangesPage(request) => storage
                            .changes_page(user_id, &request)
                            .await
                            .map(JobResult::ChangesPage),
                        Job::Append(batch) => {
                            let now = wizitime_domain::Timestamp::MIN;
                            let response = storage.append(user_id, batch, now).await?;
                            committing.send(()).unwrap();
                            gate.wait_for(|open| *open).await.unwrap();
                            Ok(JobResult::Appended(response))
                        }
                    }
                }
            });
            app.with_jobs(jobs)
        },
    )
    .await;
    let account = server.sign_up("ada@example.org").await;
    let (mut sender, mut receiver) = (server.join(&account).await, server.join(&account).await);
    sender.push("BULK_EVENT", &json!({"events": [start(&id(), 1_000)]})).await;
    committed.recv().await.unwrap();
    drop(sender);
    proceed.send(true).unwrap();
    assert_eq!(receiver.next_broadcast().await, 1);
}

#[tokio::test]
async fn flooding_client_is_disconnected() {
    let (release, gate) = tokio::sync::watch::channel(false);
    let server = TestServer::start_with(
        Backend::Sqlite,
        |_| (),
        |app| super::with_gated_changes_pages(app, gate),
    )
    .await;
    let account = server.sign_up("ada@example.org").await;
    let mut client = server.join(&account).await;
    let request = json!({"epoch": null, "since": 0, "limit": 1});
    for _ in 0..wizitime_hub::QUEUED_FRAMES_MAX + 2 {
        client.push("GET_LATEST_TIME_ENTRIES", &request).await;
    }
    assert_eq!(client.close_code().await, Some(1008));
    release.send(true).unwrap();
}

#[tokio::test]
async fn invalid_frames_close_the_socket_like_phoenix() {
    let server = TestServer::start(Backend::Sqlite).await;
    let account = server.sign_up("ada@example.org").await;
    for (message, code) in [
        (Message::Text("hello".into()), 1011),
        (Message::Text(r#"{"topic":"t","event":"e","payload":{},"ref":"1"}"#.into()), 1011),
        (Message::Text(r#"["1","2","t","e"]"#.into()), 1011),
        (Message::Binary(vec![9, 9, 9].into()), 1011),
    ] {
        let mut client = server.join(&account).await;
        client.send(message).await;
        assert_eq!(client.close_code().await, Some(code));
    }
    let mut client = server.join(&account).await;
    client.send_invalid_text().await;
    assert_eq!(client.close_code().await, Some(1007));
    let mut client = server.join(&account).await;
    client.send_text_header(1_048_577).await;
    assert_eq!(client.close_code().await, Some(1009));
}

#[tokio::test]
async fn invalid_websocket_frames_close_the_socket_with_a_protocol_error() {
    let server = TestServer::start(Backend::Sqlite).await;
    let account = server.sign_up("ada@example.org").await;
    for (name, bytes) in [
        ("unmasked", &[0x81, 0x02, b'[', b']'][..]),
        ("a reserved bit", &[0xc1, 0x80, 0, 0, 0, 0]),
        ("an unknown opcode", &[0x83, 0x80, 0, 0, 0, 0]),
        ("a fragmented ping", &[0x09, 0x80, 0, 0, 0, 0]),
        ("a long ping", &[0x89, 0xfe, 0, 126, 0, 0, 0, 0]),
        ("a continuation without a start", &[0x80, 0x80, 0, 0, 0, 0]),
        ("a start instead of a continuation", &[1, 0x80, 0, 0, 0, 0, 0x81, 0x80, 0, 0, 0, 0]),
    ] {
        let mut client = server.join(&account).await;
        client.send_bytes(bytes).await;
        assert_eq!(client.close_code().await, Some(1002), "{name}");
    }
}

#[tokio::test]
async fn close_frames_are_answered_like_rfc_6455_says() {
    let server = TestServer::start(Backend::Sqlite).await;
    let account = server.sign_up("ada@example.org").await;
    for (name, payload, code) in [
        ("a code", &[0x03, 0xe8][..], 1000),
        ("a code of the application", &[0x0f, 0xa1, b'x'], 4001),
        ("half a code", &[0x03], 1002),
        ("a code that is never sent", &[0x03, 0xed], 1002),
        ("a reason that is not UTF-8", &[0x03, 0xe8, 0xff], 1007),
    ] {
        let mut client = server.join(&account).await;
        let length = 0x80 | u8::try_from(payload.len()).unwrap();
        client.send_bytes(&[&[0x88, length, 0, 0, 0, 0], payload].concat()).await;
        assert_eq!(client.close_code().await, Some(code), "{name}");
    }
    let mut client = server.join(&account).await;
    client.send_bytes(&[0x88, 0x80, 0, 0, 0, 0]).await;
    assert!(client.is_closed_without_code().await);
}

fn short_timeouts(app: wizitime_server::App) -> wizitime_server::App {
    app.with_socket_timeouts(SocketTimeouts {
        idle: Duration::from_millis(300),
        message: Duration::from_millis(300),
        send: Duration::from_millis(300),
        close: Duration::from_millis(300),
    })
}

#[tokio::test]
async fn idle_client_is_disconnected() {
    let server = TestServer::start_with(Backend::Sqlite, |_| (), short_timeouts).await;
    let account = server.sign_up("ada@example.org").await;
    let mut client = server.join(&account).await;
    assert_eq!(client.close_code().await, Some(1002));
}

#[tokio::test]
async fn client_that_does_not_read_is_disconnected() {
    let server = TestServer::start_with(
        Backend::Sqlite,
        |_| (),
        |app| {
            app.with_socket_timeouts(SocketTimeouts {
                send: Duration::from_millis(300),
                ..SocketTimeouts::default()
            })
        },
    )
    .await;
    let account = server.sign_up("ada@example.org").await;
    let mut client = server.join(&account).await;
    // Several megabytes of replies, more than all socket buffers hold.
    let description = "x".repeat(3_000);
    let entries: Vec<_> = (0..100)
        .map(|number| {
            let mut start = start(&id(), number);
            start["event"]["description"] = json!(description);
            start
        })
        .collect();
    client.bulk(&entries).await;
    let mut not_reading = server.join(&account).await;
    let request = json!({"epoch": null, "since": 0, "limit": 1_000});
    for _ in 0..60 {
        not_reading.push("GET_LATEST_TIME_ENTRIES", &request).await;
    }
    server.wait_for_open_sockets(1).await;
    client.request_ok("ping", &json!({"sent_at": 0})).await;
}
