//! Faults of PostgreSQL: operations fail in time, and succeed as soon as the database is back.

use sqlx::{AssertSqlSafe, Connection as _, Executor as _};
use tokio::time::timeout;
use wizitime_domain::{EpochId, Timestamp};
use wizitime_hub::JobError;
use wizitime_server::{Database, Storage, StorageError};

use wizitime_server_support::TestDatabase;
use wizitime_server_support::database::PostgresDatabase;
use wizitime_server_support::postgres_cluster::{Cluster, Fsync, PASSWORD};
use wizitime_server_support::storage::{CLIENT_TIMEOUT, EPOCH, create_user, open, unique_batch};

#[tokio::test]
async fn errors_are_classified_as_retryable_or_not() {
    let database = PostgresDatabase::create().await;
    let mut connection = database.connection().await;
    let raised = |code: &str| format!("DO $$ BEGIN RAISE 'test' USING ERRCODE = '{code}'; END $$");
    // Connection failure, too many connections, disk full, shutdown, start-up, serialization
    // failure, deadlock, read-only standby, lock timeout, statement timeout, I/O error, missing
    // table, missing permission.
    let retryable = [
        "08006", "53300", "53100", "57P01", "57P03", "40001", "40P01", "25006", "55P03", "57014",
        "58030", "42P01", "42501", "P0001", "XX000",
    ];
    // Invalid text, unique violation, check violation, foreign key violation, the log's trigger.
    let permanent = ["22P02", "23505", "23514", "23503", "23001"];
    for (code, expected) in retryable
        .map(|code| (code, JobError::Unavailable))
        .into_iter()
        .chain(permanent.map(|code| (code, JobError::Internal)))
    {
        let error = connection.execute(AssertSqlSafe(raised(code))).await.unwrap_err();
        let error = StorageError::from(error);
        assert_eq!(error.job_error(), expected, "{code}: {error}");
    }
    for error in [sqlx::Error::PoolTimedOut, sqlx::Error::Io(std::io::ErrorKind::BrokenPipe.into())]
    {
        assert_eq!(StorageError::from(error).job_error(), JobError::Unavailable);
    }
}

#[tokio::test]
async fn broken_connection_fails_the_write_and_is_replaced() {
    let database = PostgresDatabase::create().await;
    let storage = open(&database.clone().into()).await;
    let user_id = create_user(&storage).await;
    let lock = TestDatabase::from(database.clone()).lock_accounts().await;
    let (killing, killed) = tokio::sync::oneshot::channel();
    let write = async {
        let error = storage.append(user_id, unique_batch(1), Timestamp::MIN).await.unwrap_err();
        killed.await.unwrap();
        error
    };
    let kill = async {
        let mut connection = database.connection().await;
        let waiting = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity \
                       WHERE datname = current_database() AND wait_event_type = 'Lock'";
        while connection.execute(waiting).await.unwrap().rows_affected() == 0 {}
        killing.send(()).unwrap();
    };
    let (error, ()) = timeout(CLIENT_TIMEOUT, async { tokio::join!(write, kill) }).await.unwrap();
    assert_eq!(error.job_error(), JobError::Unavailable, "{error}");
    lock.release().await;
    let commit = storage.append(user_id, unique_batch(1), Timestamp::MIN).await.unwrap().unwrap();
    assert_eq!(commit.cursor, 2);
    // Idle connections that broke are replaced without an error.
    let others = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity \
                  WHERE datname = current_database() AND pid <> pg_backend_pid()";
    assert!(database.connection().await.execute(others).await.unwrap().rows_affected() > 0);
    assert_eq!(storage.head(user_id).await.unwrap().cursor, 2);
}

#[tokio::test]
async fn acknowledged_writes_survive_a_database_crash() {
    let cluster = Cluster::start(Fsync::On);
    let database: Database = cluster.create_database().await.parse().unwrap();
    let storage = Storage::open(&database, EPOCH).await.unwrap();
    let user_id = create_user(&storage).await;
    for (number, is_a_crash) in [(1, true), (2, false)] {
        let batch = unique_batch(number);
        storage.append(user_id, batch, Timestamp::MIN).await.unwrap().unwrap();
        if is_a_crash {
            cluster.crash()
        } else {
            cluster.stop()
        };
        let write = storage.append(user_id, unique_batch(number + 10), Timestamp::MIN);
        let error = timeout(CLIENT_TIMEOUT, write).await.unwrap().unwrap_err();
        assert_eq!(error.job_error(), JobError::Unavailable, "{error}");
        cluster.start_again();
        assert_eq!(storage.head(user_id).await.unwrap().cursor, u64::from(number) * 2);
    }
    storage.close().await;
}

