//! What goes wrong, and that everybody is answered all the same.

use std::time::Duration;

use serde_json::{Value, json};
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};
use sqlx::{Connection as _, Executor as _};
use tokio_tungstenite::tungstenite::Message;
use wizitime_hub::{Job, JobResult};
use wizitime_server::{Jobs, SocketTimeouts, StorageError};

use crate::client::handshake;
use crate::events::{id, start, stop};
use crate::world::World;

async fn hands_on(world: &World) -> SqliteConnection {
    let options = SqliteConnectOptions::new().filename(world.database());
    SqliteConnection::connect_with(&options).await.unwrap()
}

#[tokio::test]
async fn a_database_that_fails_is_answered_and_recovers() {
    let world = World::new().await;
    let account = world.sign_up("ada@example.org").await;
    let mut client = world.join(&account).await;
    let events = json!({"events": [start(&id(), 1_000)]});
    let mut database = hands_on(&world).await;
    database.execute("ALTER TABLE events RENAME TO away").await.unwrap();
    let unavailable = json!({"reason": "unavailable", "retry_after_ms": 1_000});
    assert_eq!(client.ask_error("BULK_EVENT", &events).await, unavailable);
    let request = json!({"epoch": null, "since": 0, "limit": 1});
    assert_eq!(client.ask_error("GET_LATEST_TIME_ENTRIES", &request).await, unavailable);
    let params = json!({"device_id": crate::events::DEVICE_ID, "client_version": "1"});
    let (status, response) = client.try_join(&params).await;
    assert_eq!((&*status, response), ("error", json!({"reason": "unavailable"})));
    database.execute("ALTER TABLE away RENAME TO events").await.unwrap();
    client.join().await;
    let reply = client.ask_ok("BULK_EVENT", &events).await;
    assert_eq!(reply, json!({"cursor": 1, "superseded": []}));
}

#[tokio::test]
async fn a_token_that_cannot_be_checked_is_not_refused() {
    let world = World::new().await;
    let account = world.sign_up("ada@example.org").await;
    let query = format!("?token={}&vsn=2.0.0", account.token);
    let mut database = hands_on(&world).await;
    database.execute("ALTER TABLE tokens RENAME TO away").await.unwrap();
    // A 403 would say that the token is bad, and the client would ask the person for another.
    assert_eq!(handshake(world.address, &query, &[]).await.map(|_| ()), Err(503));
    database.execute("ALTER TABLE away RENAME TO tokens").await.unwrap();
    world.join(&account).await;
}

#[tokio::test]
async fn a_token_that_expires_ends_its_sockets() {
    let world = World::new().await;
    let account = world.sign_up("ada@example.org").await;
    let soon = "UPDATE tokens SET expires_at = unixepoch('subsec') * 1000 + 2000";
    hands_on(&world).await.execute(soon).await.unwrap();
    let (mut joined, mut unjoined) = (world.join(&account).await, world.connect(&account).await);
    assert_eq!(joined.close_code().await, Some(1001));
    assert_eq!(unjoined.close_code().await, Some(1001));
    let query = format!("?token={}&vsn=2.0.0", account.token);
    assert_eq!(handshake(world.address, &query, &[]).await.map(|_| ()), Err(403));
}

#[tokio::test]
async fn a_failure_half_way_through_a_batch_leaves_no_trace() {
    let world = World::new().await;
    let account = world.sign_up("ada@example.org").await;
    let mut client = world.join(&account).await;
    let entry = id();
    client.bulk(&[start(&entry, 1_000)]).await;
    let before = client.latest(&Value::Null, 0, 10).await;
    let mut database = hands_on(&world).await;
    // The log takes the events; the row that they lead to is refused.
    let trap = "CREATE TRIGGER trap BEFORE UPDATE ON time_entries \
                BEGIN SELECT RAISE(ABORT, 'trap'); END";
    database.execute(trap).await.unwrap();
    let events = json!({"events": [stop(&entry, 2_000), start(&id(), 3_000)]});
    let error = client.ask_error("BULK_EVENT", &events).await;
    assert_eq!(error["reason"], "unavailable", "{error}");
    assert_eq!(client.latest(&Value::Null, 0, 10).await, before);
    database.execute("DROP TRIGGER trap").await.unwrap();
    assert_eq!(client.ask_ok("BULK_EVENT", &events).await["cursor"], 3);
}

