//! The contract of `Storage`: it behaves like the in-memory log of the hub (same random batches,
//! same replies, pages and ledgers), also with concurrent writers.

use std::collections::BTreeSet;

use proptest::prelude::*;
use proptest::test_runner::TestRunner;
use serde_json::{Value, json};
use tokio::time::timeout;
use wizitime_domain::{EpochId, Timestamp, UserId};
use wizitime_hub::{Batch, Commit, JobError, MemoryLog};
use wizitime_protocol::messages::ChangesPageRequest;
use wizitime_server::auth::{Email, Token};
use wizitime_server::{NewToken, NewUser, Revocation, Storage, StorageError};
use wizitime_server_support::events;
use wizitime_server_support::storage::{
    CLIENT_TIMEOUT, EPOCH, create_user, new_user, open, read_all, token, unique_batch, uuid,
};
use wizitime_server_support::{Backend, TestDatabase, backend_tests};

/// A random event on few entities, so that batches interact.
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

impl Step {
    fn json(&self) -> Value {
        let entry = uuid(1, self.subject);
        let (project, client_id) = (uuid(2, self.other), uuid(3, self.other));
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
                    "client_id": classified.then_some(client_id), "billable": false}),
            ),
            11 => ("CREATE_CLIENT", json!({"client_id": client_id, "name": "c"})),
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
    }
}

fn batch(steps: &[Step]) -> Batch {
    events::batch(&steps.iter().map(Step::json).collect::<Vec<_>>())
}

/// A commit as JSON, to compare two of them.
fn commit_json(commit: &Commit) -> Value {
    let accepted: Vec<_> =
        commit.accepted.iter().map(|it| json!([it.seq, it.event.json])).collect();
    let changed: Vec<_> =
        commit.changed.iter().map(|(seq, it)| json!([seq, it.to_json().as_str()])).collect();
    json!([commit.cursor, accepted, changed, wizitime_domain::json::to_string(&commit.superseded)])
}

async fn compare(storage: &Storage, batches: &[Vec<Step>], limit: usize, since: u64) {
    let user_id = create_user(storage).await;
    let mut memory = MemoryLog::new(storage.epoch());
    for steps in batches {
        let expected = memory.append(user_id, batch(steps), Timestamp::MIN);
        let reply = storage.append(user_id, batch(steps), Timestamp::MIN).await.unwrap();
        assert_eq!(reply.as_ref().map(commit_json), expected.as_ref().map(commit_json));
        assert_eq!(storage.head(user_id).await.unwrap(), memory.head(user_id));
    }
    let other = EpochId::from_bytes([0; 16]);
    for epoch in [Some(storage.epoch()), Some(other), None] {
        let request = ChangesPageRequest { epoch, since, limit };
        let page = storage.changes_page(user_id, &request).await.unwrap();
        assert_eq!(page, memory.changes_page(user_id, &request));
    }
    let (ledger, cursor) = read_all(storage, user_id, limit).await;
    assert_eq!(ledger.digest(), memory.ledger(user_id).digest());
    assert_eq!(cursor, memory.head(user_id).cursor);
}

fn storage_matches_the_memory_log(backend: Backend) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let database = runtime.block_on(backend.create_database());
    let storage = runtime.block_on(open(&database));
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

#[test]
fn sqlite_matches_the_memory_log() {
    storage_matches_the_memory_log(Backend::Sqlite);
}

#[cfg(unix)]
#[test]
fn postgres_matches_the_memory_log() {
    storage_matches_the_memory_log(Backend::Postgres);
}

async fn epoch_is_stable_across_restarts(backend: Backend) {
    let database = backend.create_database().await;
    let storage = open(&database).await;
    assert_eq!(storage.epoch(), EPOCH);
    storage.close().await;
    let second = EpochId::from_bytes([2; 16]);
    let again = Storage::open(&database.config(), second).await.unwrap();
    assert_eq!(again.epoch(), EPOCH);
}

async fn email_is_unique(backend: Backend) {
    let database = backend.create_database().await;
    let storage = open(&database).await;
    let (first, second) =
        (new_user(), NewUser { email: "taken@example.org".to_owned(), ..new_user() });
    let user_id = first.user_id;
    let first = NewUser { email: "taken@example.org".to_owned(), ..first };
    assert!(storage.sign_up(first, token(user_id, 1).1).await.unwrap());
    let (unused, refused) = token(second.user_id, 1_000);
    assert!(!storage.sign_up(second, refused).await.unwrap());
    assert!(storage.authenticate(&unused.hash(), Timestamp::MIN).await.unwrap().is_none());
    let [taken, other] =
        ["taken@example.org", "other@example.org"].map(|email| Email::parse(email).unwrap());
    let found = storage.find_user(&taken).await.unwrap().unwrap();
    assert_eq!((found.user_id, &*found.password_hash), (user_id, "hash"));
    assert!(storage.find_user(&other).await.unwrap().is_none());
}

