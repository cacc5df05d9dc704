//! What the writer does when a write goes wrong.

use sqlx::Executor as _;
use sqlx::sqlite::{SqliteConnectOptions, SqlitePoolOptions};
use tempfile::TempDir;

use super::*;

/// Adds a number, and then does something.
struct Add(i64, Then);

#[derive(Clone, Copy)]
enum Then {
    Answer,
    Panic,
    /// As SQLite does when the disk is full.
    RollBackAll,
}

impl Write for Add {
    type Answer = ();

    fn size(&self) -> usize {
        1
    }

    async fn run(self, connection: &mut SqliteConnection) -> Result<(), StorageError> {
        let Self(number, then) = self;
        let insert = sqlx::query("INSERT INTO numbers (number) VALUES (?)").bind(number);
        insert.execute(&mut *connection).await?;
        match then {
            Then::Answer => Ok(()),
            Then::Panic => panic!("the test wants it"),
            Then::RollBackAll => {
                connection.execute("ROLLBACK").await?;
                Err(StorageError::Unavailable(sqlx::Error::WorkerCrashed))
            }
        }
    }
}

/// A database in a folder that goes with the test.
async fn pool() -> (TempDir, SqlitePool) {
    let folder = tempfile::tempdir().unwrap();
    let options = SqliteConnectOptions::new().filename(folder.path().join("numbers.db"));
    let options = options.create_if_missing(true);
    let pool = SqlitePoolOptions::new().max_connections(1).connect_with(options).await.unwrap();
    pool.execute("CREATE TABLE numbers (number INTEGER)").await.unwrap();
    (folder, pool)
}

async fn numbers(pool: &SqlitePool) -> Vec<i64> {
    sqlx::query_scalar("SELECT number FROM numbers ORDER BY rowid").fetch_all(pool).await.unwrap()
}

/// What becomes of writes that are asked for at once.
async fn written(writer: &Writer, thens: [Then; 3]) -> [Result<(), StorageError>; 3] {
    let [first, second, third] = thens;
    let (first, second, third) = tokio::join!(
        writer.write(Add(1, first)),
        writer.write(Add(2, second)),
        writer.write(Add(3, third)),
    );
    [first, second, third]
}

#[tokio::test]
async fn a_panic_is_the_failure_of_one_write() {
    let (_folder, pool) = pool().await;
    let writer = Writer::on(pool.clone());
    let answers = written(&writer, [Then::Answer, Then::Panic, Then::Answer]).await;
    assert!(matches!(answers, [Ok(()), Err(StorageError::Panicked), Ok(())]), "{answers:?}");
    assert_eq!(numbers(&pool).await, [1, 3]);
    writer.write(Add(4, Then::Answer)).await.unwrap();
}

#[tokio::test]
async fn a_transaction_that_is_gone_is_nobodys_success() {
    let (_folder, pool) = pool().await;
    let writer = Writer::on(pool.clone());
    let answers = written(&writer, [Then::Answer, Then::RollBackAll, Then::Answer]).await;
    for answer in answers {
        assert!(matches!(answer, Err(StorageError::NotCommitted(_))), "{answer:?}");
    }
    assert_eq!(numbers(&pool).await, Vec::<i64>::new());
    writer.write(Add(4, Then::Answer)).await.unwrap();
    assert_eq!(numbers(&pool).await, [4]);
}

/// A write that was asked for so long ago.
fn queued(age_ms: u64, size: usize) -> (Queued, oneshot::Receiver<Result<(), StorageError>>) {
    let (reply, answer) = oneshot::channel();
    let asked = Box::new(Asked { write: Some(Add(1, Then::Answer)), result: None, reply });
    let since = Instant::now() - Duration::from_millis(age_ms);
    (Queued { asked, size, since }, answer)
}

#[test]
fn who_has_waited_too_long_is_told_so_and_takes_no_part() {
    let (sender, mut queue) = mpsc::channel(QUEUED_WRITES_MAX);
    let (late, mut told) = queued(TURN_MS + 1, 1);
    sender.try_send(queued(0, 1).0).unwrap();
    assert_eq!(group(late, &mut queue).len(), 1);
    assert!(matches!(told.try_recv(), Ok(Err(StorageError::TimedOut { .. }))));
}

#[test]
fn a_group_ends_where_it_would_keep_the_first_waiting() {
    let (sender, mut queue) = mpsc::channel(QUEUED_WRITES_MAX);
    for _ in 0..GROUP_WRITES_MAX {
        sender.try_send(queued(0, 1).0).unwrap();
    }
    assert_eq!(group(queued(0, 1).0, &mut queue).len(), GROUP_WRITES_MAX);
    sender.try_send(queued(0, GROUP_EVENTS_MAX).0).unwrap();
    sender.try_send(queued(0, 1).0).unwrap();
    assert_eq!(group(queued(0, 1).0, &mut queue).len(), 3);
    assert_eq!(group(queued(0, GROUP_EVENTS_MAX).0, &mut queue).len(), 1);
}
