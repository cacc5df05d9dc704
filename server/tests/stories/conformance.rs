//! What every database promises: it does exactly what the log in memory does (the same random
//! batches, the same answers, pages and ledgers), whoever else writes at the same time.
//!
//! Each kind of database has these run on it, by the `home` beside which this file is included.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use proptest::prelude::*;
use proptest::test_runner::TestRunner;
use serde_json::{Value, json};
use tokio::time::timeout;
use wizitime_domain::json;
use wizitime_domain::{DeviceId, EpochId, IdSource, Ledger, Timestamp, UserId};
use wizitime_hub::{Batch, Commit, JobError, MemoryLog};
use wizitime_protocol::messages::{ChangesPage, ChangesPageRequest, bulk_event_json};
use wizitime_server::auth::Token;
use wizitime_server::{NewToken, NewUser, Revocation, Storage, StorageError};

use crate::home::{self, Home};

pub(crate) const EPOCH: EpochId = EpochId::from_bytes([1; 16]);
/// A client that waits longer than this believes that it is offline.
pub(crate) const CLIENT_PATIENCE: Duration = Duration::from_secs(5);

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
    let events = events.iter().map(|event| json::parse(event).unwrap());
    Batch::parse(bulk_event_json(events).as_raw()).unwrap()
}

/// All that a commit says; its events by their texts.
fn told(commit: &Commit) -> Value {
    let accepted: Vec<_> =
        commit.accepted.iter().map(|it| json!([it.seq, it.event.json])).collect();
    let changed: Vec<_> =
        commit.changed.iter().map(|(seq, it)| json!([seq, it.to_json().as_str()])).collect();
    json!([commit.cursor, accepted, changed, json::to_string(&commit.superseded)])
}

pub(crate) async fn open(home: &Home) -> Storage {
    Storage::open(&home::database(home), EPOCH).await.unwrap()
}

pub(crate) fn token(user_id: UserId, expires_at: i64) -> (Token, NewToken) {
    let token = Token::generate().unwrap();
    let new = NewToken {
        user_id,
        hash: token.hash(),
        device_id: DeviceId::from_bytes([0; 16]),
        created_at: Timestamp::MIN,
        expires_at: Timestamp::from_ms(expires_at).unwrap(),
    };
    (token, new)
}

fn new_user() -> NewUser {
    static LAST: AtomicU64 = AtomicU64::new(0);
    let number = LAST.fetch_add(1, Ordering::Relaxed);
    let user_id = UserId::from_bytes(IdSource::new([number, 1, 2, 3]).uuid_v7(Timestamp::MIN));
    NewUser { user_id, email: format!("{number}@example.org"), password_hash: "hash".to_owned() }
}

pub(crate) async fn user(storage: &Storage) -> UserId {
    let user = new_user();
    let user_id = user.user_id;
    assert!(storage.sign_up(user, token(user_id, 1_000).1).await.unwrap());
    user_id
}

pub(crate) async fn all(storage: &Storage, user_id: UserId, limit: usize) -> (Ledger, u64) {
    let mut ledger = Ledger::default();
    let mut since = 0;
    loop {
        let request = ChangesPageRequest { epoch: Some(storage.epoch()), since, limit };
        let page: ChangesPage = storage.latest(user_id, &request).await.unwrap();
        let (more, cursor) = (page.more, page.cursor);
        assert!(!more || cursor > since, "every page gets further");
        page.into_entities().into_iter().for_each(|entity| ledger.upsert(entity));
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
        let request = ChangesPageRequest { epoch, since, limit };
        let page = storage.latest(user_id, &request).await.unwrap();
        assert_eq!(page, memory.changes_page(user_id, &request));
    }
    let (ledger, cursor) = all(storage, user_id, limit).await;
    assert_eq!(ledger.digest(), memory.ledger(user_id).digest());
    assert_eq!(cursor, memory.head(user_id).cursor);
}

#[test]
fn the_database_and_the_memory_do_the_same() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let home = runtime.block_on(home::new());
    let storage = runtime.block_on(open(&home));
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
    let home = home::new().await;
    let storage = open(&home).await;
    assert_eq!(storage.epoch(), EPOCH);
    storage.close().await;
    let second = EpochId::from_bytes([2; 16]);
    let again = Storage::open(&home::database(&home), second).await.unwrap();
    assert_eq!(again.epoch(), EPOCH);
}

#[tokio::test]
async fn an_email_is_one_account() {
    let home = home::new().await;
    let storage = open(&home).await;
    let (first, second) =
        (new_user(), NewUser { email: "taken@example.org".to_owned(), ..new_user() });
    let user_id = first.user_id;
    let first = NewUser { email: "taken@example.org".to_owned(), ..first };
    assert!(storage.sign_up(first, token(user_id, 1).1).await.unwrap());
    let (shown, refused) = token(second.user_id, 1_000);
    assert!(!storage.sign_up(second, refused).await.unwrap());
    assert!(storage.signed_in(&shown.hash(), Timestamp::MIN).await.unwrap().is_none());
    let found = storage.user("taken@example.org").await.unwrap().unwrap();
    assert_eq!((found.user_id, &*found.password_hash), (user_id, "hash"));
    assert!(storage.user("other@example.org").await.unwrap().is_none());
}