#[tokio::test]
async fn the_database_itself_allows_one_running_entry_and_no_change_of_the_log() {
    let world = World::new().await;
    let account = world.sign_up("ada@example.org").await;
    let mut client = world.join(&account).await;
    client.bulk(&[start(&id(), 1_000)]).await;
    let mut database = hands_on(&world).await;
    let second = "INSERT INTO time_entries \
                  SELECT user_id, randomblob(16), 1, 0, NULL, 0, body FROM time_entries";
    let error = database.execute(second).await.unwrap_err();
    assert!(error.to_string().contains("UNIQUE constraint failed"), "{error}");
    let error = database.execute("UPDATE events SET json = ''").await.unwrap_err();
    assert!(error.to_string().contains("the log is append-only"), "{error}");
}

#[tokio::test]
async fn a_row_that_cannot_be_read_is_an_internal_error() {
    let world = World::new().await;
    let account = world.sign_up("ada@example.org").await;
    let mut client = world.join(&account).await;
    let entry = id();
    client.bulk(&[start(&entry, 1_000)]).await;
    hands_on(&world).await.execute("UPDATE time_entries SET body = '{}'").await.unwrap();
    let events = json!({"events": [stop(&entry, 2_000)]});
    assert_eq!(client.ask_error("BULK_EVENT", &events).await, json!({"reason": "internal"}));
    client.ask_ok("ping", &json!({"sent_at": 0})).await;
}

#[tokio::test]
async fn a_panic_is_answered_and_the_connection_goes_on() {
    let world = World::with(|app| {
        let storage = app.storage().clone();
        let jobs = Jobs::new(move |user_id, job| {
            let storage = storage.clone();
            async move {
                match job {
                    Job::Head => storage.head(user_id).await.map(JobResult::Head),
                    Job::Append(_) => panic!("the story wants it"),
                    Job::Latest(_) => {
                        Err(StorageError::Corrupt { what: "row", detail: "told so".to_owned() })
                    }
                }
            }
        });
        app.with_jobs(jobs)
    })
    .await;
    let account = world.sign_up("ada@example.org").await;
    let mut client = world.join(&account).await;
    let internal = json!({"reason": "internal"});
    for _ in 0..2 {
        let events = json!({"events": [start(&id(), 1_000)]});
        assert_eq!(client.ask_error("BULK_EVENT", &events).await, internal);
        let request = json!({"epoch": null, "since": 0, "limit": 1});
        assert_eq!(client.ask_error("GET_LATEST_TIME_ENTRIES", &request).await, internal);
        client.ask_ok("ping", &json!({"sent_at": 0})).await;
    }
}

#[tokio::test]
async fn others_hear_of_a_change_whose_maker_is_gone() {
    let (committing, mut committed) = tokio::sync::mpsc::unbounded_channel();
    let (proceed, gate) = tokio::sync::watch::channel(false);
    let world = World::with(|app| {
        let storage = app.storage().clone();
        let jobs = Jobs::new(move |user_id, job| {
            let (storage, committing, mut gate) =
                (storage.clone(), committing.clone(), gate.clone());
            async move {
                match job {
                    Job::Head => storage.head(user_id).await.map(JobResult::Head),
                    Job::Latest(request) => {
                        storage.changes_page(user_id, &request).await.map(JobResult::Latest)
                    }
                    Job::Append(batch) => {
                        let now = wizitime_domain::Timestamp::MIN;
                        let answer = storage.append(user_id, batch, now).await?;
                        committing.send(()).unwrap();
                        gate.wait_for(|open| *open).await.unwrap();
                        Ok(JobResult::Appended(answer))
                    }
                }
            }
        });
        app.with_jobs(jobs)
    })
    .await;
    let account = world.sign_up("ada@example.org").await;
    let (mut leaver, mut stayer) = (world.join(&account).await, world.join(&account).await);
    leaver.push("BULK_EVENT", &json!({"events": [start(&id(), 1_000)]})).await;
    committed.recv().await.unwrap();
    drop(leaver);
    proceed.send(true).unwrap();
    assert_eq!(stayer.news().await, 1);
}

