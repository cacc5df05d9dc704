//! No endpoint and no message reads or changes the data of another account. A new endpoint or
//! message does not compile until this file covers it.

use serde_json::{Value, json};
use wizitime_domain::{Timestamp, UserId};
use wizitime_hub::{Batch, Job};
use wizitime_protocol::messages::ChangesPageRequest;
use wizitime_server::{Endpoint, TwoStepChange};

use wizitime_server_support::events::{event, id, start, stop};
use wizitime_server_support::{
    Account, Backend, HttpResponse, PASSWORD, PhoenixClient, TestServer, backend_tests,
    credentials, request,
};

const VICTIM_EMAIL: &str = "ada@example.org";
const ATTACKER_EMAIL: &str = "mallory@example.org";
const VICTIM_DEVICE_ID: &str = "01890a5d-ac96-774b-bcce-b302099a80aa";

/// A request of a signed-in attacker that targets the victim, and the expected status.
fn attack(endpoint: Endpoint, victim: &Account) -> (Value, u16) {
    let user_id = victim.user_id();
    let (mut body, status) = match endpoint {
        Endpoint::SignUp => return (credentials(VICTIM_EMAIL, PASSWORD), 409),
        // No provider is configured.
        Endpoint::OidcStart | Endpoint::OidcCallback | Endpoint::OidcFinish => {
            return (json!({"code": "guess"}), 404);
        }
        Endpoint::SignIn => return (credentials(VICTIM_EMAIL, "not the password"), 401),
        // The attacker has no such device.
        Endpoint::SignOut => return (json!({"device_id": VICTIM_DEVICE_ID}), 204),
        Endpoint::Password => {
            (json!({"password": PASSWORD, "new_password": "battery staple"}), 204)
        }
        Endpoint::SetPassword => (json!({"link": "guess", "new_password": "battery staple"}), 403),
        // The test server sends no mails.
        Endpoint::PasswordReset => (json!({}), 404),
        Endpoint::BeginTwoStep => (json!({"password": PASSWORD}), 200),
        // The attacker's own two-step sign-in is off.
        Endpoint::ConfirmTwoStep => (json!({"code": "123456"}), 409),
        Endpoint::DisableTwoStep | Endpoint::RecoveryCodes => {
            (json!({"password": PASSWORD, "code": "123456"}), 409)
        }
        Endpoint::DeleteAccount => (json!({"password": PASSWORD}), 204),
        Endpoint::Registration
        | Endpoint::Session
        | Endpoint::SocketToken
        | Endpoint::TwoStep
        | Endpoint::Devices
        | Endpoint::Audit
        | Endpoint::Export => (json!({}), 200),
    };
    for (name, value) in
        [("user_id", user_id), ("email", VICTIM_EMAIL), ("channel", &victim.channel)]
    {
        body[name] = json!(value);
    }
    (body, status)
}

async fn send_request(
    server: &TestServer,
    endpoint: Endpoint,
    token: &str,
    body: &Value,
) -> HttpResponse {
    let bearer = format!("Bearer {token}");
    let path = format!("/api{}", endpoint.path());
    let headers = [("content-type", "application/json"), ("authorization", &*bearer)];
    let body = body.to_string();
    request(server.address, endpoint.method(), &path, &headers, body.as_bytes()).await
}

/// The export of the victim.
async fn export(server: &TestServer, victim: &Account) -> Vec<Value> {
    let response = send_request(server, Endpoint::Export, &victim.token, &json!({})).await;
    assert_eq!(response.status, 200, "the victim is signed in");
    let text = String::from_utf8(response.body).unwrap();
    let mut lines: Vec<Value> =
        text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    lines[0]["account"]["exported_at"] = Value::Null;
    lines
}

/// Creates the victim with a running entry; returns its client and the entry id.
async fn create_victim(server: &TestServer) -> (Account, PhoenixClient, String) {
    let mut body = credentials(VICTIM_EMAIL, PASSWORD);
    body["device_id"] = json!(VICTIM_DEVICE_ID);
    let session = server.post("/api/sign_up", None, &body).await.json();
    let account = Account::from_session(&session);
    let mut client = server.join(&account).await;
    let entry = id();
    client.bulk(&[start(&entry, 1_000)]).await;
    client.next_broadcast().await;
    (account, client, entry)
}

