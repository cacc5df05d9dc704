//! Storage of the previous version loads: every event keeps its status and is sent once, as the
//! same bytes (docs/TESTING.md#P12). The fixtures were written by the code of 9901752.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;
use wizitime::features::SyncBadge;
use wizitime::sync::record::Owner;
use wizitime_domain::{Entity, EntityKey, EpochId, EventId};
use wizitime_hub::Batch;

use crate::desk::{Desk, Disk, user};

const MINUTE_MS: u64 = 60_000;
const EPOCH: EpochId = EpochId::from_bytes([9; 16]);

/// One browser profile, and the server's log at that time.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Fixture {
    local_storage: BTreeMap<String, String>,
    /// The copy of the buffer in IndexedDB.
    buffer: BTreeMap<String, String>,
    archive: BTreeMap<String, String>,
    /// The copy of the confirmed data in IndexedDB, one record per entity.
    confirmed: BTreeMap<String, String>,
    log: Vec<String>,
}

impl Fixture {
    fn account() -> Self {
        serde_json::from_str(include_str!("../golden/storage-v0/account.json")).unwrap()
    }

    fn guest() -> Self {
        serde_json::from_str(include_str!("../golden/storage-v0/guest.json")).unwrap()
    }

    /// A server with the log, and a profile with the storage.
    fn desk(&self) -> Desk {
        let mut desk = Desk::empty();
        let payload = format!("{{\"events\":[{}]}}", self.log.join(","));
        desk.log.append(user(1), read_batch(&payload)).unwrap();
        let profile = desk.add_profile(None);
        desk.profiles[profile] = Disk {
            stored: self.local_storage.clone(),
            cache: self.cache(),
            mirror: Some(self.buffer.clone()),
            archive: self.archive.clone(),
            ..Disk::default()
        };
        desk
    }

    fn cache(&self) -> Option<(EpochId, u64, BTreeMap<EntityKey, Entity>)> {
        let mut entities = BTreeMap::new();
        for (key, text) in &self.confirmed {
            let kind = key.split('/').nth(1).unwrap();
            if kind != "cursor" {
                let entity = Entity::from_json(kind, text).unwrap();
                assert_eq!(entity.to_json().as_str(), text, "written as it was");
                entities.insert(entity.key(), entity);
            }
        }
        (!entities.is_empty()).then_some((EPOCH, self.log.len() as u64, entities))
    }

    /// The texts of the events under these keys, from localStorage and from its copy.
    fn events(&self, prefix: &str) -> BTreeSet<String> {
        let stored = self.local_storage.iter().chain(&self.buffer);
        stored.filter(|(key, _)| key.starts_with(prefix)).map(|(_, text)| text.clone()).collect()
    }
}

fn read_batch(payload: &str) -> Batch {
    Batch::parse(wizitime_domain::json::parse(payload).unwrap()).unwrap()
}

fn id(byte: u8) -> EventId {
    EventId::from_bytes([byte; 16])
}

/// The events that this version can read and has to send.
fn unsent(fixture: &Fixture) -> BTreeSet<String> {
    let own = fixture.events(&format!("wizi.event.{}.", user(1)));
    let is_readable = |text: &String| {
        text.ends_with('}') && !text.contains("FLY_TO_THE_MOON") && !text.contains("\"v\":2")
    };
    own.into_iter().filter(is_readable).collect()
}

#[test]
fn events_of_the_previous_version_keep_their_status() {
    let fixture = Fixture::account();
    let mut desk = fixture.desk();
    desk.online[0] = false;
    let tab = desk.open(0);
    desk.wait(MINUTE_MS);
    let state = desk.tabs[tab].client.state();
    assert_eq!(state.session.account().unwrap().token, "token-1");
    let waiting: BTreeSet<String> = state.events.waiting().map(|it| it.json.to_string()).collect();
    assert_eq!(waiting, unsent(&fixture), "also the one that only the durable copy had");
    let quarantined: Vec<_> = state.events.quarantined().collect();
    let expected = [
        (id(111), "unknown_entity", "This time entry does not exist."),
        (id(112), "depends", "This change builds on one that could not be accepted."),
        (id(113), "quota_exceeded", "Your plan has no room for this."),
    ];
    assert_eq!(quarantined.len(), expected.len());
    for (it, (id, code, message)) in quarantined.iter().zip(expected) {
        let reason = (it.reason.code.as_str(), it.reason.message.as_str());
        assert_eq!((it.event.id(), reason), (id, (code, message)));
        let stored = fixture.events(&format!("wizi.quarantine.{}.{id}", user(1)));
        assert!(stored.iter().any(|text| text.contains(it.event.json.as_str())), "{code}");
    }
    assert_eq!(state.events.newer_count(), 2);
    assert_eq!(state.events.corrupt_count, 3);
    assert_eq!(state.events.foreign_count(), 1);
    let titles = ["tea\t\u{1} é 0–5", "acknowledged 12–13", "waiting, edited 13–16"];
    assert_eq!(desk.shown(tab), titles);
    assert_eq!(desk.profiles[0].stored["theme"], "of another app");
}

#[test]
fn events_of_the_previous_version_are_sent_once_with_the_same_bytes() {
    let fixture = Fixture::account();
    let mut desk = fixture.desk();
    let tab = desk.open(0);
    desk.wait(5 * MINUTE_MS);
    let log: Vec<String> =
        desk.log.events(user(1)).iter().map(|it| it.event.json.clone()).collect();
    assert_eq!(log[..fixture.log.len()], fixture.log, "what was acknowledged is there once");
    let sent: BTreeSet<String> = log[fixture.log.len()..].iter().cloned().collect();
    assert_eq!(sent.len(), log.len() - fixture.log.len());
    let acknowledged: BTreeSet<String> = fixture.log.iter().cloned().collect();
    assert_eq!(sent, unsent(&fixture).difference(&acknowledged).cloned().collect());
    assert_eq!(desk.waiting(tab), 0);
    assert_eq!(desk.attention(tab), SyncBadge::NeedsAttention { count: 3 });
    // What another account or a newer version has to send stays.
    let prefix = format!("wizi.event.{}.", user(2));
    assert!(desk.profiles[0].stored.keys().any(|key| key.starts_with(&prefix)));
    assert!(desk.profiles[0].stored.values().any(|text| text.contains("FLY_TO_THE_MOON")));
}

#[test]
fn archived_events_of_the_previous_version_are_resent_to_a_restored_server() {
    let fixture = Fixture::account();
    let mut desk = fixture.desk();
    desk.log = wizitime_hub::MemoryLog::new(EpochId::from_bytes([10; 16]));
    desk.open(0);
    desk.wait(10 * MINUTE_MS);
    let log: BTreeSet<String> =
        desk.log.events(user(1)).iter().map(|it| it.event.json.clone()).collect();
    let mut expected: BTreeSet<String> = fixture.log.iter().cloned().collect();
    expected.extend(unsent(&fixture));
    assert_eq!(log, expected);
}

#[test]
fn guest_data_of_the_previous_version_loads() {
    let fixture = Fixture::guest();
    let mut desk = fixture.desk();
    let tab = desk.open(0);
    desk.wait(MINUTE_MS);
    let state = desk.tabs[tab].client.state();
    let waiting: BTreeSet<String> = state.events.waiting().map(|it| it.json.to_string()).collect();
    assert_eq!(waiting, fixture.events("wizi.event.guest."));
    assert!(state.events.waiting().all(|it| it.owner == Owner::Guest));
    assert_eq!(desk.shown(tab), ["guest work 0–5"]);
    assert_eq!(desk.attention(tab), SyncBadge::Guest);
}
