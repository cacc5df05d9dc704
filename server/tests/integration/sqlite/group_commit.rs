//! Group commit: concurrent writes share a transaction, but succeed or fail alone.

use serde_json::json;
use sqlx::Executor as _;
use tokio::task::{JoinSet, yield_now};
use wizitime_domain::{Timestamp, UserId};
use wizitime_hub::{Batch, Commit, JobError};
use wizitime_protocol::messages::BulkError;
use wizitime_server::{Storage, StorageError};
use wizitime_server_support::events::{batch, id, start, stop};
use wizitime_server_support::storage::{create_user, open};
use wizitime_server_support::{Backend, TestDatabase};

type NumberedReply = (usize, Result<Result<Commit, BulkError>, StorageError>);

const WRITES: usize = 40;
/// Sizes in SQLite's write-ahead log (SQLite file format §4.1).
const LOG_HEADER_BYTES: usize = 32;
const FRAME_HEADER_BYTES: usize = 24;

/// The number of commits in the write-ahead log: the last frame of a transaction has a nonzero
/// database size.
fn count_commits(database: &TestDatabase) -> usize {
    let log = std::fs::read(database.sqlite_path().with_extension("db-wal")).unwrap();
    let number = |at: usize| u32::from_be_bytes(log[at..at + 4].try_into().unwrap());
    let frame_bytes = FRAME_HEADER_BYTES + usize::try_from(number(8)).unwrap();
    let frames = (LOG_HEADER_BYTES..log.len()).step_by(frame_bytes);
    // Frames with another salt remain from before the log was restarted.
    frames.filter(|at| number(at + 8) == number(16) && number(at + 4) != 0).count()
}

/// Appends all batches while the database is locked, so that they wait together.
async fn append_together(
    database: &TestDatabase,
    storage: &Storage,
    writes: Vec<(UserId, Batch)>,
) -> Vec<NumberedReply> {
    let lock = database.lock_accounts().await;
    let mut waiting = JoinSet::new();
    for (number, (user_id, batch)) in writes.into_iter().enumerate() {
        let storage = storage.clone();
        waiting
            .spawn(async move { (number, storage.append(user_id, batch, Timestamp::MIN).await) });
    }
    // Every task has queued its write then, because the test has only one thread.
    yield_now().await;
    lock.release().await;
    let mut replies = waiting.join_all().await;
    replies.sort_by_key(|(number, _)| *number);
    replies
}

#[tokio::test]
async fn waiting_writes_share_a_commit() {
    let database = Backend::Sqlite.create_database().await;
    let storage = open(&database).await;
    let mut users = Vec::new();
    for _ in 0..4 {
        users.push(create_user(&storage).await);
    }
    let before = count_commits(&database);
    let writes = (0..WRITES).map(|number| (users[number % 4], batch(&[start(&id(), 1_000)])));
    let replies = append_together(&database, &storage, writes.collect()).await;
    // The writes of each user keep their order.
    for (number, reply) in replies {
        assert_eq!(reply.unwrap().unwrap().cursor, u64::try_from(number / 4 + 1).unwrap());
    }
    let shared = count_commits(&database) - before;
    assert!(shared <= 2, "{WRITES} writes took {shared} commits");
    // Sequential writes take one commit each.
    for _ in 0..3 {
        let write = batch(&[start(&id(), 2_000)]);
        storage.append(users[0], write, Timestamp::MIN).await.unwrap().unwrap();
    }
    assert_eq!(count_commits(&database) - before, shared + 3);
}

