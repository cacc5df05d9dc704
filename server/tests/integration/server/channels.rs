//! Channel rules (docs/PROTOCOL.md) that need jobs which are slow or fail at a certain time.

use serde_json::{Value, json};
use tokio::sync::watch;
use wizitime_hub::{Job, JobResult};
use wizitime_server::{App, Jobs};

use wizitime_server_support::events::{id, start};
use wizitime_server_support::{Backend, DEVICE_ID, PhoenixClient, TestServer};

const HEARTBEAT: &str = r#"[null,"beat","phoenix","heartbeat",{}]"#;

/// Runs jobs at once, but delays the results of those that `is_delayed` selects until the gate is
/// open.
fn gated(app: App, gate: watch::Receiver<bool>, is_delayed: fn(&Job) -> bool) -> App {
    let storage = app.storage().clone();
    let jobs = Jobs::new(move |user_id, job| {
        let (storage, mut gate) = (storage.clone(), gate.clone());
        async move {
            let is_delayed = is_delayed(&job);
            let result = match job {
                Job::Head => storage.head(user_id).await.map(JobResult::Head),
                Job::ChangesPage(request) => {
                    storage.changes_page(user_id, &request).await.map(JobResult::ChangesPage)
                }
                Job::Append(batch) => {
                    let now = wizitime_domain::Timestamp::MIN;
                    storage.append(user_id, batch, now).await.map(JobResult::Appended)
                }
            };
            if is_delayed {
                gate.wait_for(|open| *open).await.unwrap();
            }
            result
        }
    });
    app.with_jobs(jobs)
}

async fn send(
    client: &mut PhoenixClient,
    join_ref: &str,
    reference: &str,
    event: &str,
    payload: Value,
) {
    let frame = json!([join_ref, reference, client.topic, event, payload]);
    client.send_text(frame.to_string()).await;
}

fn join_params() -> Value {
    json!({"device_id": DEVICE_ID, "client_version": "1"})
}

async fn heartbeat(client: &mut PhoenixClient) {
    client.send_text(HEARTBEAT).await;
    let reply = json!({"status": "ok", "response": {}});
    assert_eq!(client.next().await, json!([null, "beat", "phoenix", "phx_reply", reply]));
}

#[tokio::test]
async fn slow_join_blocks_its_socket_but_not_the_heartbeat() {
    let (open, gate) = watch::channel(false);
    let server = TestServer::start_with(
        Backend::Sqlite,
        |_| (),
        |app| gated(app, gate, |job| matches!(job, Job::Head)),
    )
    .await;
    let account = server.sign_up("ada@example.org").await;
    let mut client = server.connect(&account).await;
    send(&mut client, "1", "1", "phx_join", join_params()).await;
    send(&mut client, "1", "2", "nonsense", json!({})).await;
    heartbeat(&mut client).await;
    heartbeat(&mut server.connect(&account).await).await;
    open.send(true).unwrap();
    assert_eq!(client.next().await[1], "1");
    assert_eq!(client.next().await[1], "2");
}

#[tokio::test]
async fn no_broadcast_is_sent_before_the_join_reply() {
    let (open, gate) = watch::channel(true);
    let server = TestServer::start_with(
        Backend::Sqlite,
        |_| (),
        |app| gated(app, gate, |job| matches!(job, Job::Head)),
    )
    .await;
    let account = server.sign_up("ada@example.org").await;
    let mut busy = server.join(&account).await;
    open.send(false).unwrap();
    let mut slow = server.connect(&account).await;
    send(&mut slow, "1", "1", "phx_join", join_params()).await;
    // The heartbeat reply shows that the join was received.
    heartbeat(&mut slow).await;
    busy.bulk(&[start(&id(), 1_000)]).await;
    heartbeat(&mut slow).await;
    open.send(true).unwrap();
    let joined = slow.next().await;
    assert_eq!((&joined[1], &joined[3]), (&json!("1"), &json!("phx_reply")));
    // The join may have read the cursor before or after the append.
    if joined[4]["response"]["cursor"] == 0 {
        assert_eq!(slow.next_broadcast().await, 1);
    }
    heartbeat(&mut slow).await;
}

