//! Writes that wait at the same time share a commit, and nothing else.

use std::path::Path;

use serde_json::json;
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};
use sqlx::{Connection as _, Executor as _};
use tokio::task::{JoinSet, yield_now};
use wizitime_domain::json;
use wizitime_domain::{Timestamp, UserId};
use wizitime_hub::{Batch, Commit, JobError};
use wizitime_protocol::messages::{BulkError, bulk_event_json};
use wizitime_server::{Storage, StorageError};

use crate::conformance::{open, user};
use crate::events::{id, start, stop};
use crate::home::{self, Home};

type Answer = (usize, Result<Result<Commit, BulkError>, StorageError>);

const WRITES: usize = 40;
const FILE: &str = "wizitime.db";
/// Sizes in SQLite's write-ahead log (its file format, §4.1).
const LOG_HEADER_BYTES: usize = 32;
const FRAME_HEADER_BYTES: usize = 24;

fn batch(events: &[serde_json::Value]) -> Batch {
    let texts: Vec<String> = events.iter().map(ToString::to_string).collect();
    let events = texts.iter().map(|text| json::parse(text).unwrap());
    Batch::parse(bulk_event_json(events).as_raw()).unwrap()
}

/// How many transactions the write-ahead log holds: the last frame of each says how large the
/// database is then.
fn commits(home: &Home) -> usize {
    let log = std::fs::read(home.path().join(format!("{FILE}-wal"))).unwrap();
    let number = |at: usize| u32::from_be_bytes(log[at..at + 4].try_into().unwrap());
    let frame_bytes = FRAME_HEADER_BYTES + usize::try_from(number(8)).unwrap();
    let frames = (LOG_HEADER_BYTES..log.len()).step_by(frame_bytes);
    // Frames with another salt are left over from before the log began anew.
    frames.filter(|at| number(at + 8) == number(16) && number(at + 4) != 0).count()
}

async fn hands_on(path: &Path) -> SqliteConnection {
    let options = SqliteConnectOptions::new().filename(path.join(FILE));
    SqliteConnection::connect_with(&options).await.unwrap()
}

/// Has all of these written while another holds the lock, so that they wait together.
async fn at_once(home: &Home, storage: &Storage, writes: Vec<(UserId, Batch)>) -> Vec<Answer> {
    let lock = home::lock(home).await;
    let mut waiting = JoinSet::new();
    for (number, (user_id, batch)) in writes.into_iter().enumerate() {
        let storage = storage.clone();
        waiting
            .spawn(async move { (number, storage.append(user_id, batch, Timestamp::MIN).await) });
    }
    // Each has asked by then: the story runs on one thread, where tasks take turns.
    yield_now().await;
    lock.release().await;
    let mut answers = waiting.join_all().await;
    answers.sort_by_key(|(number, _)| *number);
    answers
}

#[tokio::test]
async fn small_writes_that_wait_share_a_commit() {
    let home = home::new().await;
    let storage = open(&home).await;
    let mut users = Vec::new();
    for _ in 0..4 {
        users.push(user(&storage).await);
    }
    let before = commits(&home);
    let writes = (0..WRITES).map(|number| (users[number % 4], batch(&[start(&id(), 1_000)])));
    let answers = at_once(&home, &storage, writes.collect()).await;
    // Each user's writes came in the order in which they were asked for.
    for (number, answer) in answers {
        assert_eq!(answer.unwrap().unwrap().cursor, u64::try_from(number / 4 + 1).unwrap());
    }
    let shared = commits(&home) - before;
    assert!(shared <= 2, "{WRITES} writes took {shared} commits");
    // Alone each takes one: what is counted are commits.
    for _ in 0..3 {
        let write = batch(&[start(&id(), 2_000)]);
        storage.append(users[0], write, Timestamp::MIN).await.unwrap().unwrap();
    }
    assert_eq!(commits(&home) - before, shared + 3);
}