#[tokio::test]
async fn failing_write_does_not_affect_its_group() {
    let database = Backend::Sqlite.create_database().await;
    let storage = open(&database).await;
    let user_id = create_user(&storage).await;
    let mut connection = database.sqlite_connection().await;
    // The insert into the log succeeds; the insert of the entry fails.
    let trap = "CREATE TRIGGER trap BEFORE INSERT ON time_entries \
                WHEN NEW.body LIKE '%trapped%' BEGIN SELECT RAISE(ABORT, 'trap'); END";
    connection.execute(trap).await.unwrap();
    let mut trapped = start(&id(), 1_000);
    trapped["event"]["description"] = json!("trapped");
    let writes = [
        vec![start(&id(), 1_000)],
        vec![start(&id(), 2_000), trapped],
        vec![start(&id(), 3_000), stop(&id(), 4_000)],
        vec![start(&id(), 5_000), start(&id(), 6_000)],
    ];
    let before = count_commits(&database);
    let writes = writes.iter().map(|events| (user_id, batch(events)));
    let mut replies = append_together(&database, &storage, writes.collect()).await.into_iter();
    let mut next = || replies.next().unwrap().1;
    assert_eq!(next().unwrap().unwrap().cursor, 1);
    assert_eq!(next().unwrap_err().job_error(), JobError::Unavailable);
    assert_eq!(next().unwrap().unwrap_err().code.unwrap(), "unknown_entity");
    let last = next().unwrap().unwrap();
    assert_eq!((last.cursor, last.accepted.len()), (3, 2), "failed writes leave no gap");
    assert!(count_commits(&database) - before <= 2);
    assert_eq!(storage.head(user_id).await.unwrap().cursor, 3);
}

#[tokio::test]
async fn failed_commit_fails_every_write_of_the_group() {
    let database = Backend::Sqlite.create_database().await;
    let storage = open(&database).await;
    let user_id = create_user(&storage).await;
    let mut connection = database.sqlite_connection().await;
    // A dangling reference, which SQLite checks only at COMMIT.
    let trap = "CREATE TABLE trap (user_id BLOB REFERENCES users (user_id) \
                  DEFERRABLE INITIALLY DEFERRED); \
                CREATE TRIGGER trap AFTER INSERT ON events WHEN NEW.json LIKE '%trapped%' \
                BEGIN INSERT INTO trap VALUES (x'00'); END";
    connection.execute(trap).await.unwrap();
    let mut trapped = start(&id(), 1_000);
    trapped["event"]["description"] = json!("trapped");
    let writes: Vec<_> = (0..10)
        .map(|number| match number {
            5 => vec![trapped.clone()],
            _ => vec![start(&id(), number)],
        })
        .collect();
    let again: Vec<_> = writes.iter().map(|events| (user_id, batch(events))).collect();
    let before = count_commits(&database);
    let replies = append_together(&database, &storage, again.clone()).await;
    for (number, reply) in replies {
        let error = reply.unwrap_err();
        assert!(matches!(error, StorageError::NotCommitted(_)), "{number}: {error}");
        assert_eq!(error.job_error(), JobError::Unavailable);
    }
    assert_eq!(count_commits(&database), before);
    assert_eq!(storage.head(user_id).await.unwrap().cursor, 0);
    connection.execute("DROP TRIGGER trap").await.unwrap();
    for (number, reply) in append_together(&database, &storage, again).await {
        assert_eq!(reply.unwrap().unwrap().cursor, u64::try_from(number + 1).unwrap());
    }
}

#[tokio::test]
async fn full_disk_fails_waiting_writes_until_there_is_space() {
    let database = Backend::Sqlite.create_database().await;
    let storage = open(&database).await;
    let user_id = create_user(&storage).await;
    let writes: Vec<_> = (0..10).map(|number| vec![start(&id(), number)]).collect();
    let again: Vec<_> = writes.iter().map(|events| (user_id, batch(events))).collect();
    database.fill_disk("INSERT ON time_entries").await;
    for (number, reply) in append_together(&database, &storage, again.clone()).await {
        let error = reply.unwrap_err();
        assert_eq!(error.job_error(), JobError::Unavailable, "{number}: {error}");
    }
    // A write on a new connection fails too.
    let error = storage.append(user_id, batch(&writes[0]), Timestamp::MIN).await.unwrap_err();
    assert_eq!(error.job_error(), JobError::Unavailable, "{error}");
    assert_eq!(storage.head(user_id).await.unwrap().cursor, 0);
    database.free_disk().await;
    for (number, reply) in append_together(&database, &storage, again).await {
        assert_eq!(reply.unwrap().unwrap().cursor, u64::try_from(number + 1).unwrap());
    }
}