async fn token_is_valid_until_it_expires_or_is_revoked(backend: Backend) {
    let database = backend.create_database().await;
    let storage = open(&database).await;
    let user_id = create_user(&storage).await;
    let (short, long, third) = (token(user_id, 10), token(user_id, 20), token(user_id, 30));
    let hashes = [&short.0, &long.0, &third.0].map(Token::hash);
    for new in [short.1, long.1, third.1] {
        storage.add_token(new).await.unwrap();
    }
    let valid = async |at: i64| {
        let at = Timestamp::from_ms(at).unwrap();
        let mut valid = Vec::new();
        for hash in &hashes {
            let found = storage.authenticate(hash, at).await.unwrap();
            valid.push(found.is_some_and(|found| found.user_id == user_id));
        }
        valid
    };
    assert_eq!(valid(9).await, [true, true, true]);
    assert_eq!(valid(10).await, [false, true, true]);
    // A sign-in deletes expired tokens.
    let created_at = Timestamp::from_ms(10).unwrap();
    storage.add_token(NewToken { created_at, ..token(user_id, 40).1 }).await.unwrap();
    assert_eq!(valid(9).await, [false, true, true]);
    storage.revoke(create_user(&storage).await, Revocation::All).await.unwrap();
    storage.revoke(user_id, Revocation::Token(hashes[1])).await.unwrap();
    assert_eq!(valid(9).await, [false, false, true]);
    storage.revoke(user_id, Revocation::All).await.unwrap();
    assert_eq!(valid(9).await, [false, false, false]);
}

/// Appends like a client: retries while the database is unavailable.
async fn append_with_retry(storage: &Storage, user_id: UserId, number: u8) -> Commit {
    loop {
        match storage.append(user_id, unique_batch(number), Timestamp::MIN).await {
            Ok(reply) => return reply.unwrap(),
            Err(error) => assert_eq!(error.job_error(), JobError::Unavailable, "{error}"),
        }
    }
}

/// The storages of two servers; with SQLite, which only one server can use, two handles of one.
async fn open_servers(database: &TestDatabase) -> [Storage; 2] {
    let first = open(database).await;
    let second = match database {
        TestDatabase::Sqlite(_) => first.clone(),
        #[cfg(unix)]
        TestDatabase::Postgres(_) => open(database).await,
    };
    [first, second]
}

async fn concurrent_appends_leave_no_gap_and_one_running_entry(backend: Backend) {
    const BATCHES: u8 = 20;
    let database = backend.create_database().await;
    let storages = open_servers(&database).await;
    let user_id = create_user(&storages[0]).await;
    let mut writes = tokio::task::JoinSet::new();
    for number in 0..BATCHES {
        let storage = storages[usize::from(number % 2)].clone();
        writes.spawn(async move { append_with_retry(&storage, user_id, number).await });
    }
    let mut seqs = BTreeSet::new();
    while let Some(commit) = writes.join_next().await {
        let commit = commit.unwrap();
        let batch_seqs: Vec<u64> = commit.accepted.iter().map(|accepted| accepted.seq).collect();
        assert_eq!(batch_seqs, [commit.cursor - 1, commit.cursor], "a batch is contiguous");
        seqs.extend(batch_seqs);
    }
    assert_eq!(seqs, (1..=u64::from(BATCHES) * 2).collect());
    let (ledger, cursor) = read_all(&storages[1], user_id, 1_000).await;
    assert_eq!(cursor, u64::from(BATCHES) * 2);
    let running = ledger.entries().filter(|entry| entry.is_running()).count();
    assert_eq!((ledger.entries().count(), running), (usize::from(BATCHES), 1));
}

async fn appends_are_idempotent_across_connections(backend: Backend) {
    let database = backend.create_database().await;
    let storages = open_servers(&database).await;
    let user_id = create_user(&storages[0]).await;
    let first =
        storages[0].append(user_id, unique_batch(1), Timestamp::MIN).await.unwrap().unwrap();
    let again =
        storages[1].append(user_id, unique_batch(1), Timestamp::MIN).await.unwrap().unwrap();
    assert_eq!((first.accepted.len(), again.accepted.len()), (2, 0));
    assert_eq!(again.cursor, 2);
}

async fn locked_database_times_out_and_recovers(backend: Backend) {
    let database = backend.create_database().await;
    let storage = open(&database).await;
    let user_id = create_user(&storage).await;
    let lock = database.lock_accounts().await;
    let write = storage.append(user_id, unique_batch(1), Timestamp::MIN);
    let error = timeout(CLIENT_TIMEOUT, write).await.unwrap().unwrap_err();
    assert_eq!(error.job_error(), JobError::Unavailable, "{error}");
    lock.release().await;
    assert_eq!(storage.head(user_id).await.unwrap().cursor, 0, "nothing was written");
    let commit = storage.append(user_id, unique_batch(1), Timestamp::MIN).await.unwrap().unwrap();
    assert_eq!(commit.cursor, 2);
}

async fn events_of_unknown_users_are_refused(backend: Backend) {
    let database = backend.create_database().await;
    let storage = open(&database).await;
    let unknown_user = new_user().user_id;
    let error = storage.append(unknown_user, unique_batch(1), Timestamp::MIN).await.unwrap_err();
    assert!(matches!(error, StorageError::Refused(_)), "{error}");
    assert_eq!(error.job_error(), JobError::Internal);
    assert_eq!(storage.head(unknown_user).await.unwrap().cursor, 0);
}

backend_tests! {
    epoch_is_stable_across_restarts,
    email_is_unique,
    token_is_valid_until_it_expires_or_is_revoked,
    concurrent_appends_leave_no_gap_and_one_running_entry,
    appends_are_idempotent_across_connections,
    locked_database_times_out_and_recovers,
    events_of_unknown_users_are_refused,
}
