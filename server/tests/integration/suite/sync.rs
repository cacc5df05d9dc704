//! Events in, changes pages and broadcasts out.

use serde_json::{Value, json};
use tokio_tungstenite::tungstenite::Message;
use wizitime_server_support::events::{event, id, start, stop};
use wizitime_server_support::{Backend, DEVICE_ID, TestServer, backend_tests};

async fn clock_started_on_one_device_is_stopped_on_another(backend: Backend) {
    let server = TestServer::start(backend).await;
    let account = server.sign_up("ada@example.org").await;
    let (mut laptop, mut phone) = (server.join(&account).await, server.join(&account).await);
    let entry = id();
    let reply = laptop.bulk(&[start(&entry, 1_000)]).await;
    assert_eq!(reply, json!({"cursor": 1, "superseded": []}));
    assert_eq!(laptop.next_broadcast().await, 1, "the sender also gets the broadcast");
    assert_eq!(phone.next_broadcast().await, 1);
    let page = phone.changes_page(&Value::Null, 0, 10).await;
    assert_eq!(page["time_entries"][0]["id"], *entry);
    assert_eq!(page["time_entries"][0]["stop"], Value::Null);
    phone.bulk(&[stop(&entry, 2_000)]).await;
    assert_eq!(laptop.next_broadcast().await, 2);
    let page = laptop.changes_page(&page["epoch"], 1, 10).await;
    assert_eq!(page["time_entries"][0]["stop"], json!({"at": 2_000, "by": "explicit"}));
    assert_eq!((&page["more"], &page["cursor"]), (&json!(false), &json!(2)));
}

async fn broadcast_precedes_the_reply(backend: Backend) {
    let server = TestServer::start(backend).await;
    let account = server.sign_up("ada@example.org").await;
    let mut client = server.join(&account).await;
    let events = json!({"events": [start(&id(), 1_000)]});
    let reference = client.push("BULK_EVENT", &events).await;
    assert_eq!(client.next().await[3], "NEED_TO_UPDATE_TIME_ENTRIES");
    assert_eq!(client.next().await[1], *reference);
    // No new event, no broadcast.
    let reference = client.push("BULK_EVENT", &events).await;
    assert_eq!(client.next().await[1], *reference);
}

async fn every_entity_kind_is_stored_and_synced(backend: Backend) {
    let server = TestServer::start(backend).await;
    let account = server.sign_up("ada@example.org").await;
    let mut client = server.join(&account).await;
    let [client_id, project, task, tag, entry] = [(); 5].map(|()| id());
    let started = json!({
        "time_entry_id": entry, "started_at": 5, "description": "", "project_id": project,
        "task_id": task, "tag_ids": [tag], "billable": true,
    });
    let events = [
        event("CREATE_CLIENT", &json!({"client_id": client_id, "name": "Ada & Co"})),
        event(
            "CREATE_PROJECT",
            &json!({"project_id": project, "name": "Engine", "color": "teal",
                "client_id": client_id, "billable": true}),
        ),
        event("CREATE_TASK", &json!({"task_id": task, "project_id": project, "name": "Cards"})),
        event("CREATE_TAG", &json!({"tag_id": tag, "name": "deep"})),
        event("UPDATE_SETTINGS", &json!({"changes": {"week_start": "sunday"}})),
        event("START_CLOCK", &started),
        event("DELETE_TIME_ENTRY", &json!({"time_entry_id": entry})),
    ];
    client.bulk(&events).await;
    let page = client.changes_page(&Value::Null, 0, 100).await;
    assert_eq!(page["clients"][0]["name"], "Ada & Co");
    assert_eq!(page["projects"][0]["client_id"], *client_id);
    assert_eq!(page["tasks"][0]["project_id"], *project);
    assert_eq!(page["tags"][0]["name"], "deep");
    assert_eq!(page["settings"]["week_start"], "sunday");
    assert_eq!(page["time_entries"], json!([]));
    assert_eq!(page["removed"][0]["tag_ids"], json!([tag]));
    // Later events see the stored entities.
    client
        .bulk(&[
            event("UPDATE_PROJECT", &json!({"project_id": project, "changes": {"name": "Mill"}})),
            event("ARCHIVE_TAG", &json!({"tag_id": tag})),
            event("UPDATE_SETTINGS", &json!({"changes": {"clock_24h": true}})),
        ])
        .await;
    let page = client.changes_page(&page["epoch"], 7, 100).await;
    assert_eq!(page["projects"][0]["color"], "teal");
    assert_eq!(page["projects"][0]["name"], "Mill");
    assert_eq!(page["tags"][0]["archived"], true);
    assert_eq!(page["settings"], json!({"week_start": "sunday", "clock_24h": true}));
    assert_eq!(page["clients"], json!([]));
}