#[tokio::test]
async fn pending_replies_are_sent_before_channel_close() {
    for event in ["phx_leave", "phx_join"] {
        let (open, gate) = watch::channel(false);
        let server = TestServer::start_with(
            Backend::Sqlite,
            |_| (),
            |app| gated(app, gate, |job| matches!(job, Job::ChangesPage(_))),
        )
        .await;
        let account = server.sign_up("ada@example.org").await;
        let mut client = server.join(&account).await;
        let request = json!({"epoch": null, "since": 0, "limit": 1});
        send(&mut client, "1", "2", "GET_LATEST_TIME_ENTRIES", request).await;
        send(&mut client, "1", "3", event, join_params()).await;
        heartbeat(&mut client).await;
        open.send(true).unwrap();
        for reference in ["2", "3"] {
            let frame = client.next().await;
            assert_eq!((&frame[1], &frame[3]), (&json!(reference), &json!("phx_reply")));
            assert_eq!(frame[4]["status"], "ok");
        }
        let closed = json!(["1", "1", account.channel, "phx_close", {}]);
        assert_eq!(client.next().await, closed, "{event}");
    }
}

#[tokio::test]
async fn crashed_join_is_refused_and_the_socket_continues() {
    let (crashes, crashing) = watch::channel(true);
    let server = TestServer::start_with(
        Backend::Sqlite,
        |_| (),
        |app| {
            let storage = app.storage().clone();
            let jobs = Jobs::new(move |user_id, _| {
                let (storage, crashes) = (storage.clone(), *crashing.borrow());
                async move {
                    assert!(!crashes, "panic of the test");
                    storage.head(user_id).await.map(JobResult::Head)
                }
            });
            app.with_jobs(jobs)
        },
    )
    .await;
    let account = server.sign_up("ada@example.org").await;
    let mut client = server.connect(&account).await;
    let (status, response) = client.try_join(&join_params()).await;
    assert_eq!((&*status, response), ("error", json!({"reason": "unavailable"})));
    let (status, response) = client.request("ping", &json!({"sent_at": 0})).await;
    assert_eq!((&*status, response), ("error", json!({"reason": "unmatched topic"})));
    heartbeat(&mut client).await;
    crashes.send(false).unwrap();
    client.join().await;
}

/// The reply to a frame of a client without a channel.
async fn reply_to(client: &mut PhoenixClient, frame: &Value) -> Value {
    client.send_text(frame.to_string()).await;
    client.next().await
}

#[tokio::test]
async fn topic_or_event_that_is_not_a_string_gets_the_reply_of_phoenix() {
    let server = TestServer::start(Backend::Sqlite).await;
    let account = server.sign_up("ada@example.org").await;
    let mut client = server.join(&account).await;
    let unmatched = json!({"status": "error", "response": {"reason": "unmatched topic"}});
    let ok = json!({"status": "ok", "response": {}});
    for topic in [json!(null), json!(7), json!(true), json!([]), json!({"a": 1})] {
        for event in [json!("ping"), json!("phx_join"), json!("heartbeat"), json!(null)] {
            let reply = reply_to(&mut client, &json!(["1", "2", topic, event, {}])).await;
            assert_eq!(reply, json!([null, "2", topic, "phx_reply", unmatched]), "{event}");
        }
        let reply = reply_to(&mut client, &json!(["1", "2", topic, "phx_leave", {}])).await;
        assert_eq!(reply, json!(["1", "2", topic, "phx_reply", ok]));
    }
    let topic = account.channel;
    let unknown = json!({"status": "error", "response": {"reason": "unknown_event"}});
    for event in [json!(null), json!(7), json!(["ping"])] {
        let reply = reply_to(&mut client, &json!(["1", "3", topic, event, {}])).await;
        assert_eq!(reply, json!(["1", "3", topic, "phx_reply", unknown]), "{event}");
        let reply = reply_to(&mut client, &json!(["1", "4", "phoenix", event, {}])).await;
        assert_eq!(reply, json!([null, "4", "phoenix", "phx_reply", unmatched]), "{event}");
    }
    heartbeat(&mut client).await;
}

#[tokio::test]
async fn leave_of_a_topic_without_a_channel_succeeds() {
    let server = TestServer::start(Backend::Sqlite).await;
    let account = server.sign_up("ada@example.org").await;
    let mut client = server.connect(&account).await;
    let ok = json!({"status": "ok", "response": {}});
    for topic in ["phoenix", "rooms:1", &account.channel] {
        for join_ref in [json!("9"), json!(null), json!(3)] {
            let reply =
                reply_to(&mut client, &json!([join_ref, "2", topic, "phx_leave", {}])).await;
            assert_eq!(reply, json!([join_ref, "2", topic, "phx_reply", ok]));
        }
    }
    heartbeat(&mut client).await;
}