#[tokio::test]
async fn schema_allows_one_running_entry_and_no_update_of_the_log() {
    let database = PostgresDatabase::create().await;
    let storage = open(&database.clone().into()).await;
    let user_id = create_user(&storage).await;
    storage.append(user_id, unique_batch(1), Timestamp::MIN).await.unwrap().unwrap();
    let mut connection = database.connection().await;
    for (statement, refusal) in [
        (
            "INSERT INTO time_entries SELECT user_id, sha256(id)::bytea, 1, 0, NULL, false, body \
             FROM time_entries",
            "violates check constraint",
        ),
        (
            "INSERT INTO time_entries SELECT user_id, substr(sha256(id), 1, 16), 1, 0, NULL, \
             false, body FROM time_entries",
            "time_entries_one_running",
        ),
        ("UPDATE events SET json = ''", "the log is append-only"),
        ("INSERT INTO tokens SELECT user_id, '', device_id, 0, 0 FROM tokens", "check constraint"),
    ] {
        let error = connection.execute(statement).await.unwrap_err();
        assert!(error.to_string().contains(refusal), "{statement}: {error}");
        assert!(matches!(StorageError::from(error), StorageError::Refused(_)), "{statement}");
    }
}

#[tokio::test]
async fn synchronous_commit_off_is_overridden() {
    let database = PostgresDatabase::create().await;
    let mut connection = database.connection().await;
    let (_, name) = database.url.rsplit_once('/').unwrap();
    for (set, seen) in [("off", "on"), ("remote_apply", "remote_apply")] {
        let set = format!("ALTER DATABASE {name} SET synchronous_commit = {set}");
        connection.execute(AssertSqlSafe(set)).await.unwrap();
        let storage = open(&database.clone().into()).await;
        let record_setting = "CREATE TABLE IF NOT EXISTS seen (setting text); DELETE FROM seen; \
                     CREATE OR REPLACE FUNCTION see() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN \
                       INSERT INTO seen VALUES (current_setting('synchronous_commit')); \
                       RETURN NEW; END $$; \
                     CREATE OR REPLACE TRIGGER see AFTER INSERT ON users \
                       FOR EACH ROW EXECUTE FUNCTION see()";
        connection.execute(record_setting).await.unwrap();
        create_user(&storage).await;
        let found: String = sqlx::query_scalar("SELECT setting FROM seen")
            .fetch_one(&mut connection)
            .await
            .unwrap();
        assert_eq!(found, seen);
        storage.close().await;
    }
    connection.close().await.unwrap();
}

#[tokio::test]
async fn no_message_contains_the_database_password() {
    let database = PostgresDatabase::create().await;
    let storage = open(&database.clone().into()).await;
    assert!(!format!("{storage:?}").contains(PASSWORD));
    let wrong = database.url.replace(PASSWORD, "not-the-secret");
    let (config, epoch) = (wrong.parse::<Database>().unwrap(), EpochId::from_bytes([3; 16]));
    let error = Storage::open(&config, epoch).await.unwrap_err();
    let message = format!("{error} {error:?}");
    assert!(message.contains("password authentication failed"), "{message}");
    assert!(!message.contains("not-the-secret"), "{message}");
}

#[tokio::test]
async fn slow_database_times_out_before_the_client() {
    let database = PostgresDatabase::create().await;
    let storage = open(&database.clone().into()).await;
    let user_id = create_user(&storage).await;
    // A slow statement inside the insert, without a lock.
    let slow = "CREATE FUNCTION slow() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN \
                  PERFORM pg_sleep(60); RETURN NEW; END $$; \
                CREATE TRIGGER slow BEFORE INSERT ON events \
                  FOR EACH ROW EXECUTE FUNCTION slow()";
    let mut connection = database.connection().await;
    connection.execute(slow).await.unwrap();
    let write = storage.append(user_id, unique_batch(1), Timestamp::MIN);
    let error = timeout(CLIENT_TIMEOUT, write).await.unwrap().unwrap_err();
    assert_eq!(error.job_error(), JobError::Unavailable, "{error}");
    connection.execute("DROP TRIGGER slow ON events").await.unwrap();
    let write = storage.append(user_id, unique_batch(1), Timestamp::MIN);
    assert_eq!(timeout(CLIENT_TIMEOUT, write).await.unwrap().unwrap().unwrap().cursor, 2);
}
