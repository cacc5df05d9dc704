//! IndexedDB: the confirmed data of an account, as a browser keeps it.

use std::collections::BTreeMap;

use wizitime::app::effect::CacheWrite;
use wizitime::app::input::CacheSnapshot;
use wizitime_domain::{Entity, EntityKey, EpochId};

/// What is kept of an account.
#[derive(Clone, Debug, Default)]
pub(crate) struct Cache {
    extent: Option<(EpochId, u64)>,
    entities: BTreeMap<EntityKey, Entity>,
}

impl Cache {
    /// Whether the changes fit; nothing is written if not.
    pub(crate) fn write(&mut self, write: &CacheWrite) -> bool {
        match write.base {
            None => self.entities.clear(),
            base if base == self.extent => (),
            Some(_) => return false,
        }
        self.extent = Some((write.epoch, write.cursor));
        for entity in &write.entities {
            self.entities.insert(entity.key(), entity.clone());
        }
        true
    }

    pub(crate) fn snapshot(&self) -> Option<CacheSnapshot> {
        let (epoch, cursor) = self.extent?;
        Some(CacheSnapshot { epoch, cursor, entities: self.entities.values().cloned().collect() })
    }
}
