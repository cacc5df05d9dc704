//! Appends whose outcome the server does not know.

use serde_json::{Value, json};
use wizitime_domain::Timestamp;
use wizitime_hub::{Job, JobResult};
use wizitime_server::{App, Jobs, StorageError};
use wizitime_server_support::events::{id, start};
use wizitime_server_support::{Backend, TestServer, backend_tests};

/// Appends are committed, but their answer is lost.
fn without_answers(app: App) -> App {
    let storage = app.storage().clone();
    let jobs = Jobs::new(move |user_id, job| {
        let storage = storage.clone();
        async move {
            match job {
                Job::Head => storage.head(user_id).await.map(JobResult::Head),
                Job::ChangesPage(request) => {
                    storage.changes_page(user_id, &request).await.map(JobResult::ChangesPage)
                }
                Job::Append(batch) => {
                    let _ = storage.append(user_id, batch, Timestamp::MIN).await?;
                    Err(StorageError::TimedOut { waited_ms: 0 })
                }
            }
        }
    });
    app.with_jobs(jobs)
}

async fn committed_append_is_broadcast_although_its_answer_was_lost(backend: Backend) {
    let server = TestServer::start_with(backend, |_| (), without_answers).await;
    let account = server.sign_up("ada@example.org").await;
    let (mut sender, mut other) = (server.join(&account).await, server.join(&account).await);
    let events = json!({"events": [start(&id(), 1_000)]});
    let error = sender.request_error("BULK_EVENT", &events).await;
    assert_eq!(error["reason"], "unavailable");
    assert_eq!(other.next_broadcast().await, 1);
    assert_eq!(sender.next_broadcast().await, 1);
    let page = other.changes_page(&Value::Null, 0, 10).await;
    assert_eq!(page["time_entries"].as_array().unwrap().len(), 1);
    // The sender has gone offline before the answer.
    sender.push("BULK_EVENT", &json!({"events": [start(&id(), 2_000)]})).await;
    drop(sender);
    assert_eq!(other.next_broadcast().await, 2);
}

backend_tests! {
    committed_append_is_broadcast_although_its_answer_was_lost,
}
