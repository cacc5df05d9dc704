//! Events in, changes out.

use serde_json::{Value, json};
use tokio_tungstenite::tungstenite::Message;

use crate::events::{event, id, start, stop};
use crate::world::World;

#[tokio::test]
async fn a_clock_runs_from_one_device_to_the_other() {
    let world = World::new().await;
    let account = world.sign_up("ada@example.org").await;
    let (mut laptop, mut phone) = (world.join(&account).await, world.join(&account).await);
    let entry = id();
    let reply = laptop.bulk(&[start(&entry, 1_000)]).await;
    assert_eq!(reply, json!({"cursor": 1, "superseded": []}));
    assert_eq!(laptop.news().await, 1, "who changes something hears of it as well");
    assert_eq!(phone.news().await, 1);
    let page = phone.latest(&Value::Null, 0, 10).await;
    assert_eq!(page["time_entries"][0]["id"], *entry);
    assert_eq!(page["time_entries"][0]["stop"], Value::Null);
    phone.bulk(&[stop(&entry, 2_000)]).await;
    assert_eq!(laptop.news().await, 2);
    let page = laptop.latest(&page["epoch"], 1, 10).await;
    assert_eq!(page["time_entries"][0]["stop"], json!({"at": 2_000, "by": "explicit"}));
    assert_eq!((&page["more"], &page["cursor"]), (&json!(false), &json!(2)));
}

#[tokio::test]
async fn the_broadcast_comes_before_the_reply() {
    let world = World::new().await;
    let account = world.sign_up("ada@example.org").await;
    let mut client = world.join(&account).await;
    let events = json!({"events": [start(&id(), 1_000)]});
    let reference = client.push("BULK_EVENT", &events).await;
    assert_eq!(client.next().await[3], "NEED_TO_UPDATE_TIME_ENTRIES");
    assert_eq!(client.next().await[1], *reference);
    // Nothing new, nothing to tell.
    let reference = client.push("BULK_EVENT", &events).await;
    assert_eq!(client.next().await[1], *reference);
}

#[tokio::test]
async fn every_kind_of_thing_is_kept_and_told() {
    let world = World::new().await;
    let account = world.sign_up("ada@example.org").await;
    let mut client = world.join(&account).await;
    let [of_client, project, task, tag, entry] = [(); 5].map(|()| id());
    let started = json!({
        "time_entry_id": entry, "started_at": 5, "description": "", "project_id": project,
        "task_id": task, "tag_ids": [tag], "billable": true,
    });
    let events = [
        event("CREATE_CLIENT", &json!({"client_id": of_client, "name": "Ada & Co"})),
        event(
            "CREATE_PROJECT",
            &json!({"project_id": project, "name": "Engine", "color": "teal",
                "client_id": of_client, "billable": true}),
        ),
        event("CREATE_TASK", &json!({"task_id": task, "project_id": project, "name": "Cards"})),
        event("CREATE_TAG", &json!({"tag_id": tag, "name": "deep"})),
        event("UPDATE_SETTINGS", &json!({"changes": {"week_start": "sunday"}})),
        event("START_CLOCK", &started),
        event("DELETE_TIME_ENTRY", &json!({"time_entry_id": entry})),
    ];
    client.bulk(&events).await;
    let page = client.latest(&Value::Null, 0, 100).await;
    assert_eq!(page["clients"][0]["name"], "Ada & Co");
    assert_eq!(page["projects"][0]["client_id"], *of_client);
    assert_eq!(page["tasks"][0]["project_id"], *project);
    assert_eq!(page["tags"][0]["name"], "deep");
    assert_eq!(page["settings"]["week_start"], "sunday");
    assert_eq!(page["time_entries"], json!([]));
    assert_eq!(page["removed"][0]["tag_ids"], json!([tag]));
    // A later event of the same kind of each sees what is there.
    client
        .bulk(&[
            event("UPDATE_PROJECT", &json!({"project_id": project, "changes": {"name": "Mill"}})),
            event("ARCHIVE_TAG", &json!({"tag_id": tag})),
            event("UPDATE_SETTINGS", &json!({"changes": {"clock_24h": true}})),
        ])
        .await;
    let page = client.latest(&page["epoch"], 7, 100).await;
    assert_eq!(page["projects"][0]["color"], "teal");
    assert_eq!(page["projects"][0]["name"], "Mill");
    assert_eq!(page["tags"][0]["archived"], true);
    assert_eq!(page["settings"], json!({"week_start": "sunday", "clock_24h": true}));
    assert_eq!(page["clients"], json!([]));
}

