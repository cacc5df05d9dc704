//! A PostgreSQL that fails: what is asked of it is answered in time, and it is used again as soon
//! as it is back.

use sqlx::{AssertSqlSafe, Connection as _, Executor as _};
use tokio::time::timeout;
use wizitime_domain::{EpochId, Timestamp};
use wizitime_hub::JobError;
use wizitime_server::{Database, Storage, StorageError};

use crate::cluster::{Cluster, Fsync, PASSWORD};
use crate::conformance::{CLIENT_PATIENCE, EPOCH, of_its_own, open, user};
use crate::home;

#[tokio::test]
async fn errors_are_sorted_by_whether_trying_again_may_help() {
    let home = home::new().await;
    let mut connection = home.hands_on().await;
    let raised =
        |code: &str| format!("DO $$ BEGIN RAISE 'told so' USING ERRCODE = '{code}'; END $$");
    // No connection, too many, full, shutting down, starting, serialisation, deadlock, a standby,
    // a lock, a statement that took too long, an I/O error, a missing table, a missing permission.
    let passing = [
        "08006", "53300", "53100", "57P01", "57P03", "40001", "40P01", "25006", "55P03", "57014",
        "58030", "42P01", "42501", "P0001", "XX000",
    ];
    // Text that is no number, a broken key, a broken check, a broken reference, the log's trigger.
    let lasting = ["22P02", "23505", "23514", "23503", "23001"];
    for (code, expected) in passing
        .map(|code| (code, JobError::Unavailable))
        .into_iter()
        .chain(lasting.map(|code| (code, JobError::Internal)))
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
async fn a_broken_connection_is_told_and_replaced() {
    let home = home::new().await;
    let storage = open(&home).await;
    let user_id = user(&storage).await;
    let lock = home::lock(&home).await;
    let (killing, killed) = tokio::sync::oneshot::channel();
    let write = async {
        let error = storage.append(user_id, of_its_own(1), Timestamp::MIN).await.unwrap_err();
        killed.await.unwrap();
        error
    };
    let kill = async {
        let mut connection = home.hands_on().await;
        let waiting = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity \
                       WHERE datname = current_database() AND wait_event_type = 'Lock'";
        while connection.execute(waiting).await.unwrap().rows_affected() == 0 {}
        killing.send(()).unwrap();
    };
    let (error, ()) = timeout(CLIENT_PATIENCE, async { tokio::join!(write, kill) }).await.unwrap();
    assert_eq!(error.job_error(), JobError::Unavailable, "{error}");
    lock.release().await;
    let commit = storage.append(user_id, of_its_own(1), Timestamp::MIN).await.unwrap().unwrap();
    assert_eq!(commit.cursor, 2);
    // Connections that broke while nobody used them are not noticed at all.
    let others = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity \
                  WHERE datname = current_database() AND pid <> pg_backend_pid()";
    assert!(home.hands_on().await.execute(others).await.unwrap().rows_affected() > 0);
    assert_eq!(storage.head(user_id).await.unwrap().cursor, 2);
}

#[tokio::test]
async fn what_was_acknowledged_outlives_a_crash_of_the_database() {
    let cluster = Cluster::start(Fsync::On);
    let database: Database = cluster.database().await.parse().unwrap();
    let storage = Storage::open(&database, EPOCH).await.unwrap();
    let user_id = user(&storage).await;
    for (number, is_a_crash) in [(1, true), (2, false)] {
        let batch = of_its_own(number);
        storage.append(user_id, batch, Timestamp::MIN).await.unwrap().unwrap();
        if is_a_crash {
            cluster.crash()
        } else {
            cluster.stop()
        };
        let write = storage.append(user_id, of_its_own(number + 10), Timestamp::MIN);
        let error = timeout(CLIENT_PATIENCE, write).await.unwrap().unwrap_err();
        assert_eq!(error.job_error(), JobError::Unavailable, "{error}");
        cluster.start_again();
        assert_eq!(storage.head(user_id).await.unwrap().cursor, u64::from(number) * 2);
    }
    storage.close().await;
}

#[tokio::test]
async fn the_database_itself_allows_one_running_entry_and_no_change_of_the_log() {
    let home = home::new().await;
    let storage = open(&home).await;
    let user_id = user(&storage).await;
    storage.append(user_id, of_its_own(1), Timestamp::MIN).await.unwrap().unwrap();
    let mut connection = home.hands_on().await;
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
async fn an_acknowledgement_means_on_disk_whatever_the_database_is_set_to() {
    let home = home::new().await;
    let mut connection = home.hands_on().await;
    let (_, name) = home.url.rsplit_once('/').unwrap();
    for (set, seen) in [("off", "on"), ("remote_apply", "remote_apply")] {
        let set = format!("ALTER DATABASE {name} SET synchronous_commit = {set}");
        connection.execute(AssertSqlSafe(set)).await.unwrap();
        let storage = open(&home).await;
        let watch = "CREATE TABLE IF NOT EXISTS seen (setting text); DELETE FROM seen; \
                     CREATE OR REPLACE FUNCTION see() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN \
                       INSERT INTO seen VALUES (current_setting('synchronous_commit')); \
                       RETURN NEW; END $$; \
                     CREATE OR REPLACE TRIGGER see AFTER INSERT ON users \
                       FOR EACH ROW EXECUTE FUNCTION see()";
        connection.execute(watch).await.unwrap();
        user(&storage).await;
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
async fn a_password_is_in_no_message() {
    let home = home::new().await;
    let storage = open(&home).await;
    assert!(!format!("{storage:?}").contains(PASSWORD));
    let wrong = home.url.replace(PASSWORD, "not-the-secret");
    let (database, epoch) = (wrong.parse::<Database>().unwrap(), EpochId::from_bytes([3; 16]));
    let error = Storage::open(&database, epoch).await.unwrap_err();
    let told = format!("{error} {error:?}");
    assert!(told.contains("password authentication failed"), "{told}");
    assert!(!told.contains("not-the-secret"), "{told}");
}

#[tokio::test]
async fn a_database_that_never_answers_is_given_up_in_time() {
    let home = home::new().await;
    let storage = open(&home).await;
    let user_id = user(&storage).await;
    // A statement that waits for no lock, inside the insert.
    let slow = "CREATE FUNCTION slow() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN \
                  PERFORM pg_sleep(60); RETURN NEW; END $$; \
                CREATE TRIGGER slow BEFORE INSERT ON events \
                  FOR EACH ROW EXECUTE FUNCTION slow()";
    let mut connection = home.hands_on().await;
    connection.execute(slow).await.unwrap();
    let write = storage.append(user_id, of_its_own(1), Timestamp::MIN);
    let error = timeout(CLIENT_PATIENCE, write).await.unwrap().unwrap_err();
    assert_eq!(error.job_error(), JobError::Unavailable, "{error}");
    connection.execute("DROP TRIGGER slow ON events").await.unwrap();
    let write = storage.append(user_id, of_its_own(1), Timestamp::MIN);
    assert_eq!(timeout(CLIENT_PATIENCE, write).await.unwrap().unwrap().unwrap().cursor, 2);
}
