//! For every endpoint and every message: it does nothing to what belongs to others, and says
//! nothing of it. A new one does not compile here until it is said what a stranger may try with it.

use serde_json::{Value, json};
use wizitime_domain::{Timestamp, UserId};
use wizitime_hub::{Batch, Job};
use wizitime_protocol::messages::ChangesPageRequest;
use wizitime_server::Endpoint;

use crate::client::Client;
use crate::events::{event, id, start, stop};
use crate::http::{Answer, request};
use crate::world::{Account, PASSWORD, World, credentials};

const OF_VICTIM: &str = "ada@example.org";
const OF_STRANGER: &str = "mallory@example.org";
const DEVICE_OF_VICTIM: &str = "01890a5d-ac96-774b-bcce-b302099a80aa";

/// What a stranger who is signed in asks in the hope to reach the victim, and the answer.
fn attempt(endpoint: Endpoint, victim: &Account) -> (Value, u16) {
    let user_id = victim.channel.strip_prefix("users:").unwrap();
    let (mut body, status) = match endpoint {
        Endpoint::SignUp => return (credentials(OF_VICTIM, PASSWORD), 409),
        Endpoint::SignIn => return (credentials(OF_VICTIM, "not the password"), 401),
        // The victim's device, which is none of the stranger's.
        Endpoint::SignOut => return (json!({"device_id": DEVICE_OF_VICTIM}), 204),
        Endpoint::Password => {
            (json!({"password": PASSWORD, "new_password": "battery staple"}), 204)
        }
        Endpoint::DeleteAccount => (json!({"password": PASSWORD}), 204),
        Endpoint::Session | Endpoint::SocketToken | Endpoint::Devices | Endpoint::Export => {
            (json!({}), 200)
        }
    };
    for (name, value) in [("user_id", user_id), ("email", OF_VICTIM), ("channel", &victim.channel)]
    {
        body[name] = json!(value);
    }
    (body, status)
}

async fn ask(world: &World, endpoint: Endpoint, token: &str, body: &Value) -> Answer {
    let bearer = format!("Bearer {token}");
    let path = format!("/api{}", endpoint.path());
    let headers = [("content-type", "application/json"), ("authorization", &*bearer)];
    let body = body.to_string();
    request(world.address, endpoint.method(), &path, &headers, body.as_bytes()).await
}

/// All that the victim can see of itself.
async fn belongings(world: &World, victim: &Account) -> Vec<Value> {
    let answer = ask(world, Endpoint::Export, &victim.token, &json!({})).await;
    assert_eq!(answer.status, 200, "the victim is signed in");
    let text = String::from_utf8(answer.body).unwrap();
    let mut lines: Vec<Value> =
        text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    lines[0]["account"]["exported_at"] = Value::Null;
    lines
}

async fn victim(world: &World) -> (Account, Client, String) {
    let mut body = credentials(OF_VICTIM, PASSWORD);
    body["device_id"] = json!(DEVICE_OF_VICTIM);
    let session = world.post("/api/sign_up", None, &body).await.json();
    let text = |name: &str| session[name].as_str().unwrap().to_owned();
    let account = Account { token: text("token"), channel: text("channel"), email: text("email") };
    let mut client = world.join(&account).await;
    let entry = id();
    client.bulk(&[start(&entry, 1_000)]).await;
    client.news().await;
    (account, client, entry)
}

#[tokio::test]
async fn no_endpoint_reaches_what_is_somebody_elses() {
    for endpoint in Endpoint::ALL {
        let world = World::new().await;
        let (victim, mut of_victim, entry) = victim(&world).await;
        let before = belongings(&world, &victim).await;
        let stranger = world.sign_up(OF_STRANGER).await;
        let (body, status) = attempt(endpoint, &victim);
        let answer = ask(&world, endpoint, &stranger.token, &body).await;
        assert_eq!(answer.status, status, "{endpoint:?}: {answer:?}");
        let told = String::from_utf8(answer.body).unwrap();
        let user_id = victim.channel.strip_prefix("users:").unwrap();
        for secret in [user_id, OF_VICTIM, &*victim.token, &*entry, DEVICE_OF_VICTIM] {
            assert!(!told.contains(secret), "{endpoint:?} says {secret}: {told}");
        }
        assert_eq!(belongings(&world, &victim).await, before, "{endpoint:?}");
        of_victim.ask_ok("ping", &json!({"sent_at": 0})).await;
        let again = world.post("/api/sign_in", None, &credentials(OF_VICTIM, PASSWORD)).await;
        assert_eq!(again.status, 200, "{endpoint:?}: the password is still the victim's");
    }
}