#[tokio::test]
async fn what_fails_among_others_fails_alone() {
    let home = home::new().await;
    let storage = open(&home).await;
    let user_id = user(&storage).await;
    let mut database = hands_on(home.path()).await;
    // The log takes the event; what follows from it is refused.
    let trap = "CREATE TRIGGER trap BEFORE INSERT ON time_entries \
                WHEN NEW.body LIKE '%trapped%' BEGIN SELECT RAISE(ABORT, 'trap'); END";
    database.execute(trap).await.unwrap();
    let mut trapped = start(&id(), 1_000);
    trapped["event"]["description"] = json!("trapped");
    let writes = [
        vec![start(&id(), 1_000)],
        vec![start(&id(), 2_000), trapped],
        vec![start(&id(), 3_000), stop(&id(), 4_000)],
        vec![start(&id(), 5_000), start(&id(), 6_000)],
    ];
    let before = commits(&home);
    let writes = writes.iter().map(|events| (user_id, batch(events)));
    let mut answers = at_once(&home, &storage, writes.collect()).await.into_iter();
    let mut next = || answers.next().unwrap().1;
    assert_eq!(next().unwrap().unwrap().cursor, 1);
    assert_eq!(next().unwrap_err().job_error(), JobError::Unavailable);
    assert_eq!(next().unwrap().unwrap_err().code.unwrap(), "unknown_entity");
    let last = next().unwrap().unwrap();
    assert_eq!((last.cursor, last.accepted.len()), (3, 2), "what failed left no gap");
    assert!(commits(&home) - before <= 2);
    assert_eq!(storage.head(user_id).await.unwrap().cursor, 3);
}

#[tokio::test]
async fn a_commit_that_fails_fails_for_all_that_share_it() {
    let home = home::new().await;
    let storage = open(&home).await;
    let user_id = user(&storage).await;
    let mut database = hands_on(home.path()).await;
    // A reference to nobody, which SQLite looks at only when everything is committed.
    let trap = "CREATE TABLE trap (user_id BLOB REFERENCES users (user_id) \
                  DEFERRABLE INITIALLY DEFERRED); \
                CREATE TRIGGER trap AFTER INSERT ON events WHEN NEW.json LIKE '%trapped%' \
                BEGIN INSERT INTO trap VALUES (x'00'); END";
    database.execute(trap).await.unwrap();
    let mut trapped = start(&id(), 1_000);
    trapped["event"]["description"] = json!("trapped");
    let writes: Vec<_> = (0..10)
        .map(|number| match number {
            5 => vec![trapped.clone()],
            _ => vec![start(&id(), number)],
        })
        .collect();
    let again: Vec<_> = writes.iter().map(|events| (user_id, batch(events))).collect();
    let before = commits(&home);
    let answers = at_once(&home, &storage, again.clone()).await;
    for (number, answer) in answers {
        let error = answer.unwrap_err();
        assert!(matches!(error, StorageError::NotCommitted(_)), "{number}: {error}");
        assert_eq!(error.job_error(), JobError::Unavailable);
    }
    assert_eq!(commits(&home), before);
    assert_eq!(storage.head(user_id).await.unwrap().cursor, 0);
    database.execute("DROP TRIGGER trap").await.unwrap();
    for (number, answer) in at_once(&home, &storage, again).await {
        assert_eq!(answer.unwrap().unwrap().cursor, u64::try_from(number + 1).unwrap());
    }
}

#[tokio::test]
async fn on_a_full_disk_all_that_wait_are_told_and_later_there_is_room() {
    let home = home::new().await;
    let storage = open(&home).await;
    let user_id = user(&storage).await;
    let writes: Vec<_> = (0..10).map(|number| vec![start(&id(), number)]).collect();
    let again: Vec<_> = writes.iter().map(|events| (user_id, batch(events))).collect();
    home::fill(&home, "INSERT ON time_entries").await;
    for (number, answer) in at_once(&home, &storage, again.clone()).await {
        let error = answer.unwrap_err();
        assert_eq!(error.job_error(), JobError::Unavailable, "{number}: {error}");
    }
    // Whoever comes when the connection is new is told the same.
    let error = storage.append(user_id, batch(&writes[0]), Timestamp::MIN).await.unwrap_err();
    assert_eq!(error.job_error(), JobError::Unavailable, "{error}");
    assert_eq!(storage.head(user_id).await.unwrap().cursor, 0);
    home::empty(&home).await;
    for (number, answer) in at_once(&home, &storage, again).await {
        assert_eq!(answer.unwrap().unwrap().cursor, u64::try_from(number + 1).unwrap());
    }
}
