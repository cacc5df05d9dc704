//! The database does exactly what the log in memory does: the same random batches, the same
//! answers, pages and ledgers.

use std::sync::atomic::{AtomicU64, Ordering};

use proptest::prelude::*;
use proptest::test_runner::TestRunner;
use serde_json::{Value, json};
use wizitime_domain::{DeviceId, EpochId, IdSource, Ledger, Timestamp, UserId};
use wizitime_hub::{Batch, Commit, MemoryLog};
use wizitime_json::{Json, to_json};
use wizitime_protocol::messages::{Latest, LatestRequest, bulk_event_json};
use wizitime_server::auth::Token;
use wizitime_server::{NewToken, NewUser, Storage};

/// An event of a small world: few things, so that batches meet.
#[derive(Clone, Debug)]
struct Step {
    id: u8,
    kind: u8,
    subject: u8,
    other: u8,
    at: u16,
}

fn step() -> impl Strategy<Value = Step> {
    (any::<u8>(), 0..16_u8, 0..6_u8, 0..6_u8, 0..1_000_u16)
        .prop_map(|(id, kind, subject, other, at)| Step { id, kind, subject, other, at })
}

fn uuid(kind: u8, number: u8) -> String {
    DeviceId::from_bytes([kind, 0, 0, 0, 0, 0, 0x70, 0, 0x80, 0, 0, 0, 0, 0, 0, number]).to_string()
}

impl Step {
    fn json(&self) -> String {
        let entry = uuid(1, self.subject);
        let (project, of_client) = (uuid(2, self.other), uuid(3, self.other));
        let (task, tag) = (uuid(4, self.other), uuid(5, self.other));
        let classified = self.at.is_multiple_of(3);
        let (event_type, event) = match self.kind {
            0..=3 => (
                "START_CLOCK",
                json!({"time_entry_id": entry, "started_at": self.at, "description": "a",
                    "project_id": classified.then_some(&project), "task_id": null,
                    "tag_ids": if classified { vec![&tag] } else { vec![] }, "billable": true}),
            ),
            4..=5 => ("STOP_CLOCK", json!({"time_entry_id": entry, "stopped_at": self.at})),
            6 => (
                "UPDATE_TIME_ENTRY",
                json!({"time_entry_id": entry,
                    "changes": {"description": "ü\"\u{0}", "started_at": self.at}}),
            ),
            7 => ("DELETE_TIME_ENTRY", json!({"time_entry_id": entry})),
            8 => ("RESTORE_TIME_ENTRY", json!({"time_entry_id": entry})),
            9 => (
                "SPLIT_TIME_ENTRY",
                json!({"time_entry_id": entry, "new_time_entry_id": uuid(1, self.other),
                    "split_at": self.at}),
            ),
            10 => (
                "CREATE_PROJECT",
                json!({"project_id": project, "name": "p", "color": "red",
                    "client_id": classified.then_some(of_client), "billable": false}),
            ),
            11 => ("CREATE_CLIENT", json!({"client_id": of_client, "name": "c"})),
            12 => (
                "CREATE_TASK",
                json!({"task_id": task, "project_id": uuid(2, self.subject), "name": "t"}),
            ),
            13 => ("CREATE_TAG", json!({"tag_id": tag, "name": "g"})),
            14 => ("ARCHIVE_PROJECT", json!({"project_id": project})),
            _ => ("UPDATE_SETTINGS", json!({"changes": {"clock_24h": classified}})),
        };
        json!({
            "id": uuid(9, self.id), "device_id": uuid(8, 0), "writer_id": uuid(7, 0),
            "seq": u64::MAX, "at": self.at, "recorded_at": self.at, "zone": "UTC", "v": 1,
            "event_type": event_type, "event": event,
        })
        .to_string()
    }
}

fn batch(steps: &[Step]) -> Batch {
    let events: Vec<String> = steps.iter().map(Step::json).collect();
    let events = events.iter().map(|event| Json::parse(event).unwrap());
    Batch::parse(bulk_event_json(events).as_json()).unwrap()
}

/// All that a commit says; its events by their texts.
fn told(commit: &Commit) -> Value {
    let accepted: Vec<_> =
        commit.accepted.iter().map(|it| json!([it.seq, it.event.json])).collect();
    let changed: Vec<_> =
        commit.changed.iter().map(|(seq, it)| json!([seq, it.to_json().as_str()])).collect();
    json!([commit.cursor, accepted, changed, to_json(&commit.superseded).as_str()])
}