#[tokio::test]
async fn no_endpoint_answers_who_is_nobody() {
    let world = World::new().await;
    let (victim, ..) = victim(&world).await;
    let before = belongings(&world, &victim).await;
    for endpoint in Endpoint::ALL {
        // These are for those who are not signed in.
        if matches!(endpoint, Endpoint::SignUp | Endpoint::SignIn) {
            continue;
        }
        let (body, _) = attempt(endpoint, &victim);
        for token in ["", "nonsense", victim.channel.as_str()] {
            let answer = ask(&world, endpoint, token, &body).await;
            assert_eq!((answer.status, &*answer.error()), (401, "unauthorized"), "{endpoint:?}");
        }
    }
    assert_eq!(belongings(&world, &victim).await, before);
}

/// What a stranger may say of the victim's things: all that names one.
fn of_others(entry: &str, project: &str, tag: &str) -> Vec<Value> {
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

#[tokio::test]
async fn no_message_reaches_what_is_somebody_elses() {
    let world = World::new().await;
    let (victim, mut of_victim, entry) = victim(&world).await;
    let (project, tag) = (id(), id());
    let project_made = json!({
        "project_id": project, "name": "Secret", "color": "teal", "client_id": null,
        "billable": false,
    });
    let tag_made = json!({"tag_id": tag, "name": "Secret"});
    let made = [event("CREATE_PROJECT", &project_made), event("CREATE_TAG", &tag_made)];
    of_victim.bulk(&made).await;
    of_victim.news().await;
    let before = of_victim.latest(&Value::Null, 0, 100).await;
    let stranger = world.sign_up(OF_STRANGER).await;
    let mut of_stranger = world.join(&stranger).await;
    let request = ChangesPageRequest { epoch: None, since: 0, limit: 1 };
    let nothing = Batch::parse(wizitime_domain::json::parse(r#"{"events":[]}"#).unwrap()).unwrap();
    for job in [Job::Head, Job::Append(nothing), Job::ChangesPage(request)] {
        match job {
            Job::Head => {
                let mut intruder = world.connect(&stranger).await;
                intruder.topic.clone_from(&victim.channel);
                let params = json!({"device_id": DEVICE_OF_VICTIM, "client_version": "1"});
                let (status, response) = intruder.try_join(&params).await;
                assert_eq!((&*status, response), ("error", json!({"reason": "unauthorized"})));
                let asked = json!({"epoch": null, "since": 0, "limit": 10});
                for (name, payload) in [
                    ("BULK_EVENT", json!({"events": [stop(&entry, 2_000)]})),
                    ("GET_LATEST_TIME_ENTRIES", asked),
                    ("ping", json!({"sent_at": 0})),
                ] {
                    let refused = intruder.ask_error(name, &payload).await;
                    assert_eq!(refused, json!({"reason": "unmatched topic"}), "{name}");
                }
            }
            Job::Append(_) => {
                for tried in of_others(&entry, &project, &tag) {
                    let payload = json!({"events": [tried], "user_id": victim.channel});
                    let refused = of_stranger.ask_error("BULK_EVENT", &payload).await;
                    let found = [&refused["reason"], &refused["code"]];
                    assert_eq!(found, ["rejected", "unknown_entity"], "{tried}");
                }
                // The victim's ids are free for a stranger, to whom they name other things.
                of_stranger.bulk(&[start(&entry, 9_000)]).await;
            }
            Job::ChangesPage(_) => {
                let page = of_stranger.latest(&before["epoch"], 0, 100).await;
                assert!(!page.to_string().contains("Secret"), "{page}");
                assert_eq!(page["time_entries"][0]["started_at"], 9_000);
            }
        }
    }
    // Nothing came to the victim in between either: the next frame is the answer.
    let reference = of_victim.push("ping", &json!({"sent_at": 0})).await;
    assert_eq!(of_victim.next().await[1], json!(reference));
    assert_eq!(of_victim.latest(&Value::Null, 0, 100).await, before);
}

#[tokio::test]
async fn no_work_of_the_database_reaches_what_is_somebody_elses() {
    let world = World::new().await;
    let (victim, mut of_victim, _) = victim(&world).await;
    let before = of_victim.latest(&Value::Null, 0, 100).await;
    let nobody = UserId::from_bytes([9; 16]);
    let storage = world.app.storage();
    assert_eq!(storage.head(nobody).await.unwrap().cursor, 0);
    let request = ChangesPageRequest { epoch: None, since: 0, limit: 10 };
    let page = storage.latest(nobody, &request).await.unwrap();
    assert_eq!(page.into_entities().len(), 0);
    assert_eq!(storage.events(nobody, 0, 10).await.unwrap(), []);
    assert_eq!(storage.devices(nobody, Timestamp::MIN).await.unwrap(), []);
    storage.delete_account(nobody).await.unwrap();
    assert_eq!(of_victim.latest(&Value::Null, 0, 100).await, before);
    world.join(&victim).await;
}
