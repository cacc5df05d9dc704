//! The shape of the records.

use serde::{Deserialize, Serialize};
use wizitime_domain::{Entity, EntityKey, EpochId, UserId};

use crate::effect::CacheWrite;
use crate::input::CacheSnapshot;

/// How far the copy goes; kept under the key `<user>/cursor`.
#[derive(Serialize, Deserialize)]
struct Extent {
    epoch: EpochId,
    cursor: u64,
}

const EXTENT: &str = "cursor";

/// The key under which it is kept how far the copy of an account goes.
pub(super) fn extent_key(user_id: UserId) -> String {
    key(user_id, EXTENT, "")
}

/// How far a copy goes.
pub(super) fn read_extent(text: &str) -> Option<(EpochId, u64)> {
    let Extent { epoch, cursor } = serde_json::from_str(text).ok()?;
    Some((epoch, cursor))
}

/// Keys and texts of what is to be written.
pub(super) fn to_records(write: &CacheWrite) -> Vec<(String, String)> {
    let user_id = write.user_id;
    let extent = Extent { epoch: write.epoch, cursor: write.cursor };
    let extent = serde_json::to_string(&extent).ok().map(|text| (extent_key(user_id), text));
    let entities = write.entities.iter().filter_map(|entity| {
        let (kind, id) = name(entity.key());
        Some((key(user_id, kind, &id), entity.to_json().ok()?))
    });
    entities.chain(extent).collect()
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
            EXTENT => extent = Some(serde_json::from_str(&text).ok()?),
            kind => entities.push(read(kind, &text)?),
        }
    }
    let Extent { epoch, cursor } = extent?;
    Some(CacheSnapshot { epoch, cursor, entities })
}

fn key(user_id: UserId, kind: &str, id: &str) -> String {
    format!("{user_id}/{kind}/{id}")
}

fn name(key: EntityKey) -> (&'static str, String) {
    match key {
        EntityKey::TimeEntry(id) => ("entry", id.to_string()),
        EntityKey::Project(id) => ("project", id.to_string()),
        EntityKey::Client(id) => ("client", id.to_string()),
        EntityKey::Task(id) => ("task", id.to_string()),
        EntityKey::Tag(id) => ("tag", id.to_string()),
        EntityKey::Settings => ("settings", String::new()),
    }
}

fn read(kind: &str, text: &str) -> Option<Entity> {
    use serde_json::from_str;
    use std::sync::Arc;
    match kind {
        "entry" => from_str(text).ok().map(|it| Entity::TimeEntry(Arc::new(it))),
        "project" => from_str(text).ok().map(|it| Entity::Project(Arc::new(it))),
        "client" => from_str(text).ok().map(|it| Entity::Client(Arc::new(it))),
        "task" => from_str(text).ok().map(|it| Entity::Task(Arc::new(it))),
        "tag" => from_str(text).ok().map(|it| Entity::Tag(Arc::new(it))),
        "settings" => from_str(text).ok().map(|it| Entity::Settings(Arc::new(it))),
        _ => None,
    }
}
