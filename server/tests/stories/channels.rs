//! Rules of channels that need a server which is slow or fails at the right moment.

use serde_json::{Value, json};
use tokio::sync::watch;
use wizitime_hub::{Job, JobResult};
use wizitime_server::{App, Jobs};

use crate::client::Client;
use crate::events::{DEVICE_ID, id, start};
use crate::world::World;

const BEAT: &str = r#"[null,"beat","phoenix","heartbeat",{}]"#;

/// Does the work at once, but keeps the results of the jobs that `waits` picks until the gate is
/// open.
fn gated(app: App, gate: watch::Receiver<bool>, waits: fn(&Job) -> bool) -> App {
    let storage = app.storage().clone();
    let jobs = Jobs::new(move |user_id, job| {
        let (storage, mut gate) = (storage.clone(), gate.clone());
        async move {
            let waits = waits(&job);
            let result = match job {
                Job::Head => storage.head(user_id).await.map(JobResult::Head),
                Job::Latest(request) => {
                    storage.changes_page(user_id, &request).await.map(JobResult::Latest)
                }
                Job::Append(batch) => {
                    let now = wizitime_domain::Timestamp::MIN;
                    storage.append(user_id, batch, now).await.map(JobResult::Appended)
                }
            };
            if waits {
                gate.wait_for(|open| *open).await.unwrap();
            }
            result
        }
    });
    app.with_jobs(jobs)
}

async fn send(client: &mut Client, join_ref: &str, reference: &str, event: &str, payload: Value) {
    let frame = json!([join_ref, reference, client.topic, event, payload]);
    client.send_text(frame.to_string()).await;
}

fn who() -> Value {
    json!({"device_id": DEVICE_ID, "client_version": "1"})
}

async fn beats(client: &mut Client) {
    client.send_text(BEAT).await;
    let reply = json!({"status": "ok", "response": {}});
    assert_eq!(client.next().await, json!([null, "beat", "phoenix", "phx_reply", reply]));
}

#[tokio::test]
async fn a_slow_join_holds_up_its_socket_but_not_the_heartbeat() {
    let (open, gate) = watch::channel(false);
    let world = World::with(|app| gated(app, gate, |job| matches!(job, Job::Head))).await;
    let account = world.sign_up("ada@example.org").await;
    let mut client = world.connect(&account).await;
    send(&mut client, "1", "1", "phx_join", who()).await;
    send(&mut client, "1", "2", "nonsense", json!({})).await;
    beats(&mut client).await;
    beats(&mut world.connect(&account).await).await;
    open.send(true).unwrap();
    assert_eq!(client.next().await[1], "1");
    assert_eq!(client.next().await[1], "2");
}

#[tokio::test]
async fn no_news_come_before_the_join_is_answered() {
    let (open, gate) = watch::channel(true);
    let world = World::with(|app| gated(app, gate, |job| matches!(job, Job::Head))).await;
    let account = world.sign_up("ada@example.org").await;
    let mut busy = world.join(&account).await;
    open.send(false).unwrap();
    let mut slow = world.connect(&account).await;
    send(&mut slow, "1", "1", "phx_join", who()).await;
    // Its heartbeat says that the join has begun.
    beats(&mut slow).await;
    busy.bulk(&[start(&id(), 1_000)]).await;
    beats(&mut slow).await;
    open.send(true).unwrap();
    let joined = slow.next().await;
    assert_eq!((&joined[1], &joined[3]), (&json!("1"), &json!("phx_reply")));
    // Whether the join has seen the change already is a matter of luck.
    if joined[4]["response"]["cursor"] == 0 {
        assert_eq!(slow.news().await, 1);
    }
    beats(&mut slow).await;
}

#[tokio::test]
async fn what_is_owed_is_said_before_a_channel_ends() {
    for event in ["phx_leave", "phx_join"] {
        let (open, gate) = watch::channel(false);
        let world = World::with(|app| gated(app, gate, |job| matches!(job, Job::Latest(_)))).await;
        let account = world.sign_up("ada@example.org").await;
        let mut client = world.join(&account).await;
        let request = json!({"epoch": null, "since": 0, "limit": 1});
        send(&mut client, "1", "2", "GET_LATEST_TIME_ENTRIES", request).await;
        send(&mut client, "1", "3", event, who()).await;
        beats(&mut client).await;
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
async fn a_join_that_crashes_is_refused_and_the_socket_goes_on() {
    let (crashes, crashing) = watch::channel(true);
    let world = World::with(|app| {
        let storage = app.storage().clone();
        let jobs = Jobs::new(move |user_id, _| {
            let (storage, crashes) = (storage.clone(), *crashing.borrow());
            async move {
                assert!(!crashes, "the story wants it");
                storage.head(user_id).await.map(JobResult::Head)
            }
        });
        app.with_jobs(jobs)
    })
    .await;
    let account = world.sign_up("ada@example.org").await;
    let mut client = world.connect(&account).await;
    let (status, response) = client.try_join(&who()).await;
    assert_eq!((&*status, response), ("error", json!({"reason": "unavailable"})));
    let (status, response) = client.ask("ping", &json!({"sent_at": 0})).await;
    assert_eq!((&*status, response), ("error", json!({"reason": "unmatched topic"})));
    beats(&mut client).await;
    crashes.send(false).unwrap();
    client.join().await;
}