async fn user(storage: &Storage) -> UserId {
    static LAST: AtomicU64 = AtomicU64::new(0);
    let number = LAST.fetch_add(1, Ordering::Relaxed);
    let user_id = UserId::from_bytes(IdSource::new([number, 1, 2, 3]).uuid_v7(Timestamp::MIN));
    let token = NewToken {
        user_id,
        hash: Token::generate().unwrap().hash(),
        device_id: DeviceId::from_bytes([0; 16]),
        created_at: Timestamp::MIN,
        expires_at: Timestamp::MAX,
    };
    let email = format!("{number}@example.org");
    let new_user = NewUser { user_id, email: &email, password_hash: "" };
    assert!(storage.sign_up(new_user, &token).await.unwrap());
    user_id
}

async fn all(storage: &Storage, user_id: UserId, limit: usize) -> (Ledger, u64) {
    let mut ledger = Ledger::default();
    let mut since = 0;
    loop {
        let request = LatestRequest { epoch: Some(storage.epoch()), since, limit };
        let page: Latest = storage.latest(user_id, &request).await.unwrap();
        let (more, cursor) = (page.more, page.cursor);
        assert!(!more || cursor > since, "every page gets further");
        page.into_entities().into_iter().for_each(|entity| ledger.put(entity));
        since = cursor;
        if !more {
            return (ledger, since);
        }
    }
}

async fn compare(storage: &Storage, batches: &[Vec<Step>], limit: usize, since: u64) {
    let user_id = user(storage).await;
    let mut memory = MemoryLog::new(storage.epoch());
    for steps in batches {
        let expected = memory.append(user_id, batch(steps));
        let answer = storage.append(user_id, batch(steps), Timestamp::MIN).await.unwrap();
        assert_eq!(answer.as_ref().map(told), expected.as_ref().map(told));
        assert_eq!(storage.head(user_id).await.unwrap(), memory.head(user_id));
    }
    let other = EpochId::from_bytes([0; 16]);
    for epoch in [Some(storage.epoch()), Some(other), None] {
        let request = LatestRequest { epoch, since, limit };
        let page = storage.latest(user_id, &request).await.unwrap();
        assert_eq!(page, memory.latest(user_id, &request));
    }
    let (ledger, cursor) = all(storage, user_id, limit).await;
    assert_eq!(ledger.digest(), memory.ledger(user_id).digest());
    assert_eq!(cursor, memory.head(user_id).cursor);
}

#[test]
fn sqlite_and_memory_do_the_same() {
    let folder = tempfile::tempdir().unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let path = folder.path().join("wizitime.db");
    let epoch = EpochId::from_bytes([1; 16]);
    let storage = runtime.block_on(Storage::open(&path, epoch)).unwrap();
    let batches = prop::collection::vec(prop::collection::vec(step(), 0..8), 0..12);
    let mut runner = TestRunner::new(ProptestConfig::with_cases(150));
    runner
        .run(&(batches, 0..12_usize, 0..40_u64), |(batches, limit, since)| {
            runtime.block_on(compare(&storage, &batches, limit, since));
            Ok(())
        })
        .unwrap();
    runtime.block_on(storage.close());
}

#[tokio::test]
async fn the_epoch_stays_for_the_life_of_the_database() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("wizitime.db");
    let (first, second) = (EpochId::from_bytes([1; 16]), EpochId::from_bytes([2; 16]));
    let storage = Storage::open(&path, first).await.unwrap();
    assert_eq!(storage.epoch(), first);
    storage.close().await;
    let again = Storage::open(&path, second).await.unwrap();
    assert_eq!(again.epoch(), first);
}

#[tokio::test]
async fn a_file_that_is_no_database_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("wizitime.db");
    std::fs::write(&path, "a letter to my grandmother, much longer than a header of SQLite")
        .unwrap();
    let refused = Storage::open(&path, EpochId::from_bytes([1; 16])).await;
    assert!(refused.unwrap_err().to_string().contains("not a database"));
    let nowhere = folder.path().join("no/such/folder/wizitime.db");
    let refused = Storage::open(&nowhere, EpochId::from_bytes([1; 16])).await;
    assert!(refused.unwrap_err().to_string().contains("cannot be made"));
}
