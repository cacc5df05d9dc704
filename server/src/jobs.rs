//! The database's work for a session: always exactly one result, whatever happens.

use std::fmt;
use std::pin::Pin;
use std::sync::Arc;

use tokio::task::{JoinError, JoinHandle};
use tracing::{Instrument as _, error, info, warn};
use wizitime_domain::UserId;
use wizitime_hub::{Job, JobError, JobResult};
use wizitime_protocol::messages::BULK_EVENT;

use crate::clock;
use crate::storage::{Storage, StorageError};

type Outcome = Result<JobResult, StorageError>;
type Work = Pin<Box<dyn Future<Output = Outcome> + Send>>;

/// Does jobs, each as a task of its own: it goes on if the connection that asked for it ends.
#[derive(Clone)]
pub struct Jobs(Arc<dyn Fn(UserId, Job) -> Work + Send + Sync>);

impl fmt::Debug for Jobs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Jobs")
    }
}

/// A job that was begun.
#[derive(Debug)]
pub struct RunningJob {
    user_id: UserId,
    outcome: JoinHandle<Outcome>,
}

impl Jobs {
    /// Does jobs with this function, which may fail and may even panic.
    pub fn new<W>(work: impl Fn(UserId, Job) -> W + Send + Sync + 'static) -> Self
    where
        W: Future<Output = Outcome> + Send + 'static,
    {
        Self(Arc::new(move |user_id, job| Box::pin(work(user_id, job))))
    }

    /// Does jobs on this database.
    pub fn on(storage: Storage) -> Self {
        Self::new(move |user_id, job| {
            let storage = storage.clone();
            async move { run(&storage, user_id, job).await }
        })
    }

    /// Begins a job.
    pub fn begin(&self, user_id: UserId, job: Job) -> RunningJob {
        let jobs = self.clone();
        let work = async move { (jobs.0)(user_id, job).await };
        RunningJob { user_id, outcome: tokio::spawn(work.in_current_span()) }
    }
}

impl RunningJob {
    /// The job's result, once it is there. Cancelling this does not cancel the job.
    pub async fn result(&mut self) -> JobResult {
        match (&mut self.outcome).await {
            Ok(Ok(result)) => result,
            Ok(Err(error)) => {
                warn!(user = %self.user_id, %error, "a job failed");
                JobResult::Failed(error.job_error())
            }
            Err(error) => {
                log_end(self.user_id, &error);
                JobResult::Failed(JobError::Internal)
            }
        }
    }
}

fn log_end(user_id: UserId, error: &JoinError) {
    error!(user = %user_id, %error, "a job ended without a result");
}

async fn run(storage: &Storage, user_id: UserId, job: Job) -> Outcome {
    match job {
        Job::Head => storage.head(user_id).await.map(JobResult::Head),
        Job::ChangesPage(request) => {
            storage.latest(user_id, &request).await.map(JobResult::ChangesPage)
        }
        Job::Append(batch) => {
            let answer = storage.append(user_id, batch, clock::now()).await?;
            match &answer {
                Ok(commit) => info!(
                    user = %user_id,
                    cursor = commit.cursor,
                    accepted = commit.accepted.len(),
                    "{BULK_EVENT} committed"
                ),
                Err(error) => info!(
                    user = %user_id,
                    reason = ?error.reason,
                    code = error.code,
                    index = error.index,
                    "{BULK_EVENT} rejected"
                ),
            }
            Ok(JobResult::Appended(answer))
        }
    }
}
