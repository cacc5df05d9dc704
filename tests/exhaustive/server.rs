//! The server: the real hub over a log in memory, which survives every crash.

use std::collections::{BTreeMap, BTreeSet};

use wizitime_domain::{EpochId, EventId, Ledger, UserId};
use wizitime_hub::{Job, JobResult, MemoryLog, Session};
use wizitime_protocol::messages::ChangesPageRequest;

/// The server's process and its disk.
#[derive(Clone, Debug)]
pub(crate) struct Server {
    pub(crate) log: MemoryLog,
    /// One session for each link; a crash ends them all.
    pub(crate) sessions: BTreeMap<u64, Session>,
    pub(crate) up: bool,
    /// Whether it says more than this version of the app knows.
    pub(crate) speaks_newer: bool,
    /// Whether it does not know the newest events, until the faults end.
    pub(crate) speaks_older: bool,
    /// The tokens that it refuses.
    pub(crate) revoked: BTreeSet<String>,
    /// The log as it was when it was backed up.
    pub(crate) backup: Option<MemoryLog>,
    pub(crate) was_restored: bool,
    /// The account's data at every commit of every life of the log.
    pub(crate) commits: BTreeMap<(EpochId, u64), Ledger>,
    /// The events that it ever refused.
    pub(crate) rejected: BTreeSet<EventId>,
    /// The most things that it puts on one page of news.
    pub(crate) page_max: usize,
}

impl Server {
    pub(crate) fn new(epoch: EpochId, user_id: UserId, page_max: usize) -> Self {
        let log = MemoryLog::new(epoch);
        let commits = BTreeMap::from([((epoch, 0), log.ledger(user_id))]);
        Self {
            log,
            sessions: BTreeMap::new(),
            up: true,
            speaks_newer: false,
            speaks_older: false,
            revoked: BTreeSet::new(),
            rejected: BTreeSet::new(),
            page_max,
            backup: None,
            was_restored: false,
            commits,
        }
    }

    /// What the storage answers to a job.
    pub(crate) fn answer(&mut self, user_id: UserId, job: Job) -> JobResult {
        match job {
            Job::Head => JobResult::Head(self.log.head(user_id)),
            Job::ChangesPage(request) => {
                let limit = request.limit.min(self.page_max);
                let request = ChangesPageRequest { limit, ..request };
                JobResult::ChangesPage(self.log.changes_page(user_id, &request))
            }
            Job::Append(batch) => {
                let result = self.log.append(user_id, batch);
                self.rejected.extend(result.as_ref().err().and_then(|error| error.id));
                if let Ok(commit) = &result {
                    let epoch = self.log.head(user_id).epoch;
                    self.commits.insert((epoch, commit.cursor), self.log.ledger(user_id));
                }
                JobResult::Appended(result)
            }
        }
    }
}
