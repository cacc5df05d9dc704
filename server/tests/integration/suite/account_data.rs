//! Password change, devices, export and account deletion.

use serde_json::{Value, json};
use wizitime_server::auth::ACCOUNT_LIMIT;
use wizitime_server_support::events::{id, start, stop};
use wizitime_server_support::{
    Account, Backend, DEVICE_ID, HttpResponse, PASSWORD, TestServer, backend_tests, credentials,
};

const NEW_PASSWORD: &str = "battery staple";
const PHONE: &str = "01890a5d-ac96-774b-bcce-b302099a8058";

async fn get(server: &TestServer, path: &str, token: &str) -> HttpResponse {
    server.get(path, &[("authorization", &format!("Bearer {token}"))]).await
}

/// Signs in on a second device.
async fn sign_in_on_phone(server: &TestServer, email: &str) -> Account {
    let credentials = json!({"email": email, "password": PASSWORD, "device_id": PHONE});
    let response = server.post("/api/sign_in", None, &credentials).await;
    Account::from_session(&response.json())
}

fn lines(export: &HttpResponse) -> Vec<Value> {
    let text = String::from_utf8(export.body.clone()).unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

async fn password_change_signs_out_other_sessions(backend: Backend) {
    let server = TestServer::start(backend).await;
    let mine = server.sign_up("ada@example.org").await;
    let other = server.sign_in("ada@example.org").await;
    let (mut my_socket, mut other_socket) = (server.join(&mine).await, server.join(&other).await);
    let change = json!({"password": PASSWORD, "new_password": NEW_PASSWORD});
    let response = server.post("/api/password", Some(&mine.token), &change).await;
    assert_eq!(response.status, 204);
    assert_eq!(other_socket.close_code().await, Some(1001));
    my_socket.request_ok("ping", &json!({"sent_at": 0})).await;
    assert_eq!(get(&server, "/api/session", &mine.token).await.status, 200);
    assert_eq!(get(&server, "/api/session", &other.token).await.status, 401);
    let old = server.post("/api/sign_in", None, &credentials("ada@example.org", PASSWORD)).await;
    assert_eq!(old.error(), "wrong_credentials");
    let new = credentials("ada@example.org", NEW_PASSWORD);
    assert_eq!(server.post("/api/sign_in", None, &new).await.status, 200);
}

async fn password_change_and_deletion_require_the_password(backend: Backend) {
    let server = TestServer::start(backend).await;
    let account = server.sign_up("ada@example.org").await;
    let token = Some(&*account.token);
    let short = json!({"password": PASSWORD, "new_password": "seven77"});
    let response = server.post("/api/password", token, &short).await;
    assert_eq!((response.status, &*response.error()), (422, "password_too_short"));
    let wrong = json!({"password": "wrong horse", "new_password": NEW_PASSWORD});
    for attempt in 0..=ACCOUNT_LIMIT.max {
        let path = if attempt % 2 == 0 { "/api/password" } else { "/api/delete_account" };
        let response = server.post(path, token, &wrong).await;
        let is_over = attempt == ACCOUNT_LIMIT.max;
        let expected = if is_over { (429, "too_many_attempts") } else { (403, "wrong_password") };
        assert_eq!((response.status, &*response.error()), expected, "attempt {attempt}");
    }
    for path in ["/api/password", "/api/delete_account"] {
        let response = server.post(path, None, &wrong).await;
        assert_eq!((response.status, &*response.error()), (401, "unauthorized"), "{path}");
    }
    assert_eq!(get(&server, "/api/session", &account.token).await.status, 200);
}

async fn device_can_be_signed_out_from_another(backend: Backend) {
    let server = TestServer::start(backend).await;
    let mine = server.sign_up("ada@example.org").await;
    let phone = sign_in_on_phone(&server, "ada@example.org").await;
    let stranger = server.sign_up("bob@example.org").await;
    let devices = get(&server, "/api/devices", &mine.token).await.json();
    let devices = devices["devices"].as_array().unwrap();
    let listed: Vec<_> =
        devices.iter().map(|it| (it["device_id"].as_str().unwrap(), &it["current"])).collect();
    assert_eq!(listed, [(DEVICE_ID, &json!(true)), (PHONE, &json!(false))]);
    assert!(devices[0]["expires_at"].as_i64() > devices[0]["signed_in_at"].as_i64());

    let (mut lost, mut kept) = (server.join(&phone).await, server.join(&mine).await);
    let sign_out = json!({"device_id": PHONE});
    // A user can sign out only their own devices.
    server.post("/api/sign_out", Some(&stranger.token), &sign_out).await;
    lost.request_ok("ping", &json!({"sent_at": 0})).await;
    let response = server.post("/api/sign_out", Some(&mine.token), &sign_out).await;
    assert_eq!(response.status, 204);
    assert_eq!(lost.close_code().await, Some(1001));
    kept.request_ok("ping", &json!({"sent_at": 0})).await;
    assert_eq!(get(&server, "/api/session", &phone.token).await.status, 401);
    let devices = get(&server, "/api/devices", &mine.token).await.json();
    assert_eq!(devices["devices"].as_array().unwrap().len(), 1);
}

async fn export_contains_all_data_of_the_account_only(backend: Backend) {
    let server = TestServer::start(backend).await;
    let (ada, bob) =
        (server.sign_up("ada@example.org").await, server.sign_up("bob@example.org").await);
    let (mut ada_client, mut bob_client) = (server.join(&ada).await, server.join(&bob).await);
    let (tea, cake) = (id(), id());
    let recorded = [start(&tea, 1_000), stop(&tea, 2_000)];
    ada_client.bulk(&recorded).await;
    bob_client.bulk(&[start(&cake, 1_000)]).await;
    let response = get(&server, "/api/export", &ada.token).await;
    assert_eq!(
        (response.status, response.header("content-type")),
        (200, Some("application/x-ndjson"))
    );
    assert_eq!(response.header("cache-control"), Some("no-store"));
    let lines = lines(&response);
    let kinds: Vec<&str> =
        lines.iter().map(|it| it.as_object().unwrap().keys().next().unwrap().as_str()).collect();
    assert_eq!(kinds, ["account", "device", "time_entry", "event", "event"]);
    assert_eq!(lines[0]["account"]["email"], "ada@example.org");
    assert_eq!(lines[2]["time_entry"]["stop"], json!({"at": 2_000, "by": "explicit"}));
    assert_eq!([&lines[3]["event"], &lines[4]["event"]], [&recorded[0], &recorded[1]]);
    assert_eq!((&lines[3]["seq"], &lines[4]["seq"]), (&json!(1), &json!(2)));
    assert_eq!(get(&server, "/api/export", "nonsense").await.status, 401);
}

async fn export_has_no_size_limit(backend: Backend) {
    let server = TestServer::start(backend).await;
    let account = server.sign_up("ada@example.org").await;
    let mut socket = server.join(&account).await;
    for batch in 0..5_u64 {
        let events: Vec<Value> =
            (0..500).map(|number| start(&id(), batch * 500 + number + 1)).collect();
        socket.bulk(&events).await;
    }
    let export = get(&server, "/api/export", &account.token).await;
    let lines = lines(&export);
    let count = |kind: &str| lines.iter().filter(|it| it.get(kind).is_some()).count();
    assert_eq!((count("event"), count("time_entry")), (2_500, 2_500));
}

async fn account_deletion_affects_only_that_account(backend: Backend) {
    let server = TestServer::start(backend).await;
    let (ada, bob) =
        (server.sign_up("ada@example.org").await, server.sign_up("bob@example.org").await);
    let (mut ada_client, mut bob_client) = (server.join(&ada).await, server.join(&bob).await);
    ada_client.bulk(&[start(&id(), 1_000)]).await;
    bob_client.bulk(&[start(&id(), 1_000)]).await;
    let password = json!({"password": PASSWORD});
    let response = server.post("/api/delete_account", Some(&ada.token), &password).await;
    assert_eq!(response.status, 204);
    assert_eq!(ada_client.close_code().await, Some(1001));
    assert_eq!(get(&server, "/api/session", &ada.token).await.status, 401);
    let response =
        server.post("/api/sign_in", None, &credentials("ada@example.org", PASSWORD)).await;
    assert_eq!(response.error(), "wrong_credentials");
    assert_eq!(lines(&get(&server, "/api/export", &bob.token).await).len(), 4);
    bob_client.request_ok("ping", &json!({"sent_at": 0})).await;

    let again = server.sign_up("ada@example.org").await;
    assert_ne!(again.channel, ada.channel, "a new account");
    assert_eq!(lines(&get(&server, "/api/export", &again.token).await).len(), 2);
}

backend_tests! {
    password_change_signs_out_other_sessions,
    password_change_and_deletion_require_the_password,
    device_can_be_signed_out_from_another,
    export_contains_all_data_of_the_account_only,
    export_has_no_size_limit,
    account_deletion_affects_only_that_account,
}
