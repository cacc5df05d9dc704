//! The snapshot cache in IndexedDB: one account's confirmed data.

use std::collections::BTreeMap;

use wizitime::app::input::CacheSnapshot;
use wizitime::effects::CacheWrite;
use wizitime_domain::{Entity, EntityKey, EpochId};

/// The confirmed data of one account up to a cursor.
#[derive(Clone, Debug, Default)]
pub struct SnapshotCache {
    position: Option<(EpochId, u64)>,
    entities: BTreeMap<EntityKey, Entity>,
}

impl SnapshotCache {
    /// Applies a write. Returns false, and changes nothing, if it was made for another position.
    pub fn write(&mut self, write: CacheWrite) -> bool {
        match write.base {
            None => self.entities.clear(),
            base if base == self.position => (),
            Some(_) => return false,
        }
        self.position = Some((write.epoch, write.cursor));
        self.entities.extend(write.entities.into_iter().map(|entity| (entity.key(), entity)));
        true
    }

    /// The content; `None` if nothing was ever written.
    pub fn snapshot(&self) -> Option<CacheSnapshot> {
        let (epoch, cursor) = self.position?;
        Some(CacheSnapshot { epoch, cursor, entities: self.entities.values().cloned().collect() })
    }
}
