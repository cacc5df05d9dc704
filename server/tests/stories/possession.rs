//! What belongs to somebody: their password, their devices, their data, their account.

use serde_json::{Value, json};
use wizitime_server::auth::ATTEMPTS_MAX;

use crate::events::{id, start, stop};
use crate::http::Answer;
use crate::world::{Account, PASSWORD, World, credentials};

const NEW_PASSWORD: &str = "battery staple";
const PHONE: &str = "01890a5d-ac96-774b-bcce-b302099a8058";

async fn get(world: &World, path: &str, token: &str) -> Answer {
    world.get(path, &[("authorization", &format!("Bearer {token}"))]).await
}

/// Signs in on another device than all the others.
async fn on_phone(world: &World, email: &str) -> Account {
    let credentials = json!({"email": email, "password": PASSWORD, "device_id": PHONE});
    let answer = world.post("/api/sign_in", None, &credentials).await;
    let session = answer.json();
    let text = |name: &str| session[name].as_str().unwrap().to_owned();
    Account { token: text("token"), channel: text("channel"), email: text("email") }
}

fn lines(export: &Answer) -> Vec<Value> {
    let text = String::from_utf8(export.body.clone()).unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[tokio::test]
async fn another_password_signs_everybody_else_out() {
    let world = World::new().await;
    let mine = world.sign_up("ada@example.org").await;
    let other = world.sign_in("ada@example.org").await;
    let (mut my_socket, mut other_socket) = (world.join(&mine).await, world.join(&other).await);
    let change = json!({"password": PASSWORD, "new_password": NEW_PASSWORD});
    let answer = world.post("/api/password", Some(&mine.token), &change).await;
    assert_eq!(answer.status, 204);
    assert_eq!(other_socket.close_code().await, Some(1001));
    my_socket.ask_ok("ping", &json!({"sent_at": 0})).await;
    assert_eq!(get(&world, "/api/session", &mine.token).await.status, 200);
    assert_eq!(get(&world, "/api/session", &other.token).await.status, 401);
    let old = world.post("/api/sign_in", None, &credentials("ada@example.org", PASSWORD)).await;
    assert_eq!(old.error(), "wrong_credentials");
    let new = credentials("ada@example.org", NEW_PASSWORD);
    assert_eq!(world.post("/api/sign_in", None, &new).await.status, 200);
}

#[tokio::test]
async fn nobody_changes_or_deletes_anything_with_a_token_alone() {
    let world = World::new().await;
    let account = world.sign_up("ada@example.org").await;
    let token = Some(&*account.token);
    let short = json!({"password": PASSWORD, "new_password": "seven77"});
    let answer = world.post("/api/password", token, &short).await;
    assert_eq!((answer.status, &*answer.error()), (422, "password_too_short"));
    let wrong = json!({"password": "wrong horse", "new_password": NEW_PASSWORD});
    for attempt in 0..=ATTEMPTS_MAX {
        let path = if attempt % 2 == 0 { "/api/password" } else { "/api/delete_account" };
        let answer = world.post(path, token, &wrong).await;
        let expected = match attempt {
            ATTEMPTS_MAX => (429, "too_many_attempts"),
            _ => (403, "wrong_password"),
        };
        assert_eq!((answer.status, &*answer.error()), expected, "attempt {attempt}");
    }
    for path in ["/api/password", "/api/delete_account"] {
        let answer = world.post(path, None, &wrong).await;
        assert_eq!((answer.status, &*answer.error()), (401, "unauthorized"), "{path}");
    }
    assert_eq!(get(&world, "/api/session", &account.token).await.status, 200);
}

#[tokio::test]
async fn a_lost_device_is_signed_out_from_another() {
    let world = World::new().await;
    let mine = world.sign_up("ada@example.org").await;
    let phone = on_phone(&world, "ada@example.org").await;
    let stranger = world.sign_up("bob@example.org").await;
    let devices = get(&world, "/api/devices", &mine.token).await.json();
    let devices = devices["devices"].as_array().unwrap();
    let told: Vec<_> =
        devices.iter().map(|it| (it["device_id"].as_str().unwrap(), &it["current"])).collect();
    assert_eq!(told, [(crate::world::DEVICE, &json!(true)), (PHONE, &json!(false))]);
    assert!(devices[0]["expires_at"].as_i64() > devices[0]["signed_in_at"].as_i64());

    let (mut lost, mut kept) = (world.join(&phone).await, world.join(&mine).await);
    let sign_out = json!({"device_id": PHONE});
    // It is no device of this person.
    world.post("/api/sign_out", Some(&stranger.token), &sign_out).await;
    lost.ask_ok("ping", &json!({"sent_at": 0})).await;
    let answer = world.post("/api/sign_out", Some(&mine.token), &sign_out).await;
    assert_eq!(answer.status, 204);
    assert_eq!(lost.close_code().await, Some(1001));
    kept.ask_ok("ping", &json!({"sent_at": 0})).await;
    assert_eq!(get(&world, "/api/session", &phone.token).await.status, 401);
    let devices = get(&world, "/api/devices", &mine.token).await.json();
    assert_eq!(devices["devices"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn all_that_somebody_has_can_be_taken_along_and_nothing_of_others() {
    let world = World::new().await;
    let (ada, bob) =
        (world.sign_up("ada@example.org").await, world.sign_up("bob@example.org").await);
    let (mut of_ada, mut of_bob) = (world.join(&ada).await, world.join(&bob).await);
    let (tea, cake) = (id(), id());
    let recorded = [start(&tea, 1_000), stop(&tea, 2_000)];
    of_ada.bulk(&recorded).await;
    of_bob.bulk(&[start(&cake, 1_000)]).await;
    let answer = get(&world, "/api/export", &ada.token).await;
    assert_eq!((answer.status, answer.header("content-type")), (200, Some("application/x-ndjson")));
    assert_eq!(answer.header("cache-control"), Some("no-store"));
    let lines = lines(&answer);
    let kinds: Vec<&str> =
        lines.iter().map(|it| it.as_object().unwrap().keys().next().unwrap().as_str()).collect();
    assert_eq!(kinds, ["account", "device", "time_entry", "event", "event"]);
    assert_eq!(lines[0]["account"]["email"], "ada@example.org");
    assert_eq!(lines[2]["time_entry"]["stop"], json!({"at": 2_000, "by": "explicit"}));
    assert_eq!([&lines[3]["event"], &lines[4]["event"]], [&recorded[0], &recorded[1]]);
    assert_eq!((&lines[3]["seq"], &lines[4]["seq"]), (&json!(1), &json!(2)));
    assert_eq!(get(&world, "/api/export", "nonsense").await.status, 401);
}

#[tokio::test]
async fn an_export_is_as_long_as_it_has_to_be() {
    let world = World::new().await;
    let account = world.sign_up("ada@example.org").await;
    let mut socket = world.join(&account).await;
    for batch in 0..5_u64 {
        let events: Vec<Value> =
            (0..500).map(|number| start(&id(), batch * 500 + number + 1)).collect();
        socket.bulk(&events).await;
    }
    let export = get(&world, "/api/export", &account.token).await;
    let lines = lines(&export);
    let count = |kind: &str| lines.iter().filter(|it| it.get(kind).is_some()).count();
    assert_eq!((count("event"), count("time_entry")), (2_500, 2_500));
}

#[tokio::test]
async fn a_deleted_account_is_gone_and_its_neighbour_is_not() {
    let world = World::new().await;
    let (ada, bob) =
        (world.sign_up("ada@example.org").await, world.sign_up("bob@example.org").await);
    let (mut of_ada, mut of_bob) = (world.join(&ada).await, world.join(&bob).await);
    of_ada.bulk(&[start(&id(), 1_000)]).await;
    of_bob.bulk(&[start(&id(), 1_000)]).await;
    let password = json!({"password": PASSWORD});
    let answer = world.post("/api/delete_account", Some(&ada.token), &password).await;
    assert_eq!(answer.status, 204);
    assert_eq!(of_ada.close_code().await, Some(1001));
    assert_eq!(get(&world, "/api/session", &ada.token).await.status, 401);
    let answer = world.post("/api/sign_in", None, &credentials("ada@example.org", PASSWORD)).await;
    assert_eq!(answer.error(), "wrong_credentials");
    assert_eq!(lines(&get(&world, "/api/export", &bob.token).await).len(), 4);
    of_bob.ask_ok("ping", &json!({"sent_at": 0})).await;

    let again = world.sign_up("ada@example.org").await;
    assert_ne!(again.channel, ada.channel, "it is another account");
    assert_eq!(lines(&get(&world, "/api/export", &again.token).await).len(), 2);
}