#[tokio::test]
async fn a_token_lets_in_until_it_expires_or_is_revoked() {
    let home = home::new().await;
    let storage = open(&home).await;
    let user_id = user(&storage).await;
    let (short, long, third) = (token(user_id, 10), token(user_id, 20), token(user_id, 30));
    let shown = [&short.0, &long.0, &third.0].map(Token::hash);
    for new in [short.1, long.1, third.1] {
        storage.add_token(new).await.unwrap();
    }
    let valid = async |at: i64| {
        let at = Timestamp::from_ms(at).unwrap();
        let mut valid = Vec::new();
        for hash in &shown {
            let found = storage.signed_in(hash, at).await.unwrap();
            valid.push(found.is_some_and(|found| found.user_id == user_id));
        }
        valid
    };
    assert_eq!(valid(9).await, [true, true, true]);
    assert_eq!(valid(10).await, [false, true, true]);
    // Whoever signs in clears away what has expired.
    let created_at = Timestamp::from_ms(10).unwrap();
    storage.add_token(NewToken { created_at, ..token(user_id, 40).1 }).await.unwrap();
    assert_eq!(valid(9).await, [false, true, true]);
    storage.revoke(user(&storage).await, Revocation::All).await.unwrap();
    storage.revoke(user_id, Revocation::Token(shown[1])).await.unwrap();
    assert_eq!(valid(9).await, [false, false, true]);
    storage.revoke(user_id, Revocation::All).await.unwrap();
    assert_eq!(valid(9).await, [false, false, false]);
}

/// A batch of two entries that no other batch has.
pub(crate) fn of_its_own(number: u8) -> Batch {
    let step =
        |half| Step { id: number * 2 + half, kind: 0, subject: 100 + number, other: 0, at: 7 };
    let steps = [step(0), Step { kind: 13, other: number, ..step(1) }];
    batch(&steps)
}

/// Writes as a client does: what is unavailable is tried again.
async fn persist(storage: &Storage, user_id: UserId, number: u8) -> Commit {
    loop {
        match storage.append(user_id, of_its_own(number), Timestamp::MIN).await {
            Ok(answer) => return answer.unwrap(),
            Err(error) => assert_eq!(error.job_error(), JobError::Unavailable, "{error}"),
        }
    }
}

#[tokio::test]
async fn two_that_write_at_once_leave_no_gap_and_one_clock() {
    const BATCHES: u8 = 20;
    let home = home::new().await;
    // As two servers on one database, and each with several writes under way.
    let storages = [open(&home).await, open(&home).await];
    let user_id = user(&storages[0]).await;
    let mut writes = tokio::task::JoinSet::new();
    for number in 0..BATCHES {
        let storage = storages[usize::from(number % 2)].clone();
        writes.spawn(async move { persist(&storage, user_id, number).await });
    }
    let mut seqs = BTreeSet::new();
    while let Some(commit) = writes.join_next().await {
        let commit = commit.unwrap();
        let of_batch: Vec<u64> = commit.accepted.iter().map(|accepted| accepted.seq).collect();
        assert_eq!(of_batch, [commit.cursor - 1, commit.cursor], "nothing came between");
        seqs.extend(of_batch);
    }
    assert_eq!(seqs, (1..=u64::from(BATCHES) * 2).collect());
    let (ledger, cursor) = all(&storages[1], user_id, 1_000).await;
    assert_eq!(cursor, u64::from(BATCHES) * 2);
    let running = ledger.entries().filter(|entry| entry.is_running()).count();
    assert_eq!((ledger.entries().count(), running), (usize::from(BATCHES), 1));
}

#[tokio::test]
async fn what_was_written_by_one_is_known_to_the_other() {
    let home = home::new().await;
    let storages = [open(&home).await, open(&home).await];
    let user_id = user(&storages[0]).await;
    let first = storages[0].append(user_id, of_its_own(1), Timestamp::MIN).await.unwrap().unwrap();
    let again = storages[1].append(user_id, of_its_own(1), Timestamp::MIN).await.unwrap().unwrap();
    assert_eq!((first.accepted.len(), again.accepted.len()), (2, 0));
    assert_eq!(again.cursor, 2);
}

#[tokio::test]
async fn a_database_that_is_locked_is_unavailable_in_time_and_then_works() {
    let home = home::new().await;
    let storage = open(&home).await;
    let user_id = user(&storage).await;
    let lock = home::lock(&home).await;
    let write = storage.append(user_id, of_its_own(1), Timestamp::MIN);
    let error = timeout(CLIENT_PATIENCE, write).await.unwrap().unwrap_err();
    assert_eq!(error.job_error(), JobError::Unavailable, "{error}");
    lock.release().await;
    assert_eq!(storage.head(user_id).await.unwrap().cursor, 0, "nothing was written");
    let commit = storage.append(user_id, of_its_own(1), Timestamp::MIN).await.unwrap().unwrap();
    assert_eq!(commit.cursor, 2);
}

#[tokio::test]
async fn events_of_nobody_are_refused() {
    let home = home::new().await;
    let storage = open(&home).await;
    let nobody = new_user().user_id;
    let error = storage.append(nobody, of_its_own(1), Timestamp::MIN).await.unwrap_err();
    assert!(matches!(error, StorageError::Refused(_)), "{error}");
    assert_eq!(error.job_error(), JobError::Internal);
    assert_eq!(storage.head(nobody).await.unwrap().cursor, 0);
}