async fn no_endpoint_accesses_other_accounts(backend: Backend) {
    for endpoint in Endpoint::ALL {
        let server = TestServer::start(backend).await;
        let (victim, mut victim_client, entry) = create_victim(&server).await;
        let before = export(&server, &victim).await;
        let attacker = server.sign_up(ATTACKER_EMAIL).await;
        let (body, status) = attack(endpoint, &victim);
        let response = send_request(&server, endpoint, &attacker.token, &body).await;
        assert_eq!(response.status, status, "{endpoint:?}: {response:?}");
        let text = String::from_utf8(response.body).unwrap();
        let user_id = victim.user_id();
        for secret in [user_id, VICTIM_EMAIL, &*victim.token, &*entry, VICTIM_DEVICE_ID] {
            assert!(!text.contains(secret), "{endpoint:?} reveals {secret}: {text}");
        }
        assert_eq!(export(&server, &victim).await, before, "{endpoint:?}");
        victim_client.request_ok("ping", &json!({"sent_at": 0})).await;
        let again = server.post("/api/sign_in", None, &credentials(VICTIM_EMAIL, PASSWORD)).await;
        assert_eq!(again.status, 200, "{endpoint:?}: the password is still the victim's");
    }
}

const fn is_public(endpoint: Endpoint) -> bool {
    match endpoint {
        Endpoint::Registration
        | Endpoint::SignUp
        | Endpoint::SignIn
        | Endpoint::OidcStart
        | Endpoint::OidcCallback
        | Endpoint::OidcFinish
        | Endpoint::SetPassword
        | Endpoint::PasswordReset => true,
        Endpoint::SignOut
        | Endpoint::Session
        | Endpoint::SocketToken
        | Endpoint::Password
        | Endpoint::TwoStep
        | Endpoint::BeginTwoStep
        | Endpoint::ConfirmTwoStep
        | Endpoint::DisableTwoStep
        | Endpoint::RecoveryCodes
        | Endpoint::Devices
        | Endpoint::Audit
        | Endpoint::Export
        | Endpoint::DeleteAccount => false,
    }
}

async fn endpoints_require_a_valid_token(backend: Backend) {
    let server = TestServer::start(backend).await;
    let (victim, ..) = create_victim(&server).await;
    let before = export(&server, &victim).await;
    for endpoint in Endpoint::ALL {
        // These endpoints do not require a token.
        if is_public(endpoint) {
            continue;
        }
        let (body, _) = attack(endpoint, &victim);
        for token in ["", "nonsense", victim.channel.as_str()] {
            let response = send_request(&server, endpoint, token, &body).await;
            assert_eq!(
                (response.status, &*response.error()),
                (401, "unauthorized"),
                "{endpoint:?}"
            );
        }
    }
    assert_eq!(export(&server, &victim).await, before);
}

/// Every event that refers to an entity, with the victim's ids.
fn events_on_foreign_entities(entry: &str, project: &str, tag: &str) -> Vec<Value> {
    let entry_id = json!({"time_entry_id": entry});
    let changes = json!({"time_entry_id": entry, "changes": {"description": "mine"}});
    let mut started = start(&id(), 5_000);
    started["event"]["project_id"] = json!(project);
    let mut tagged = start(&id(), 5_000);
    tagged["event"]["tag_ids"] = json!([tag]);
    vec![
        stop(entry, 2_000),
        event("UPDATE_TIME_ENTRY", &changes),
        event("DELETE_TIME_ENTRY", &entry_id),
        event("RESTORE_TIME_ENTRY", &entry_id),
        event(
            "SPLIT_TIME_ENTRY",
            &json!({"time_entry_id": entry, "new_time_entry_id": id(), "split_at": 1_500}),
        ),
        event("UPDATE_PROJECT", &json!({"project_id": project, "changes": {"name": "mine"}})),
        event("ARCHIVE_PROJECT", &json!({"project_id": project})),
        event("RESTORE_PROJECT", &json!({"project_id": project})),
        event("CREATE_TASK", &json!({"task_id": id(), "project_id": project, "name": "mine"})),
        event("UPDATE_TAG", &json!({"tag_id": tag, "changes": {"name": "mine"}})),
        event("ARCHIVE_TAG", &json!({"tag_id": tag})),
        started,
        tagged,
    ]
}

