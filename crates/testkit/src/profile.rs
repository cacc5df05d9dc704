//! What a browser profile stores: localStorage, and the three stores in IndexedDB.

use std::collections::BTreeMap;

use wizitime::app::Input;
use wizitime::effects::DurableWrite;
use wizitime::sync::StorageKey;
use wizitime_domain::{EventId, UserId};

use crate::snapshot_cache::SnapshotCache;
use crate::step::DatabaseRequest;

/// The keys that mark discarded events.
const DISCARDED_PREFIX: &str = "wizi.discarded.";

/// A change of localStorage.
#[derive(Clone, Debug)]
pub enum StorageOp {
    Write { key: String, value: String },
    Remove { key: String },
}

impl StorageOp {
    pub fn key(&self) -> &str {
        let (Self::Write { key, .. } | Self::Remove { key }) = self;
        key
    }

    /// The event whose buffered or quarantined record is changed.
    pub fn event_id(&self) -> Option<EventId> {
        StorageKey::parse(self.key())?.event_id()
    }

    /// What the other tabs of the profile are notified of.
    pub fn peer_input(&self) -> Input {
        match self.clone() {
            Self::Write { key, value } => Input::PeerStored { key, value },
            Self::Remove { key } => Input::PeerRemoved { key },
        }
    }
}

/// A change of localStorage that is not on disk yet.
#[derive(Clone, Debug)]
pub struct Unflushed {
    pub at_ms: u64,
    pub key: String,
    /// The value before the change.
    pub before: Option<String>,
}

/// The stores of one browser profile.
#[derive(Clone, Debug, Default)]
pub struct Profile {
    pub local_storage: BTreeMap<String, String>,
    /// In the order of writing. localStorage reaches the disk some seconds after `setItem`.
    pub unflushed: Vec<Unflushed>,
    /// IndexedDB's copy of the buffer. A write is on disk when it has been executed.
    pub durable_copy: BTreeMap<String, String>,
    /// Acknowledged events, kept for a server that is restored from a backup.
    pub archive: BTreeMap<String, String>,
    pub caches: BTreeMap<UserId, SnapshotCache>,
}

impl Profile {
    /// Everything in localStorage.
    pub fn stored(&self) -> Vec<(String, String)> {
        pairs(&self.local_storage)
    }

    /// Changes localStorage at this time. Returns whether the stored value is different now.
    pub fn apply(&mut self, op: &StorageOp, at_ms: u64) -> bool {
        let key = op.key().to_owned();
        let (before, is_changed) = match op {
            StorageOp::Write { value, .. } => {
                let before = self.local_storage.insert(key.clone(), value.clone());
                let is_changed = before.as_ref() != Some(value);
                (before, is_changed)
            }
            StorageOp::Remove { .. } => {
                let before = self.local_storage.remove(&key);
                let is_changed = before.is_some();
                (before, is_changed)
            }
        };
        if is_changed {
            self.unflushed.push(Unflushed { at_ms, key, before });
        }
        is_changed
    }

    /// Executes a request to IndexedDB. Returns the reply, if the request has one.
    pub fn execute(&mut self, request: DatabaseRequest) -> Option<Input> {
        match request {
            DatabaseRequest::ReadDurableCopy => {
                Some(Input::DurableCopyRead { stored: Some(pairs(&self.durable_copy)) })
            }
            DatabaseRequest::WriteDurableCopy(write) => {
                let DurableWrite { puts, removes, archive_puts, archive_removes } = &write;
                replace(&mut self.durable_copy, removes, puts);
                replace(&mut self.archive, archive_removes, archive_puts);
                Some(Input::DurableCopyWritten { writes: vec![write] })
            }
            DatabaseRequest::ReadArchive(request) => {
                Some(Input::ArchiveRead { request, archived: Some(pairs(&self.archive)) })
            }
            DatabaseRequest::LoadCache { user_id } => {
                let snapshot = self.caches.get(&user_id).and_then(SnapshotCache::snapshot);
                Some(Input::CacheLoaded { user_id, snapshot })
            }
            DatabaseRequest::WriteCache(write) => {
                let user_id = write.user_id;
                let is_written = self.caches.entry(user_id).or_default().write(write);
                (!is_written).then_some(Input::CacheOutdated { user_id })
            }
            DatabaseRequest::ClearCache { user_id } => {
                self.caches.remove(&user_id);
                None
            }
        }
    }

    /// The reply to a request that IndexedDB refuses, as a browser without IndexedDB replies.
    pub fn refuse(request: &DatabaseRequest) -> Option<Input> {
        match request {
            DatabaseRequest::ReadDurableCopy => Some(Input::DurableCopyRead { stored: None }),
            DatabaseRequest::WriteDurableCopy(_) => Some(Input::DurableCopyFailed),
            DatabaseRequest::ReadArchive(request) => {
                Some(Input::ArchiveRead { request: *request, archived: None })
            }
            DatabaseRequest::LoadCache { user_id } => {
                Some(Input::CacheLoaded { user_id: *user_id, snapshot: None })
            }
            DatabaseRequest::WriteCache(_) | DatabaseRequest::ClearCache { .. } => None,
        }
    }

    /// The browser is killed: only the first `kept` unflushed changes are on disk.
    pub fn crash(&mut self, kept: usize) {
        for Unflushed { key, before, .. } in self.unflushed.drain(..).skip(kept).rev() {
            match before {
                Some(value) => self.local_storage.insert(key, value),
                None => self.local_storage.remove(&key),
            };
        }
        self.unflushed.clear();
    }

    /// The events that localStorage and the durable copy have in quarantine only: nothing tells the
    /// device of a retry.
    pub fn quarantined_in_both(&self) -> impl Iterator<Item = EventId> {
        self.local_storage.keys().filter_map(|key| {
            let StorageKey::Quarantine { id, .. } = StorageKey::parse(key)? else { return None };
            let name = id.to_string();
            let is_alone = |store: &BTreeMap<String, String>| {
                store.keys().filter(|it| it.ends_with(&name)).eq([key])
            };
            [&self.local_storage, &self.durable_copy].into_iter().all(is_alone).then_some(id)
        })
    }

    /// Whether any store has this event.
    pub fn holds(&self, id: EventId) -> bool {
        let name = id.to_string();
        let stores = [&self.local_storage, &self.durable_copy, &self.archive];
        let mut keys = stores.into_iter().flat_map(BTreeMap::keys);
        keys.any(|key| key.ends_with(&name) && !key.starts_with(DISCARDED_PREFIX))
    }
}

fn replace(store: &mut BTreeMap<String, String>, removes: &[String], puts: &[(String, String)]) {
    for key in removes {
        store.remove(key);
    }
    store.extend(puts.iter().cloned());
}

fn pairs(map: &BTreeMap<String, String>) -> Vec<(String, String)> {
    map.iter().map(|(key, value)| (key.clone(), value.clone())).collect()
}
