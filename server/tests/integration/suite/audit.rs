//! The table of audit events.

use serde_json::{Value, json};
use wizitime_domain::{Timestamp, UserId};
use wizitime_server::audit::{self, AuditEvent};
use wizitime_server::{
    AUDIT_EVENTS_MAX, AUDIT_LIFE_MS, AuditRow, Command, Config, Invocation, Storage, maintenance,
};
use wizitime_server_support::storage::open;
use wizitime_server_support::{Backend, PASSWORD, TestServer, backend_tests, credentials};

const EMAIL: &str = "me@nas";

/// The events of an account.
async fn events(server: &TestServer, token: &str) -> Vec<Value> {
    let bearer = format!("Bearer {token}");
    let response = server.get("/api/audit", &[("authorization", &bearer)]).await;
    assert_eq!(response.status, 200, "{response:?}");
    response.json()["events"].as_array().unwrap().clone()
}

/// The names of events, sorted: events of one millisecond have no order.
fn names(events: &[Value]) -> Vec<&str> {
    let mut names: Vec<_> = events.iter().map(|event| event["event"].as_str().unwrap()).collect();
    names.sort_unstable();
    names
}

async fn user_sees_the_events_of_the_own_account(backend: Backend) {
    let server = TestServer::start(backend).await;
    let account = server.sign_up(EMAIL).await;
    server.sign_up("you@nas").await;
    let second = server.sign_in(EMAIL).await;
    server.post("/api/sign_in", None, &credentials(EMAIL, "wrong horse")).await;
    server.post("/api/sign_in", None, &credentials("you@nas", "wrong horse")).await;
    let change = |password: &str| json!({"password": password, "new_password": "battery staple"});
    for password in ["wrong horse", PASSWORD] {
        server.post("/api/password", Some(&account.token), &change(password)).await;
    }
    server.post("/api/sign_out", Some(&second.token), &json!({})).await;
    let third = server.post("/api/sign_in", None, &credentials(EMAIL, "battery staple")).await;
    let third = third.json()["token"].as_str().unwrap().to_owned();
    server.post("/api/sign_out", Some(&third), &json!({})).await;
    let events = events(&server, &account.token).await;
    let expected = [
        "password_changed",
        "password_failed",
        "sign_in_failed",
        "signed_in",
        "signed_in",
        "signed_out",
        "signed_up",
    ];
    assert_eq!(names(&events), expected);
    for event in &events {
        assert_eq!(event["address"], "127.0.0.1");
        assert!(event["at"].as_i64().unwrap() > 1_600_000_000_000);
    }
}

/// What `wizitime-server audit` with these options prints.
async fn printed(database: &wizitime_server::Database, options: &str) -> String {
    let line = format!("audit {options}");
    let read = Invocation::read(line.split_whitespace().map(Into::into), []);
    let Ok(Invocation::Run { command: Command::Audit(command), config }) = read else {
        panic!("{line}: {read:?}")
    };
    let config = Config { database: database.clone(), ..*config };
    audit::run(&command, &config).await.unwrap()
}

async fn operator_sees_the_events_of_all_accounts(backend: Backend) {
    let server = TestServer::start(backend).await;
    let account = server.sign_up(EMAIL).await;
    server.sign_up("you@nas").await;
    server.post("/api/sign_in", None, &credentials("unknown@nas", "wrong horse")).await;
    let config = server.database.config();
    let all = printed(&config, "").await;
    let words = |line: &str| line.split_whitespace().skip(2).collect::<Vec<_>>().join(" ");
    let mut lines: Vec<_> = all.lines().map(words).collect();
    lines.sort_unstable();
    let expected =
        ["sign_in_failed 127.0.0.1 -", "signed_up 127.0.0.1 me@nas", "signed_up 127.0.0.1 you@nas"];
    assert_eq!(lines, expected);
    let own = printed(&config, "--user ME@nas").await;
    assert_eq!(own.lines().map(words).collect::<Vec<_>>(), expected[1..2]);
    let password = json!({"password": PASSWORD});
    server.post("/api/delete_account", Some(&account.token), &password).await;
    let all = printed(&config, "").await;
    assert!(!all.contains(EMAIL), "{all}");
    let deleted = format!("account_deleted 127.0.0.1 {}", account.user_id());
    assert!(all.lines().any(|line| words(line) == deleted), "{all}");
}

async fn restore_is_recorded(backend: Backend) {
    let database = backend.create_database().await;
    open(&database).await.close().await;
    let folder = tempfile::tempdir().unwrap();
    let backup = folder.path().join("wizitime.backup");
    let config = database.config();
    maintenance::backup(&config, &backup).await.unwrap();
    maintenance::restore(&config, &backup, true).await.unwrap();
    let printed = printed(&config, "").await;
    assert_eq!(printed.split_whitespace().skip(2).collect::<Vec<_>>(), ["restored", "-", "-"]);
}

async fn add(storage: &Storage, number: u32, event: AuditEvent, user: u8) {
    let mut id = [0; 16];
    id[..4].copy_from_slice(&number.to_be_bytes());
    let row = AuditRow {
        id,
        at: Timestamp::from_ms(i64::from(number)).unwrap(),
        event: event.name().into(),
        user_id: Some(UserId::from_bytes([user; 16])),
        address: None,
    };
    storage.add_audit_row(row).await.unwrap();
}

/// Guessing passwords must not displace what the owner did.
async fn events_of_each_kind_and_account_are_bounded(backend: Backend) {
    let database = backend.create_database().await;
    let storage = open(&database).await;
    add(&storage, 0, AuditEvent::SignedIn, 1).await;
    add(&storage, 0, AuditEvent::SignInFailed, 2).await;
    for number in 1..=AUDIT_EVENTS_MAX + 2 {
        add(&storage, number, AuditEvent::SignInFailed, 1).await;
    }
    let rows = storage.audit_rows_of(UserId::from_bytes([1; 16]), u32::MAX).await.unwrap();
    assert_eq!(rows.len() as u32, AUDIT_EVENTS_MAX + 1);
    assert_eq!(rows[0].at.as_ms(), i64::from(AUDIT_EVENTS_MAX) + 2);
    assert_eq!(rows.last().unwrap().event, "signed_in");
    let other = storage.audit_rows_of(UserId::from_bytes([2; 16]), u32::MAX).await.unwrap();
    assert_eq!(other.len(), 1);
    let at = Timestamp::from_ms(AUDIT_LIFE_MS + 1).unwrap();
    let late = AuditRow { id: [9; 16], at, ..rows[0].clone() };
    storage.add_audit_row(late).await.unwrap();
    let kept = storage.audit_rows(u32::MAX).await.unwrap();
    assert!(kept.iter().all(|row| row.at.as_ms() >= 1), "events are deleted after 90 days");
    assert_eq!(storage.audit_rows(2).await.unwrap().len(), 2);
}

backend_tests! {
    user_sees_the_events_of_the_own_account,
    operator_sees_the_events_of_all_accounts,
    restore_is_recorded,
    events_of_each_kind_and_account_are_bounded,
}