async fn no_message_accesses_other_accounts(backend: Backend) {
    let server = TestServer::start(backend).await;
    let (victim, mut victim_client, entry) = create_victim(&server).await;
    let (project, tag) = (id(), id());
    let project_payload = json!({
        "project_id": project, "name": "Secret", "color": "teal", "client_id": null,
        "billable": false,
    });
    let tag_payload = json!({"tag_id": tag, "name": "Secret"});
    let events = [event("CREATE_PROJECT", &project_payload), event("CREATE_TAG", &tag_payload)];
    victim_client.bulk(&events).await;
    victim_client.next_broadcast().await;
    let before = victim_client.changes_page(&Value::Null, 0, 100).await;
    let attacker = server.sign_up(ATTACKER_EMAIL).await;
    let mut attacker_client = server.join(&attacker).await;
    let request = ChangesPageRequest { epoch: None, since: 0, limit: 1 };
    let nothing = Batch::parse(wizitime_domain::json::parse(r#"{"events":[]}"#).unwrap()).unwrap();
    for job in [Job::Head, Job::Append(nothing), Job::ChangesPage(request)] {
        match job {
            Job::Head => {
                let mut other_socket = server.connect(&attacker).await;
                other_socket.topic.clone_from(&victim.channel);
                let params = json!({"device_id": VICTIM_DEVICE_ID, "client_version": "1"});
                let (status, response) = other_socket.try_join(&params).await;
                assert_eq!((&*status, response), ("error", json!({"reason": "unauthorized"})));
                let page_request = json!({"epoch": null, "since": 0, "limit": 10});
                for (name, payload) in [
                    ("BULK_EVENT", json!({"events": [stop(&entry, 2_000)]})),
                    ("GET_LATEST_TIME_ENTRIES", page_request),
                    ("ping", json!({"sent_at": 0})),
                ] {
                    let refused = other_socket.request_error(name, &payload).await;
                    assert_eq!(refused, json!({"reason": "unmatched topic"}), "{name}");
                }
            }
            Job::Append(_) => {
                for event in events_on_foreign_entities(&entry, &project, &tag) {
                    let payload = json!({"events": [event], "user_id": victim.channel});
                    let refused = attacker_client.request_error("BULK_EVENT", &payload).await;
                    let found = [&refused["reason"], &refused["code"]];
                    assert_eq!(found, ["rejected", "unknown_entity"], "{event}");
                }
                // Ids are scoped by account: the attacker can use the same ids for own entities.
                attacker_client.bulk(&[start(&entry, 9_000)]).await;
            }
            Job::ChangesPage(_) => {
                let page = attacker_client.changes_page(&before["epoch"], 0, 100).await;
                assert!(!page.to_string().contains("Secret"), "{page}");
                assert_eq!(page["time_entries"][0]["started_at"], 9_000);
            }
        }
    }
    // The victim received no frame in between: the next one is the reply.
    let reference = victim_client.push("ping", &json!({"sent_at": 0})).await;
    assert_eq!(victim_client.next().await[1], json!(reference));
    assert_eq!(victim_client.changes_page(&Value::Null, 0, 100).await, before);
}

async fn no_storage_operation_accesses_other_accounts(backend: Backend) {
    let server = TestServer::start(backend).await;
    let (victim, mut victim_client, _) = create_victim(&server).await;
    let before = victim_client.changes_page(&Value::Null, 0, 100).await;
    let unknown_user = UserId::from_bytes([9; 16]);
    let storage = server.app.storage();
    assert_eq!(storage.head(unknown_user).await.unwrap().cursor, 0);
    let request = ChangesPageRequest { epoch: None, since: 0, limit: 10 };
    let page = storage.changes_page(unknown_user, &request).await.unwrap();
    assert_eq!(page.into_entities().len(), 0);
    assert_eq!(storage.events(unknown_user, 0, 10).await.unwrap(), []);
    assert_eq!(storage.devices(unknown_user, Timestamp::MIN).await.unwrap(), []);
    assert_eq!(storage.two_step(unknown_user).await.unwrap(), None);
    assert!(!storage.change_two_step(unknown_user, TwoStepChange::Remove).await.unwrap());
    storage.delete_account(unknown_user).await.unwrap();
    assert_eq!(victim_client.changes_page(&Value::Null, 0, 100).await, before);
    server.join(&victim).await;
}

backend_tests! {
    no_endpoint_accesses_other_accounts,
    endpoints_require_a_valid_token,
    no_message_accesses_other_accounts,
    no_storage_operation_accesses_other_accounts,
}
