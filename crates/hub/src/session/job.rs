//! Database work that a session requests.

use wizitime_domain::EpochId;
use wizitime_protocol::messages::{BulkError, ChangesPage, ChangesPageRequest};

use crate::batch::{Batch, Commit};

/// The epoch of an account's log and the cursor of its last event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Head {
    pub epoch: EpochId,
    pub cursor: u64,
}

/// Database work for the session's own user.
#[derive(Clone, Debug)]
pub enum Job {
    /// Read the head of the log.
    Head,
    /// Append a batch to the log.
    Append(Batch),
    /// Read a page of changes.
    ChangesPage(ChangesPageRequest),
}

/// The result of a job.
#[derive(Clone, Debug)]
pub enum JobResult {
    Head(Head),
    /// The batch was appended, or rejected with this error.
    Appended(Result<Commit, BulkError>),
    ChangesPage(ChangesPage),
    /// The job failed. An append may have been committed all the same: the client sends it again.
    Failed(JobError),
}

/// Why a job failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum JobError {
    /// The database is locked, full or unreachable: retry later.
    Unavailable,
    /// A bug: the job panicked or the database answered what it never should.
    Internal,
}
