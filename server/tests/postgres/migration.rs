//! From an SQLite file to PostgreSQL.

use serde_json::Value;
use sqlx::Executor as _;
use wizitime_domain::{EpochId, Timestamp};
use wizitime_server::{CopyError, Database, PostgresUrl, Storage, maintenance};

use crate::conformance::{EPOCH, all, of_its_own, open, token, user};
use crate::home::{self, Home};

fn url(home: &Home) -> PostgresUrl {
    match home::database(home) {
        Database::Postgres(url) => url,
        Database::File(path) => panic!("{} is a file", path.display()),
    }
}

/// Everything in a database that servers do not use, as text.
async fn rows(home: &Home) -> Vec<Value> {
    let mut connection = home.hands_on().await;
    let all = "SELECT to_jsonb(users)::text FROM users UNION ALL \
               SELECT to_jsonb(meta)::text FROM meta UNION ALL \
               SELECT to_jsonb(events)::text FROM events UNION ALL \
               SELECT to_jsonb(time_entries)::text FROM time_entries";
    let rows: Vec<String> = sqlx::query_scalar(all).fetch_all(&mut connection).await.unwrap();
    rows.iter().map(|row| serde_json::from_str(row).unwrap()).collect()
}

#[tokio::test]
async fn a_file_is_moved_whole_and_the_log_goes_on() {
    let folder = tempfile::tempdir().unwrap();
    let file = Database::File(folder.path().join("wizitime.db"));
    let before = Storage::open(&file, EPOCH).await.unwrap();
    let users = [user(&before).await, user(&before).await, user(&before).await];
    let (shown, new) = token(users[1], 1_000);
    before.add_token(new).await.unwrap();
    for number in 0..30 {
        let user_id = users[usize::from(number % 2)];
        before.append(user_id, of_its_own(number), Timestamp::MIN).await.unwrap().unwrap();
    }
    let home = home::new().await;
    let in_use = maintenance::migrate_to(&file, &url(&home)).await.unwrap_err();
    assert!(matches!(in_use, CopyError::InUse(_)), "{in_use}");
    let mut expected = Vec::new();
    for user_id in users {
        let (ledger, cursor) = all(&before, user_id, 7).await;
        expected.push((ledger.digest(), cursor));
    }
    before.close().await;
    // A server that was started on it too early has begun a log of its own.
    let early = Storage::open(&home::database(&home), EpochId::from_bytes([5; 16])).await.unwrap();
    let in_use = maintenance::migrate_to(&file, &url(&home)).await.unwrap_err();
    assert!(matches!(in_use, CopyError::InUse(_)), "{in_use}");
    early.close().await;
    let told = maintenance::migrate_to(&file, &url(&home)).await.unwrap();
    for line in
        ["users                 3 rows", "tokens                4 rows", "events               60"]
    {
        assert!(told.contains(line), "{told}");
    }
    assert!(!told.contains(crate::cluster::PASSWORD), "{told}");
    let after = open(&home).await;
    assert_eq!(after.epoch(), EPOCH);
    for (user_id, expected) in users.into_iter().zip(expected) {
        let (ledger, cursor) = all(&after, user_id, 7).await;
        assert_eq!((ledger.digest(), cursor), expected);
    }
    let found = after.authenticate(&shown.hash(), Timestamp::MIN).await.unwrap().unwrap();
    assert_eq!(found.user_id, users[1]);
    let commit = after.append(users[0], of_its_own(99), Timestamp::MIN).await.unwrap().unwrap();
    assert_eq!(commit.cursor, 32);
}

/// A file with one account that no server uses.
async fn small_file() -> (tempfile::TempDir, Database) {
    let folder = tempfile::tempdir().unwrap();
    let file = Database::File(folder.path().join("wizitime.db"));
    let storage = Storage::open(&file, EPOCH).await.unwrap();
    let user_id = user(&storage).await;
    storage.append(user_id, of_its_own(1), Timestamp::MIN).await.unwrap().unwrap();
    storage.close().await;
    (folder, file)
}

#[tokio::test]
async fn only_a_file_is_moved_and_only_to_where_nobody_is() {
    let home = home::new().await;
    let storage = open(&home).await;
    user(&storage).await;
    storage.close().await;
    let before = rows(&home).await;
    let (folder, file) = small_file().await;
    let error = maintenance::migrate_to(&file, &url(&home)).await.unwrap_err();
    assert!(matches!(error, CopyError::NotEmpty(_)), "{error}");
    let gone = Database::File(folder.path().join("gone.db"));
    let error = maintenance::migrate_to(&gone, &url(&home)).await.unwrap_err();
    assert!(matches!(error, CopyError::Missing(_)), "{error}");
    let error = maintenance::migrate_to(&home::database(&home), &url(&home)).await.unwrap_err();
    assert!(matches!(error, CopyError::NotSqlite), "{error}");
    assert_eq!(rows(&home).await, before);
}

#[tokio::test]
async fn what_does_not_arrive_as_it_was_sent_is_not_kept() {
    let home = home::new().await;
    open(&home).await.close().await;
    let before = rows(&home).await;
    let mut connection = home.hands_on().await;
    let spoil = "CREATE FUNCTION spoil() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN \
                   NEW.started_at := NEW.started_at + 1; RETURN NEW; END $$; \
                 CREATE TRIGGER spoil BEFORE INSERT ON time_entries \
                   FOR EACH ROW EXECUTE FUNCTION spoil()";
    connection.execute(spoil).await.unwrap();
    let (_folder, file) = small_file().await;
    let error = maintenance::migrate_to(&file, &url(&home)).await.unwrap_err();
    assert!(matches!(error, CopyError::ChecksumMismatch("time_entries")), "{error}");
    assert_eq!(rows(&home).await, before);
    connection.execute("DROP TRIGGER spoil ON time_entries").await.unwrap();
    maintenance::migrate_to(&file, &url(&home)).await.unwrap();
}
