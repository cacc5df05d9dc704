//! The log of the program: request ids in both formats, and no secrets.

use serde_json::{Value, json};
use wizitime_server_support::events::{id, start};
use wizitime_server_support::{PASSWORD, PhoenixClient, credentials, request};

use super::program::Program;

const JSON: [&str; 4] = ["--log", "debug", "--log-format", "json"];
/// Then the ids of the test are accepted.
const PROXY: [&str; 2] = ["--trusted-proxies", "127.0.0.1"];

/// Signs up, opens a socket and sends an event. Returns the secrets that the log must not contain.
async fn use_program(program: &Program) -> Vec<String> {
    let body = credentials("ada@example.org", PASSWORD).to_string();
    let headers = [("content-type", "application/json"), ("x-request-id", "sign-up-1")];
    let response =
        request(program.address, "POST", "/api/sign_up?secret=q1", &headers, body.as_bytes()).await;
    assert_eq!(response.status, 201);
    let session = response.json();
    let token = session["token"].as_str().unwrap().to_owned();
    let channel = session["channel"].as_str().unwrap();
    let mut client = PhoenixClient::connect(program.address, &token, channel).await;
    client.join().await;
    let event = start(&id(), 1_000);
    let reference = client.push("BULK_EVENT", &json!({"events": [event]})).await;
    assert_eq!(client.reply(&reference).await.0, "ok");
    let missing = request(program.address, "GET", "/ada?token=q2", &[], b"").await;
    assert_eq!(missing.status, 404);
    let secrets = [&*token, PASSWORD, "ada@example.org", "q1", "q2", "?", "started_at", "/ada"];
    secrets.map(str::to_owned).into()
}

#[tokio::test]
async fn every_log_line_of_a_request_and_a_socket_has_its_id() {
    let program = Program::start(&[&JSON[..], &PROXY].concat()).await;
    let secrets = use_program(&program).await;
    let log = program.log().await;
    let lines: Vec<Value> =
        log.lines().map(|line| serde_json::from_str(line).expect("each line is JSON")).collect();
    let logged = |message: &str| {
        let line = lines.iter().find(|line| line["message"] == message);
        line.unwrap_or_else(|| panic!("{message} was not logged\n{log}"))
    };
    let audit = logged("audit");
    assert_eq!((&audit["event"], &audit["address"]), (&json!("signed_up"), &json!("127.0.0.1")));
    assert_eq!(audit["span"]["request_id"], "sign-up-1");
    let handled = logged("request handled");
    assert_eq!(handled["span"]["request_id"], "sign-up-1");
    assert_eq!(
        (&handled["method"], &handled["route"], &handled["status"]),
        (&json!("POST"), &json!("/api/sign_up"), &json!(201))
    );
    assert!(handled["duration_ms"].as_f64().unwrap() > 0.0);
    let socket = &logged("websocket opened")["span"]["request_id"];
    assert_eq!(socket.as_str().unwrap().len(), 32);
    for message in ["frame received", "push received", "BULK_EVENT committed"] {
        assert_eq!(&logged(message)["span"]["request_id"], socket, "{message}");
    }
    for secret in secrets {
        assert!(!log.contains(&secret), "{secret} is in the log\n{log}");
    }
}

#[tokio::test]
async fn text_log_has_request_ids() {
    let program = Program::start(&PROXY).await;
    use_program(&program).await;
    let log = program.log().await;
    let line = log.lines().find(|line| line.contains("event=signed_up")).unwrap();
    assert!(line.contains("request_id=sign-up-1"), "{line}");
    let line = log.lines().find(|line| line.contains("BULK_EVENT committed")).unwrap();
    assert!(line.contains("request_id="), "{line}");
    assert!(!log.contains("route=\"app\""), "files are logged at debug level only\n{log}");
}

#[tokio::test]
async fn first_start_explains_who_may_create_an_account() {
    for (registration, part) in [
        ("open", "everyone who reaches this server can create one"),
        ("invite", "`wizitime-server user invite EMAIL` prints the link"),
        ("closed", "`wizitime-server user add EMAIL` creates the first one"),
    ] {
        let log = Program::start(&["--registration", registration]).await.log().await;
        assert!(log.contains("no accounts yet") && log.contains(part), "{log}");
    }
}
