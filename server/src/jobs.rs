//! Runs the database jobs of hub sessions. Every job ends with exactly one result, also after a
//! panic.

use std::fmt;
use std::pin::Pin;
use std::sync::Arc;

use tokio::task::JoinHandle;
use tokio::time::Instant;
use tracing::{Instrument as _, error, info, warn};
use wizitime_domain::UserId;
use wizitime_hub::{Batch, Commit, Job, JobError, JobResult};
use wizitime_protocol::messages::{BULK_EVENT, BulkError};

use crate::clock;
use crate::metrics::{MessageKind, Metrics};
use crate::storage::{Storage, StorageError};
use crate::write_limiter::{WriteLimiter, WriteLimits};

type JobOutcome = Result<JobResult, StorageError>;
type JobFuture = Pin<Box<dyn Future<Output = JobOutcome> + Send>>;

/// Runs jobs, each in a task of its own, which continues if the connection ends.
#[derive(Clone)]
pub struct Jobs(Arc<dyn Fn(UserId, Job) -> JobFuture + Send + Sync>);

impl fmt::Debug for Jobs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Jobs")
    }
}

/// A job that was started.
#[derive(Debug)]
pub struct RunningJob {
    user_id: UserId,
    message: MessageKind,
    started: Instant,
    task: JoinHandle<JobOutcome>,
}

impl Jobs {
    /// Runs jobs with this function, which may fail or panic.
    pub fn new<W>(handler: impl Fn(UserId, Job) -> W + Send + Sync + 'static) -> Self
    where
        W: Future<Output = JobOutcome> + Send + 'static,
    {
        Self(Arc::new(move |user_id, job| Box::pin(handler(user_id, job))))
    }

    /// Runs jobs on this database, within the limits of each account.
    pub fn for_storage(storage: Storage, limits: WriteLimits) -> Self {
        let limiter = Arc::new(WriteLimiter::new(limits));
        Self::new(move |user_id, job| {
            let (storage, limiter) = (storage.clone(), limiter.clone());
            async move { run(&storage, &limiter, user_id, job).await }
        })
    }

    /// Starts a job.
    pub fn spawn(&self, user_id: UserId, job: Job) -> RunningJob {
        let jobs = self.clone();
        let (message, started) = (MessageKind::of(&job), Instant::now());
        let work = async move { (jobs.0)(user_id, job).await };
        RunningJob { user_id, message, started, task: tokio::spawn(work.in_current_span()) }
    }
}

impl RunningJob {
    /// Whether the job failed but may have appended to the log: the database may have committed
    /// before its answer was lost.
    pub(crate) fn may_have_appended(&self, result: &JobResult) -> bool {
        self.message == MessageKind::BulkEvent && matches!(result, JobResult::Failed(_))
    }

    /// Counts the finished job.
    pub(crate) fn record(&self, metrics: &Metrics, result: &JobResult) {
        metrics.record_job(self.message, self.started.elapsed(), result);
    }

    /// Waits for the job's result. Cancelling this future does not cancel the job.
    pub async fn result(&mut self) -> JobResult {
        match (&mut self.task).await {
            Ok(Ok(result)) => result,
            Ok(Err(error)) => {
                warn!(user = %self.user_id, %error, "job failed");
                JobResult::Failed(error.job_error())
            }
            Err(error) => {
                error!(user = %self.user_id, %error, "job panicked");
                JobResult::Failed(JobError::Internal)
            }
        }
    }
}

async fn run(storage: &Storage, limiter: &WriteLimiter, user_id: UserId, job: Job) -> JobOutcome {
    match job {
        Job::Head => storage.head(user_id).await.map(JobResult::Head),
        Job::ChangesPage(request) => {
            storage.changes_page(user_id, &request).await.map(JobResult::ChangesPage)
        }
        Job::Append(batch) => {
            let reply = append(storage, limiter, user_id, batch).await?;
            match &reply {
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
            Ok(JobResult::Appended(reply))
        }
    }
}

/// Appends a batch, if the account wrote little enough in the last minute and its log has room.
async fn append(
    storage: &Storage,
    limiter: &WriteLimiter,
    user_id: UserId,
    batch: Batch,
) -> Result<Result<Commit, BulkError>, StorageError> {
    let now = clock::now();
    if let Err(error) = limiter.take(user_id, batch.bytes(), now) {
        return Ok(Err(error));
    }
    let room_bytes = match limiter.room_bytes(user_id, now) {
        Some(room_bytes) => room_bytes,
        None => limiter.measured(user_id, storage.log_bytes(user_id).await?, now),
    };
    let reply = storage.append_within(user_id, batch, now, room_bytes).await?;
    if let Ok(commit) = &reply {
        limiter.appended(user_id, commit.bytes());
    }
    Ok(reply)
}
