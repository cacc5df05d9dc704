//! Limits on what an account writes.

use serde_json::{Value, json};
use wizitime_server::WriteLimits;
use wizitime_server_support::events::{id, start};
use wizitime_server_support::{Backend, PhoenixClient, TestServer, backend_tests};

async fn start_with(backend: Backend, limits: WriteLimits) -> TestServer {
    TestServer::start_with(backend, |config| config.write_limits = limits, |app| app).await
}

/// Pushes batches until one is refused. Returns the number of accepted batches, the refused batch,
/// and its error.
async fn push_until_refused(client: &mut PhoenixClient) -> (u64, [Value; 1], Value) {
    for accepted in 0..100 {
        let batch = [start(&id(), accepted * 1_000)];
        let (status, reply) = client.request("BULK_EVENT", &json!({"events": batch})).await;
        if status == "error" {
            return (accepted, batch, reply);
        }
    }
    panic!("nothing was refused");
}

async fn an_account_over_its_rate_is_refused_and_others_are_not(backend: Backend) {
    let limits = WriteLimits { bytes_per_minute: 5_000, ..WriteLimits::default() };
    let server = start_with(backend, limits).await;
    let mut ada = server.join(&server.sign_up("ada@example.org").await).await;
    let mut bob = server.join(&server.sign_up("bob@example.org").await).await;
    let (accepted, _, error) = push_until_refused(&mut ada).await;
    assert!(accepted > 2, "{accepted}");
    assert_eq!(error["reason"], "too_fast");
    let retry_after_ms = error["retry_after_ms"].as_u64().unwrap();
    assert!((1..=60_001).contains(&retry_after_ms), "{retry_after_ms}");
    bob.bulk(&[start(&id(), 1)]).await;
    // The socket stays open, and nothing of the refused batch is in the log.
    assert_eq!(ada.changes_page(&Value::Null, 0, 10).await["cursor"], accepted);
}

async fn an_account_over_its_quota_is_refused_and_keeps_its_log(backend: Backend) {
    let limits = WriteLimits { log_bytes: 5_000, ..WriteLimits::default() };
    let mut server = start_with(backend, limits).await;
    let account = server.sign_up("ada@example.org").await;
    let mut ada = server.join(&account).await;
    let known = start(&id(), 1);
    ada.bulk(std::slice::from_ref(&known)).await;
    let (accepted, refused, error) = push_until_refused(&mut ada).await;
    assert_eq!(error["reason"], "quota");
    assert!(error["retry_after_ms"].as_u64().unwrap() > 60_000);
    let cursor = accepted + 1;
    assert_eq!(ada.changes_page(&Value::Null, 0, 10).await["cursor"], cursor);
    // An event that is in the log already is confirmed: the client may have lost the reply.
    assert_eq!(ada.bulk(&[known]).await["cursor"], cursor);
    // A server with a larger quota measures the log and goes on.
    drop(ada);
    server.begin_shutdown();
    let database = server.stopped().await;
    let limits = WriteLimits { log_bytes: 5_500, ..WriteLimits::default() };
    let larger =
        TestServer::start_on(database, |config| config.write_limits = limits, |app| app).await;
    let mut ada = larger.join(&account).await;
    assert_eq!(ada.bulk(&refused).await["cursor"], cursor + 1);
    let (_, _, error) = push_until_refused(&mut ada).await;
    assert_eq!(error["reason"], "quota");
}

backend_tests! {
    an_account_over_its_rate_is_refused_and_others_are_not,
    an_account_over_its_quota_is_refused_and_keeps_its_log,
}
