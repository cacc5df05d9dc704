//! New events are accepted only in the form of docs/PROTOCOL.md.

use serde_json::{Value, json};
use wizitime_server_support::events::{event, id, start};
use wizitime_server_support::{Backend, DEVICE_ID, PASSWORD, TestServer, backend_tests};

/// Other texts of an id.
fn other_forms(id: &str) -> [String; 4] {
    [id.to_uppercase(), id.replace('-', ""), format!("{{{id}}}"), format!("urn:uuid:{id}")]
}

fn create_task(task: &str, project: &str) -> Value {
    event("CREATE_TASK", &json!({"task_id": task, "project_id": project, "name": "Task"}))
}

fn create_project(project: &str, name: &str) -> Value {
    let payload = json!({
        "project_id": project, "name": name, "color": "teal", "client_id": null, "billable": false,
    });
    event("CREATE_PROJECT", &payload)
}

fn with(mut event: Value, path: &str, value: Value) -> Value {
    *event.pointer_mut(path).unwrap() = value;
    event
}

async fn new_events_are_checked_strictly(backend: Backend) {
    let server = TestServer::start(backend).await;
    let account = server.sign_up("ada@example.org").await;
    let mut client = server.join(&account).await;
    let (own, other, task) = (id(), id(), id());
    client
        .bulk(&[
            create_project(&own, "Own"),
            create_project(&other, "Other"),
            create_task(&task, &own),
        ])
        .await;
    let mut cases = vec![
        (with(start(&id(), 1), "/v", json!(0)), "malformed"),
        (with(start(&id(), 1), "/v", json!(2)), "unsupported_version"),
        (with(start(&id(), 1), "/v", json!(65_537)), "unsupported_version"),
        (with(start(&id(), 1), "/zone", json!("Mars/Olympus")), "unknown_zone"),
        (with(start(&id(), 1), "/zone", json!("europe/berlin")), "unknown_zone"),
        (create_project(&id(), "\u{200b}\u{2060}"), "name_missing"),
        (create_project(&id(), "\u{3164}"), "name_missing"),
        (with(start(&id(), 1), "/event/task_id", json!(task)), "task_of_other_project"),
        (
            with(
                with(start(&id(), 1), "/event/task_id", json!(task)),
                "/event/project_id",
                json!(other),
            ),
            "task_of_other_project",
        ),
    ];
    for form in other_forms(&id()) {
        for path in ["/id", "/device_id", "/writer_id", "/event/time_entry_id"] {
            cases.push((with(start(&id(), 1), path, json!(form)), "malformed"));
        }
        cases.push((with(start(&id(), 1), "/event/project_id", json!(form)), "malformed"));
        cases.push((with(start(&id(), 1), "/event/tag_ids", json!([form])), "malformed"));
    }
    for (event, code) in cases {
        let error = client.request_error("BULK_EVENT", &json!({"events": [event]})).await;
        assert_eq!(error["reason"], "rejected", "{event}: {error}");
        assert_eq!((&error["index"], &error["code"]), (&json!(0), &json!(code)), "{event}");
    }
    let good = with(start(&id(), 1), "/event/project_id", json!(own));
    let reply = client.bulk(&[with(good, "/event/task_id", json!(task))]).await;
    assert_eq!(reply["cursor"], 4);
}

async fn ids_outside_events_have_one_form_as_well(backend: Backend) {
    let server = TestServer::start(backend).await;
    let account = server.sign_up("ada@example.org").await;
    for form in other_forms(DEVICE_ID) {
        let body = json!({"email": "bob@example.org", "password": PASSWORD, "device_id": form});
        let response = server.post("/api/sign_up", None, &body).await;
        assert_eq!((response.status, &*response.error()), (400, "malformed"), "{form}");
        let mut client = server.connect(&account).await;
        let params = json!({"device_id": form, "client_version": "1"});
        let (status, response) = client.try_join(&params).await;
        assert_eq!((&*status, response), ("error", json!({"reason": "malformed"})), "{form}");
    }
    let mut client = server.connect(&account).await;
    for form in other_forms(account.user_id()) {
        client.topic = format!("users:{form}");
        let params = json!({"device_id": DEVICE_ID, "client_version": "1"});
        let (status, response) = client.try_join(&params).await;
        assert_eq!((&*status, response), ("error", json!({"reason": "unauthorized"})), "{form}");
    }
}

backend_tests! {
    new_events_are_checked_strictly,
    ids_outside_events_have_one_form_as_well,
}
