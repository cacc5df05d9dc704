//! The logs of all accounts, in memory: the storage of tests and of the simulator.

use std::collections::BTreeMap;

use wizitime_domain::{Entity, EntityKey, EpochId, EventId, Ledger, Timestamp, UserId};
use wizitime_protocol::messages::{BulkError, ChangesPage, ChangesPageRequest, PAGE_ENTITIES_MAX};

use crate::batch::{Accepted, Batch, Commit, Loaded};
use crate::session::Head;

#[derive(Clone, Debug, Default)]
struct Account {
    log: Vec<Accepted>,
    known: BTreeMap<EventId, u64>,
    ledger: Ledger,
    updated: BTreeMap<EntityKey, u64>,
}

/// The logs of all accounts, with the state that their events result in.
#[derive(Clone, Debug)]
pub struct MemoryLog {
    epoch: EpochId,
    accounts: BTreeMap<UserId, Account>,
}

impl MemoryLog {
    /// An empty log.
    pub const fn new(epoch: EpochId) -> Self {
        Self { epoch, accounts: BTreeMap::new() }
    }

    /// The same log under another epoch, as after a restore from a backup.
    #[must_use]
    pub fn with_epoch(mut self, epoch: EpochId) -> Self {
        self.epoch = epoch;
        self
    }

    /// The head of an account's log.
    pub fn head(&self, user_id: UserId) -> Head {
        let cursor = self.accounts.get(&user_id).map_or(0, |account| account.log.len() as u64);
        Head { epoch: self.epoch, cursor }
    }

    /// Appends a batch that is received at `now`, all or nothing.
    ///
    /// # Errors
    /// The error reply, if an event is rejected.
    pub fn append(
        &mut self,
        user_id: UserId,
        batch: Batch,
        now: Timestamp,
    ) -> Result<Commit, BulkError> {
        let account = self.accounts.entry(user_id).or_default();
        let needs = batch.needs();
        let mut ledger = Ledger::default();
        for key in &needs.keys {
            account.ledger.get(*key).into_iter().for_each(|entity| ledger.upsert(entity));
        }
        account.ledger.running().cloned().into_iter().for_each(|entry| {
            ledger.upsert(Entity::TimeEntry(entry));
        });
        let known =
            needs.event_ids.into_iter().filter(|id| account.known.contains_key(id)).collect();
        let commit = batch.plan(Loaded { cursor: account.log.len() as u64, known, ledger }, now)?;
        for (seq, entity) in &commit.changed {
            account.updated.insert(entity.key(), *seq);
            account.ledger.upsert(entity.clone());
        }
        for accepted in &commit.accepted {
            account.known.insert(accepted.event.envelope.id, accepted.seq);
            account.log.push(accepted.clone());
        }
        Ok(commit)
    }

    /// A page of the changes after a cursor.
    pub fn changes_page(&self, user_id: UserId, request: &ChangesPageRequest) -> ChangesPage {
        let empty = Account::default();
        let account = self.accounts.get(&user_id).unwrap_or(&empty);
        let head = account.log.len() as u64;
        let known_log = request.epoch == Some(self.epoch) && request.since <= head;
        let since = if known_log { request.since } else { 0 };
        let mut changed: Vec<(u64, EntityKey)> = account
            .updated
            .iter()
            .filter(|(_, seq)| **seq > since)
            .map(|(key, seq)| (*seq, *key))
            .collect();
        changed.sort_unstable();
        let limit = request.limit.clamp(1, PAGE_ENTITIES_MAX);
        // The entities that one event changed are never split between two pages.
        let last_seq = changed.get(limit - 1).map_or(head, |(seq, _)| *seq);
        let more = changed.last().is_some_and(|(seq, _)| *seq > last_seq);
        let mut page = ChangesPage::empty(self.epoch, if more { last_seq } else { head });
        page.more = more;
        for (_, key) in changed.iter().take_while(|(seq, _)| *seq <= last_seq) {
            account.ledger.get(*key).iter().for_each(|entity| page.push(entity));
        }
        page
    }

    /// The state that an account's events result in.
    pub fn ledger(&self, user_id: UserId) -> Ledger {
        self.accounts.get(&user_id).map_or_else(Ledger::default, |account| account.ledger.clone())
    }

    /// Whether an account's log contains this event.
    pub fn contains(&self, user_id: UserId, id: EventId) -> bool {
        self.accounts.get(&user_id).is_some_and(|account| account.known.contains_key(&id))
    }

    /// An account's events in the order of their sequence numbers.
    pub fn events(&self, user_id: UserId) -> &[Accepted] {
        self.accounts.get(&user_id).map_or(&[], |account| &account.log)
    }
}
