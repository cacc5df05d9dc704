//! A browser profile's storage, and what is done to it.

use std::collections::BTreeMap;

use wizitime::app::effect::{CacheWrite, DurableWrite};
use wizitime::app::input::Input;
use wizitime_domain::UserId;

use crate::cache::Cache;
use crate::mirror;

/// What is on a device's disk.
#[derive(Clone, Debug, Default)]
pub(crate) struct Disk {
    pub(crate) local_storage: BTreeMap<String, String>,
    pub(crate) mirror: BTreeMap<String, String>,
    pub(crate) archive: BTreeMap<String, String>,
    cache: Cache,
    /// What localStorage was given and has not written down: which key, and what was there before.
    pub(crate) unflushed: Vec<(String, Option<String>)>,
}

/// One thing to do to the disk.
#[derive(Clone, Debug)]
pub(crate) enum Deed {
    Store { key: String, value: String },
    Remove { key: String },
    Mirror(DurableWrite),
    ReadMirror,
    ReadArchive { user_id: UserId },
    LoadCache { user_id: UserId },
    WriteCache(CacheWrite),
    ClearCache,
}

impl Disk {
    /// Does it; answers whether localStorage is different, and what the tab hears.
    pub(crate) fn execute(&mut self, deed: &Deed, unflushed: bool) -> (bool, Option<Input>) {
        match deed {
            Deed::Store { key, value } => {
                let before = self.local_storage.insert(key.clone(), value.clone());
                let is_new = before.as_ref() != Some(value);
                if unflushed && is_new {
                    self.unflushed.push((key.clone(), before));
                }
                (is_new, None)
            }
            Deed::Remove { key } => {
                let before = self.local_storage.remove(key);
                let is_gone = before.is_some();
                if unflushed && is_gone {
                    self.unflushed.push((key.clone(), before));
                }
                (is_gone, None)
            }
            Deed::Mirror(write) => {
                let write = write.clone();
                (false, Some(mirror::change(&mut self.mirror, &mut self.archive, write)))
            }
            Deed::ReadMirror => {
                (false, Some(Input::DurableCopyRead { stored: Some(pairs(&self.mirror)) }))
            }
            Deed::ReadArchive { user_id } => {
                let (user_id, archived) = (*user_id, pairs(&self.archive));
                (false, Some(Input::ArchiveRead { user_id, archived }))
            }
            Deed::LoadCache { user_id } => {
                let (user_id, snapshot) = (*user_id, self.cache.snapshot());
                (false, Some(Input::CacheLoaded { user_id, snapshot }))
            }
            Deed::WriteCache(write) => {
                let fits = self.cache.write(write);
                let behind = Input::CacheOutdated { user_id: write.user_id };
                (false, (!fits).then_some(behind))
            }
            Deed::ClearCache => {
                self.cache = Cache::default();
                (false, None)
            }
        }
    }

    /// Everything in localStorage.
    pub(crate) fn stored(&self) -> Vec<(String, String)> {
        pairs(&self.local_storage)
    }

    /// The browser is killed: of what localStorage was given only the first `kept` changes are on
    /// disk.
    pub(crate) fn crash(&mut self, kept: usize) {
        for (key, before) in self.unflushed.drain(..).skip(kept).rev() {
            match before {
                Some(value) => self.local_storage.insert(key, value),
                None => self.local_storage.remove(&key),
            };
        }
        self.unflushed.clear();
    }
}

fn pairs(map: &BTreeMap<String, String>) -> Vec<(String, String)> {
    map.iter().map(|(key, value)| (key.clone(), value.clone())).collect()
}
