//! The records of the snapshot cache.

use serde::{Deserialize, Serialize};
use wizitime_domain::json;
use wizitime_domain::{Entity, EpochId, UserId};

use crate::app::input::CacheSnapshot;
use crate::effects::CacheWrite;

/// The position of the snapshot in the server's log; stored under the key `<user>/cursor`.
#[derive(Serialize, Deserialize)]
struct CacheHeader {
    epoch: EpochId,
    cursor: u64,
}

const HEADER: &str = "cursor";

/// The key of the header of an account's snapshot.
pub(super) fn header_key(user_id: UserId) -> String {
    record_key(user_id, HEADER, "")
}

/// The position of a snapshot.
pub(super) fn read_header(text: &str) -> Option<(EpochId, u64)> {
    let CacheHeader { epoch, cursor } = json::from_str(text).ok()?;
    Some((epoch, cursor))
}

/// Keys and values to write.
pub(super) fn to_records(write: &CacheWrite) -> Vec<(String, String)> {
    let user_id = write.user_id;
    let header = CacheHeader { epoch: write.epoch, cursor: write.cursor };
    let header = (header_key(user_id), json::to_string(&header));
    let record = |entity: &Entity| {
        let key = entity.key();
        (record_key(user_id, key.kind(), &key.id()), entity.to_json().to_string())
    };
    write.entities.iter().map(record).chain([header]).collect()
}

/// The snapshot in these records. None if one of them cannot be read: a part is worse than none.
pub(super) fn from_records(
    records: impl Iterator<Item = (String, String)>,
) -> Option<CacheSnapshot> {
    let mut header: Option<CacheHeader> = None;
    let mut entities = Vec::new();
    for (key, text) in records {
        let mut parts = key.split('/').skip(1);
        match parts.next()? {
            HEADER => header = Some(json::from_str(&text).ok()?),
            kind => entities.push(Entity::from_json(kind, &text).ok()?),
        }
    }
    let CacheHeader { epoch, cursor } = header?;
    Some(CacheSnapshot { epoch, cursor, entities })
}

fn record_key(user_id: UserId, kind: &str, id: &str) -> String {
    format!("{user_id}/{kind}/{id}")
}
