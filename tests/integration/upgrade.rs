//! Storage of the previous version loads: every event keeps its status and is sent once, as the
//! same bytes (docs/TESTING.md#P12). The fixtures were written by the code of 9901752.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;
use wizitime::effects::CacheWrite;
use wizitime::features::SyncBadge;
use wizitime::store::record::Owner;
use wizitime_domain::{Entity, EpochId, EventId, Timestamp};
use wizitime_hub::Batch;
use wizitime_testkit::{Profile, SnapshotCache};

use crate::test_bed::{TestBed, user};

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
    fn test_bed(&self) -> TestBed {
        let mut bed = TestBed::empty();
        let payload = format!("{{\"events\":[{}]}}", self.log.join(","));
        bed.log_mut().append(user(1), read_batch(&payload), Timestamp::MAX).unwrap();
        let profile = bed.add_profile(None);
        let mut caches = BTreeMap::new();
        caches.extend(self.cache().map(|cache| (user(1), cache)));
        *bed.profile(profile) = Profile {
            local_storage: self.local_storage.clone(),
            durable_copy: self.buffer.clone(),
            archive: self.archive.clone(),
            caches,
            ..Profile::default()
        };
        bed
    }

    fn cache(&self) -> Option<SnapshotCache> {
        let mut entities = Vec::new();
        for (key, text) in &self.confirmed {
            let kind = key.split('/').nth(1).unwrap();
            if kind != "cursor" {
                let entity = Entity::from_json(kind, text).unwrap();
                assert_eq!(entity.to_json().as_str(), text, "written as it was");
                entities.push(entity);
            }
        }
        let mut cache = SnapshotCache::default();
        let (user_id, cursor) = (user(1), self.log.len() as u64);
        let write = CacheWrite { user_id, epoch: EPOCH, cursor, entities, base: None };
        (!write.entities.is_empty() && cache.write(write)).then_some(cache)
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
    let mut bed = fixture.test_bed();
    bed.set_online(0, false);
    let tab = bed.open(0);
    bed.wait(MINUTE_MS);
    let state = bed.state(tab);
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
    assert_eq!(bed.shown(tab), titles);
    assert_eq!(bed.profile(0).local_storage["theme"], "of another app");
}

#[test]
fn events_of_the_previous_version_are_sent_once_with_the_same_bytes() {
    let fixture = Fixture::account();
    let mut bed = fixture.test_bed();
    let tab = bed.open(0);
    bed.wait(5 * MINUTE_MS);
    let log: Vec<String> =
        bed.log().events(user(1)).iter().map(|it| it.event.json.clone()).collect();
    assert_eq!(log[..fixture.log.len()], fixture.log, "acknowledged events are there once");
    let sent: BTreeSet<String> = log[fixture.log.len()..].iter().cloned().collect();
    assert_eq!(sent.len(), log.len() - fixture.log.len());
    let acknowledged: BTreeSet<String> = fixture.log.iter().cloned().collect();
    assert_eq!(sent, unsent(&fixture).difference(&acknowledged).cloned().collect());
    assert_eq!(bed.waiting(tab), 0);
    assert_eq!(bed.badge(tab), SyncBadge::NeedsAttention { count: 3 });
    // Events of another account and of a newer version stay.
    let prefix = format!("wizi.event.{}.", user(2));
    assert!(bed.profile(0).local_storage.keys().any(|key| key.starts_with(&prefix)));
    assert!(bed.profile(0).local_storage.values().any(|text| text.contains("FLY_TO_THE_MOON")));
}

#[test]
fn archived_events_of_the_previous_version_are_resent_to_a_restored_server() {
    let fixture = Fixture::account();
    let mut bed = fixture.test_bed();
    *bed.log_mut() = wizitime_hub::MemoryLog::new(EpochId::from_bytes([10; 16]));
    bed.open(0);
    bed.wait(10 * MINUTE_MS);
    let log: BTreeSet<String> =
        bed.log().events(user(1)).iter().map(|it| it.event.json.clone()).collect();
    let mut expected: BTreeSet<String> = fixture.log.iter().cloned().collect();
    expected.extend(unsent(&fixture));
    assert_eq!(log, expected);
}

#[test]
fn guest_data_of_the_previous_version_loads() {
    let fixture = Fixture::guest();
    let mut bed = fixture.test_bed();
    let tab = bed.open(0);
    bed.wait(MINUTE_MS);
    let state = bed.state(tab);
    let waiting: BTreeSet<String> = state.events.waiting().map(|it| it.json.to_string()).collect();
    assert_eq!(waiting, fixture.events("wizi.event.guest."));
    assert!(state.events.waiting().all(|it| it.owner == Owner::Guest));
    assert_eq!(bed.shown(tab), ["guest work 0–5"]);
    assert_eq!(bed.badge(tab), SyncBadge::Guest);
}
