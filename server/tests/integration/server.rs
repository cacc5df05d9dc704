//! Tests that do not depend on the backend; they run on SQLite.

mod audit_log;
mod channels;
mod faults;
mod files;
mod handshake;
mod log;
mod mail;
#[cfg(unix)]
mod oidc_tls;
mod operations;
mod program;
mod receive_limits;
mod request_limits;
mod shutdown;

use tokio::sync::watch;
use wizitime_hub::{Job, JobResult};
use wizitime_server::{App, Jobs};

/// Requests for a changes page wait until the gate is open.
fn with_gated_changes_pages(app: App, gate: watch::Receiver<bool>) -> App {
    let storage = app.storage().clone();
    let jobs = Jobs::new(move |user_id, job| {
        let (storage, mut gate) = (storage.clone(), gate.clone());
        async move {
            if matches!(job, Job::ChangesPage(_)) {
                gate.wait_for(|open| *open).await.unwrap();
            }
            storage.head(user_id).await.map(JobResult::Head)
        }
    });
    app.with_jobs(jobs)
}