async fn accounts_are_isolated(backend: Backend) {
    let server = TestServer::start(backend).await;
    let (ada, bob) =
        (server.sign_up("ada@example.org").await, server.sign_up("bob@example.org").await);
    let (mut ada_client, mut bob_client) = (server.join(&ada).await, server.join(&bob).await);
    let entry = id();
    ada_client.bulk(&[start(&entry, 1_000)]).await;
    // Neither the ids nor a `user_id` in the payload select another account.
    let error = bob_client
        .request_error(
            "BULK_EVENT",
            &json!({"events": [stop(&entry, 2_000)], "user_id": ada.channel}),
        )
        .await;
    assert_eq!(error["code"], "unknown_entity");
    bob_client.bulk(&[start(&entry, 9_000)]).await;
    let page = ada_client.changes_page(&Value::Null, 0, 10).await;
    assert_eq!(page["time_entries"][0]["started_at"], 1_000);
    assert_eq!(page["cursor"], 1);
    let mut other_socket = server.connect(&bob).await;
    other_socket.topic.clone_from(&ada.channel);
    let params = json!({"device_id": DEVICE_ID, "client_version": "1"});
    let (status, response) = other_socket.try_join(&params).await;
    assert_eq!((&*status, response), ("error", json!({"reason": "unauthorized"})));
    let (status, response) = other_socket.request("ping", &json!({"sent_at": 0})).await;
    assert_eq!((&*status, response), ("error", json!({"reason": "unmatched topic"})));
}

async fn join_requires_valid_params(backend: Backend) {
    let server = TestServer::start(backend).await;
    let account = server.sign_up("ada@example.org").await;
    let mut client = server.connect(&account).await;
    for params in [json!({}), json!(null), json!({"device_id": "me", "client_version": "1"})] {
        let (status, response) = client.try_join(&params).await;
        assert_eq!((&*status, response), ("error", json!({"reason": "malformed"})));
    }
    client.join().await;
}

async fn replies_keep_push_order_and_heartbeats_are_immediate(backend: Backend) {
    let server = TestServer::start(backend).await;
    let account = server.sign_up("ada@example.org").await;
    let mut client = server.join(&account).await;
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

/// Every later start would end where that clock begins, and so last for years.
async fn clock_that_starts_in_another_century_is_refused(backend: Backend) {
    const YEAR_2100_MS: u64 = 4_102_444_800_000;
    let server = TestServer::start(backend).await;
    let account = server.sign_up("ada@example.org").await;
    let mut client = server.join(&account).await;
    let (early, late) = (id(), id());
    let batch = json!({"events": [start(&early, 1_000), start(&late, YEAR_2100_MS)]});
    let error = client.request_error("BULK_EVENT", &batch).await;
    assert_eq!((&error["code"], &error["index"]), (&json!("start_in_future"), &json!(1)));
    client.bulk(&[start(&early, 1_000)]).await;
    let update = json!({"time_entry_id": early, "changes": {"started_at": YEAR_2100_MS}});
    let batch = json!({"events": [event("UPDATE_TIME_ENTRY", &update)]});
    let error = client.request_error("BULK_EVENT", &batch).await;
    assert_eq!(error["code"], "start_in_future");
    // The next start ends the running entry now.
    client.bulk(&[start(&id(), 2_000)]).await;
    let page = client.changes_page(&Value::Null, 0, 10).await;
    let entries = page["time_entries"].as_array().unwrap();
    let ended = entries.iter().find(|entry| entry["id"] == *early).unwrap();
    assert_eq!(ended["stop"], json!({"at": 2_000, "by": "implied"}));
}

async fn log_survives_a_server_restart(backend: Backend) {
    let mut server = TestServer::start(backend).await;
    let account = server.sign_up("ada@example.org").await;
    let mut client = server.join(&account).await;
    let events = [start(&id(), 1_000), start(&id(), 2_000)];
    client.bulk(&events).await;
    let before = client.changes_page(&Value::Null, 0, 10).await;
    server.begin_shutdown();
    assert_eq!(client.close_code().await, Some(1012));
    let folder = server.stopped().await;
    let server = TestServer::start_on(folder, |_| (), |app| app).await;
    let mut client = server.join(&account).await;
    assert_eq!(client.changes_page(&Value::Null, 0, 10).await, before);
    assert_eq!(client.bulk(&events).await, json!({"cursor": 2, "superseded": []}));
}

async fn binary_push_gets_an_error_reply(backend: Backend) {
    let server = TestServer::start(backend).await;
    let account = server.sign_up("ada@example.org").await;
    let mut client = server.join(&account).await;
    let topic = account.channel.as_bytes();
    let mut frame = vec![0, 1, 2, u8::try_from(topic.len()).unwrap(), 4];
    for part in [b"1", &b"77"[..], topic, b"ping", &[1, 2, 3]] {
        frame.extend_from_slice(part);
    }
    client.send(Message::Binary(frame.into())).await;
    let (status, response) = client.reply("77").await;
    assert_eq!((&*status, &response["reason"]), ("error", &json!("malformed")));
}

backend_tests! {
    clock_started_on_one_device_is_stopped_on_another,
    broadcast_precedes_the_reply,
    every_entity_kind_is_stored_and_synced,
    accounts_are_isolated,
    join_requires_valid_params,
    replies_keep_push_order_and_heartbeats_are_immediate,
    clock_that_starts_in_another_century_is_refused,
    log_survives_a_server_restart,
    binary_push_gets_an_error_reply,
}