#[tokio::test]
async fn who_floods_is_sent_away() {
    let (release, gate) = tokio::sync::watch::channel(false);
    let world = World::with(|app| {
        let storage = app.storage().clone();
        let jobs = Jobs::new(move |user_id, job| {
            let (storage, mut gate) = (storage.clone(), gate.clone());
            async move {
                if matches!(job, Job::Latest(_)) {
                    gate.wait_for(|open| *open).await.unwrap();
                }
                storage.head(user_id).await.map(JobResult::Head)
            }
        });
        app.with_jobs(jobs)
    })
    .await;
    let account = world.sign_up("ada@example.org").await;
    let mut client = world.join(&account).await;
    let request = json!({"epoch": null, "since": 0, "limit": 1});
    for _ in 0..wizitime_hub::QUEUED_FRAMES_MAX + 2 {
        client.push("GET_LATEST_TIME_ENTRIES", &request).await;
    }
    assert_eq!(client.close_code().await, Some(1008));
    release.send(true).unwrap();
}

#[tokio::test]
async fn what_is_no_frame_closes_the_socket_as_phoenix_does() {
    let world = World::new().await;
    let account = world.sign_up("ada@example.org").await;
    for (message, code) in [
        (Message::Text("hello".into()), 1011),
        (Message::Text(r#"{"topic":"t","event":"e","payload":{},"ref":"1"}"#.into()), 1011),
        (Message::Text(r#"["1","2","t","e"]"#.into()), 1011),
        (Message::Binary(vec![9, 9, 9].into()), 1011),
    ] {
        let mut client = world.join(&account).await;
        client.send(message).await;
        assert_eq!(client.close_code().await, Some(code));
    }
    let mut client = world.join(&account).await;
    client.send_invalid_text().await;
    assert_eq!(client.close_code().await, Some(1007));
    let mut client = world.join(&account).await;
    client.announce_text(10_000_001).await;
    assert_eq!(client.close_code().await, Some(1009));
}

fn impatient(app: wizitime_server::App) -> wizitime_server::App {
    app.with_socket_timeouts(SocketTimeouts {
        idle: Duration::from_millis(300),
        send: Duration::from_millis(300),
        close: Duration::from_millis(300),
    })
}

#[tokio::test]
async fn who_is_silent_is_gone() {
    let world = World::with(impatient).await;
    let account = world.sign_up("ada@example.org").await;
    let mut client = world.join(&account).await;
    assert_eq!(client.close_code().await, Some(1002));
}

#[tokio::test]
async fn who_does_not_read_is_gone() {
    let world = World::with(|app| {
        app.with_socket_timeouts(SocketTimeouts {
            send: Duration::from_millis(300),
            ..SocketTimeouts::default()
        })
    })
    .await;
    let account = world.sign_up("ada@example.org").await;
    let mut client = world.join(&account).await;
    // Some megabytes of answers: more than all the buffers between the two hold.
    let description = "x".repeat(3_000);
    let entries: Vec<_> = (0..100)
        .map(|number| {
            let mut start = start(&id(), number);
            start["event"]["description"] = json!(description);
            start
        })
        .collect();
    client.bulk(&entries).await;
    let mut deaf = world.join(&account).await;
    let request = json!({"epoch": null, "since": 0, "limit": 1_000});
    for _ in 0..60 {
        deaf.push("GET_LATEST_TIME_ENTRIES", &request).await;
    }
    world.open_sockets(1).await;
    client.ask_ok("ping", &json!({"sent_at": 0})).await;
}
