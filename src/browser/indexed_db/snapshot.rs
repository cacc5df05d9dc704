//! The shape of the records.

use serde::{Deserialize, Serialize};
use wizitime_domain::json;
use wizitime_domain::{Entity, EpochId, UserId};

use crate::app::effect::CacheWrite;
use crate::app::input::CacheSnapshot;

/// How far the copy goes; kept under the key `<user>/cursor`.
#[derive(Serialize, Deserialize)]
struct Extent {
    epoch: EpochId,
    cursor: u64,
}

const EXTENT: &str = "cursor";

/// The key under which it is kept how far the copy of an account goes.
pub(super) fn extent_key(user_id: UserId) -> String {
    record_key(user_id, EXTENT, "")
}

/// How far a copy goes.
pub(super) fn read_extent(text: &str) -> Option<(EpochId, u64)> {
    let Extent { epoch, cursor } = json::from_str(text).ok()?;
    Some((epoch, cursor))
}

/// Keys and texts of what is to be written.
pub(super) fn to_records(write: &CacheWrite) -> Vec<(String, String)> {
    let user_id = write.user_id;
    let extent = Extent { epoch: write.epoch, cursor: write.cursor };
    let extent = (extent_key(user_id), json::to_string(&extent));
    let record = |entity: &Entity| {
        let key = entity.key();
        (record_key(user_id, key.kind(), &key.id()), entity.to_json().to_string())
    };
    write.entities.iter().map(record).chain([extent]).collect()
}

/// The copy that these records are; none if one of them cannot be read, because a part of the
/// data is worse than none.
pub(super) fn from_records(
    records: impl Iterator<Item = (String, String)>,
) -> Option<CacheSnapshot> {
    let mut extent: Option<Extent> = None;
    let mut entities = Vec::new();
    for (key, text) in records {
        let mut parts = key.split('/').skip(1);
        match parts.next()? {
            EXTENT => extent = Some(json::from_str(&text).ok()?),
            kind => entities.push(Entity::from_json(kind, &text).ok()?),
        }
    }
    let Extent { epoch, cursor } = extent?;
    Some(CacheSnapshot { epoch, cursor, entities })
}

fn record_key(user_id: UserId, kind: &str, id: &str) -> String {
    format!("{user_id}/{kind}/{id}")
}
