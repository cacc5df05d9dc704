//! Tests of group commit when writes fail.

use sqlx::Executor as _;
use sqlx::sqlite::{SqliteConnectOptions, SqlitePoolOptions};
use tempfile::TempDir;

use super::super::foreign_writes::ConnectionCount;
use super::*;

/// Inserts a number, then shows the behavior.
struct Insert(i64, Behavior);

#[derive(Clone, Copy)]
enum Behavior {
    Succeed,
    Panic,
    /// Rolls back the transaction, as SQLite does on a full disk.
    RollBackTransaction,
}

impl WriteJob for Insert {
    type Output = ();

    fn event_count(&self) -> usize {
        1
    }

    async fn run(self, connection: &mut SqliteConnection) -> Result<(), StorageError> {
        let Self(number, behavior) = self;
        let insert = sqlx::query("INSERT INTO numbers (number) VALUES (?)").bind(number);
        insert.execute(&mut *connection).await?;
        match behavior {
            Behavior::Succeed => Ok(()),
            Behavior::Panic => panic!("panic of the test"),
            Behavior::RollBackTransaction => {
                connection.execute("ROLLBACK").await?;
                Err(StorageError::Unavailable(sqlx::Error::WorkerCrashed))
            }
        }
    }
}

/// A database in a temporary folder.
async fn pool() -> (TempDir, SqlitePool) {
    let folder = tempfile::tempdir().unwrap();
    let options = SqliteConnectOptions::new().filename(folder.path().join("numbers.db"));
    let options = options.create_if_missing(true);
    let pool = SqlitePoolOptions::new().max_connections(1).connect_with(options).await.unwrap();
    pool.execute("CREATE TABLE numbers (number INTEGER)").await.unwrap();
    (folder, pool)
}

fn spawn(pool: &SqlitePool) -> Writer {
    let (foreign, _) = ForeignWrites::new(ConnectionCount::default());
    Writer::spawn(pool.clone(), OpenFiles::default(), foreign)
}

async fn numbers(pool: &SqlitePool) -> Vec<i64> {
    sqlx::query_scalar("SELECT number FROM numbers ORDER BY rowid").fetch_all(pool).await.unwrap()
}

/// The results of three concurrent writes.
async fn write_three(writer: &Writer, behaviors: [Behavior; 3]) -> [Result<(), StorageError>; 3] {
    let [first, second, third] = behaviors;
    let (first, second, third) = tokio::join!(
        writer.write(Insert(1, first)),
        writer.write(Insert(2, second)),
        writer.write(Insert(3, third)),
    );
    [first, second, third]
}

#[tokio::test]
async fn panic_fails_only_its_own_write() {
    let (_folder, pool) = pool().await;
    let writer = spawn(&pool);
    let results =
        write_three(&writer, [Behavior::Succeed, Behavior::Panic, Behavior::Succeed]).await;
    assert!(matches!(results, [Ok(()), Err(StorageError::Panicked), Ok(())]), "{results:?}");
    assert_eq!(numbers(&pool).await, [1, 3]);
    writer.write(Insert(4, Behavior::Succeed)).await.unwrap();
}

#[tokio::test]
async fn lost_transaction_fails_every_write_of_the_group() {
    let (_folder, pool) = pool().await;
    let writer = spawn(&pool);
    let results =
        write_three(&writer, [Behavior::Succeed, Behavior::RollBackTransaction, Behavior::Succeed])
            .await;
    for result in results {
        assert!(matches!(result, Err(StorageError::NotCommitted(_))), "{result:?}");
    }
    assert_eq!(numbers(&pool).await, Vec::<i64>::new());
    writer.write(Insert(4, Behavior::Succeed)).await.unwrap();
    assert_eq!(numbers(&pool).await, [4]);
}

/// A write that was queued `age_ms` ago.
fn queued(
    age_ms: u64,
    event_count: usize,
) -> (QueuedWrite, oneshot::Receiver<Result<(), StorageError>>) {
    let (reply, result) = oneshot::channel();
    let pending =
        Box::new(PendingJob { job: Some(Insert(1, Behavior::Succeed)), result: None, reply });
    let queued_at = Instant::now() - Duration::from_millis(age_ms);
    (QueuedWrite { pending, event_count, queued_at }, result)
}

#[test]
fn write_that_waited_too_long_times_out_and_is_skipped() {
    let (sender, mut queue) = mpsc::channel(QUEUED_WRITES_MAX);
    let (late, mut result) = queued(QUEUE_TIMEOUT_MS + 1, 1);
    sender.try_send(queued(0, 1).0).unwrap();
    assert_eq!(next_group(late, &mut queue).len(), 1);
    assert!(matches!(result.try_recv(), Ok(Err(StorageError::TimedOut { .. }))));
}

#[test]
fn group_size_is_bounded() {
    let (sender, mut queue) = mpsc::channel(QUEUED_WRITES_MAX);
    for _ in 0..GROUP_WRITES_MAX {
        sender.try_send(queued(0, 1).0).unwrap();
    }
    assert_eq!(next_group(queued(0, 1).0, &mut queue).len(), GROUP_WRITES_MAX);
    sender.try_send(queued(0, GROUP_EVENTS_MAX).0).unwrap();
    sender.try_send(queued(0, 1).0).unwrap();
    assert_eq!(next_group(queued(0, 1).0, &mut queue).len(), 3);
    assert_eq!(next_group(queued(0, GROUP_EVENTS_MAX).0, &mut queue).len(), 1);
}