#[tokio::test]
async fn nobody_sees_what_is_somebody_elses() {
    let world = World::new().await;
    let (ada, bob) =
        (world.sign_up("ada@example.org").await, world.sign_up("bob@example.org").await);
    let (mut of_ada, mut of_bob) = (world.join(&ada).await, world.join(&bob).await);
    let entry = id();
    of_ada.bulk(&[start(&entry, 1_000)]).await;
    // The same ids, and a claim to be somebody else, change nothing.
    let error = of_bob
        .ask_error("BULK_EVENT", &json!({"events": [stop(&entry, 2_000)], "user_id": ada.channel}))
        .await;
    assert_eq!(error["code"], "unknown_entity");
    of_bob.bulk(&[start(&entry, 9_000)]).await;
    let page = of_ada.latest(&Value::Null, 0, 10).await;
    assert_eq!(page["time_entries"][0]["started_at"], 1_000);
    assert_eq!(page["cursor"], 1);
    let mut intruder = world.connect(&bob).await;
    intruder.topic.clone_from(&ada.channel);
    let params = json!({"device_id": crate::events::DEVICE_ID, "client_version": "1"});
    let (status, response) = intruder.try_join(&params).await;
    assert_eq!((&*status, response), ("error", json!({"reason": "unauthorized"})));
    let (status, response) = intruder.ask("ping", &json!({"sent_at": 0})).await;
    assert_eq!((&*status, response), ("error", json!({"reason": "unmatched topic"})));
}

#[tokio::test]
async fn a_join_has_to_say_who_joins() {
    let world = World::new().await;
    let account = world.sign_up("ada@example.org").await;
    let mut client = world.connect(&account).await;
    for params in [json!({}), json!(null), json!({"device_id": "me", "client_version": "1"})] {
        let (status, response) = client.try_join(&params).await;
        assert_eq!((&*status, response), ("error", json!({"reason": "malformed"})));
    }
    client.join().await;
}

#[tokio::test]
async fn pushes_are_answered_in_order_and_heartbeats_at_once() {
    let world = World::new().await;
    let account = world.sign_up("ada@example.org").await;
    let mut client = world.join(&account).await;
    let mut references = Vec::new();
    for number in 0..20 {
        let events = json!({"events": [start(&id(), number)]});
        references.push(client.push("BULK_EVENT", &events).await);
    }
    client.send_text(r#"[null,"beat","phoenix","heartbeat",{}]"#).await;
    let (mut answered, mut beats) = (Vec::new(), 0);
    while answered.len() < references.len() || beats == 0 {
        let frame = client.next().await;
        if frame[2] == "phoenix" {
            assert_eq!(frame[1], "beat");
            beats += 1;
        } else if frame[3] == "phx_reply" {
            answered.push(frame[1].as_str().unwrap().to_owned());
        }
    }
    assert_eq!(answered, references);
}

#[tokio::test]
async fn what_the_log_says_outlives_the_server() {
    let mut world = World::new().await;
    let account = world.sign_up("ada@example.org").await;
    let mut client = world.join(&account).await;
    let events = [start(&id(), 1_000), start(&id(), 2_000)];
    client.bulk(&events).await;
    let before = client.latest(&Value::Null, 0, 10).await;
    world.ask_to_stop();
    assert_eq!(client.close_code().await, Some(1012));
    let folder = world.stopped().await;
    let world = World::on(folder, |_| (), |app| app).await;
    let mut client = world.join(&account).await;
    assert_eq!(client.latest(&Value::Null, 0, 10).await, before);
    assert_eq!(client.bulk(&events).await, json!({"cursor": 2, "superseded": []}));
}

#[tokio::test]
async fn a_binary_push_is_answered_with_an_error() {
    let world = World::new().await;
    let account = world.sign_up("ada@example.org").await;
    let mut client = world.join(&account).await;
    let topic = account.channel.as_bytes();
    let mut frame = vec![0, 1, 2, u8::try_from(topic.len()).unwrap(), 4];
    for part in [b"1", &b"77"[..], topic, b"ping", &[1, 2, 3]] {
        frame.extend_from_slice(part);
    }
    client.send(Message::Binary(frame.into())).await;
    let (status, response) = client.reply("77").await;
    assert_eq!((&*status, &response["reason"]), ("error", &json!("malformed")));
}
