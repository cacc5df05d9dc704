//! The server: the real hub over a log in memory, which survives every crash.

use std::collections::{BTreeMap, BTreeSet};

use wizitime_domain::{EpochId, Ledger, UserId};
use wizitime_hub::{MemoryLog, Session};

/// The server's process and its disk.
#[derive(Clone, Debug)]
pub(crate) struct Server {
    pub(crate) log: MemoryLog,
    /// One session for each link; a crash ends them all.
    pub(crate) sessions: BTreeMap<u64, Session>,
    pub(crate) up: bool,
    /// The tokens that it refuses.
    pub(crate) revoked: BTreeSet<String>,
    /// The log as it was when it was backed up.
    pub(crate) backup: Option<MemoryLog>,
    /// The account's data at every commit of every life of the log.
    pub(crate) commits: BTreeMap<(EpochId, u64), Ledger>,
}

impl Server {
    pub(crate) fn new(epoch: EpochId, user_id: UserId) -> Self {
        let log = MemoryLog::new(epoch);
        let commits = BTreeMap::from([((epoch, 0), log.ledger(user_id))]);
        let (sessions, revoked) = (BTreeMap::new(), BTreeSet::new());
        Self { log, sessions, up: true, revoked, backup: None, commits }
    }
}
