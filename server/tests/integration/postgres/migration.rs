//! Migration from an SQLite file to PostgreSQL.

use serde_json::Value;
use sqlx::Executor as _;
use wizitime_domain::{EpochId, Timestamp};
use wizitime_server::{CopyError, Database, PostgresUrl, Storage, maintenance};
use wizitime_server_support::database::PostgresDatabase;
use wizitime_server_support::postgres_cluster::PASSWORD;
use wizitime_server_support::storage::{EPOCH, create_user, open, read_all, token, unique_batch};

fn url(database: &PostgresDatabase) -> PostgresUrl {
    match database.url.parse().unwrap() {
        Database::Postgres(url) => url,
        Database::File(path) => panic!("{} is a file", path.display()),
    }
}

/// The rows of a database that no server uses, as JSON.
async fn rows(database: &PostgresDatabase) -> Vec<Value> {
    let mut connection = database.connection().await;
    let all = "SELECT to_jsonb(users)::text FROM users UNION ALL \
               SELECT to_jsonb(meta)::text FROM meta UNION ALL \
               SELECT to_jsonb(events)::text FROM events UNION ALL \
               SELECT to_jsonb(time_entries)::text FROM time_entries";
    let rows: Vec<String> = sqlx::query_scalar(all).fetch_all(&mut connection).await.unwrap();
    rows.iter().map(|row| serde_json::from_str(row).unwrap()).collect()
}

#[tokio::test]
async fn migration_copies_everything_and_keeps_the_epoch() {
    let folder = tempfile::tempdir().unwrap();
    let file = Database::File(folder.path().join("wizitime.db"));
    let before = Storage::open(&file, EPOCH).await.unwrap();
    let users =
        [create_user(&before).await, create_user(&before).await, create_user(&before).await];
    let (session_token, new) = token(users[1], 1_000);
    before.add_token(new).await.unwrap();
    for number in 0..30 {
        let user_id = users[usize::from(number % 2)];
        before.append(user_id, unique_batch(number), Timestamp::MIN).await.unwrap().unwrap();
    }
    let database = PostgresDatabase::create().await;
    let in_use = maintenance::migrate_to(&file, &url(&database)).await.unwrap_err();
    assert!(matches!(in_use, CopyError::InUse(_)), "{in_use}");
    let mut expected = Vec::new();
    for user_id in users {
        let (ledger, cursor) = read_all(&before, user_id, 7).await;
        expected.push((ledger.digest(), cursor));
    }
    before.close().await;
    // A server that was started too early has initialized the target with another epoch.
    let early =
        Storage::open(&database.url.parse().unwrap(), EpochId::from_bytes([5; 16])).await.unwrap();
    let in_use = maintenance::migrate_to(&file, &url(&database)).await.unwrap_err();
    assert!(matches!(in_use, CopyError::InUse(_)), "{in_use}");
    early.close().await;
    let report = maintenance::migrate_to(&file, &url(&database)).await.unwrap();
    for line in
        ["users                 3 rows", "tokens                4 rows", "events               60"]
    {
        assert!(report.contains(line), "{report}");
    }
    assert!(!report.contains(PASSWORD), "{report}");
    let after = open(&database.clone().into()).await;
    assert_eq!(after.epoch(), EPOCH);
    for (user_id, expected) in users.into_iter().zip(expected) {
        let (ledger, cursor) = read_all(&after, user_id, 7).await;
        assert_eq!((ledger.digest(), cursor), expected);
    }
    let found = after.authenticate(&session_token.hash(), Timestamp::MIN).await.unwrap().unwrap();
    assert_eq!(found.user_id, users[1]);
    let commit = after.append(users[0], unique_batch(99), Timestamp::MIN).await.unwrap().unwrap();
    assert_eq!(commit.cursor, 32);
}

/// An SQLite file with one account that no server uses.
async fn small_file() -> (tempfile::TempDir, Database) {
    let folder = tempfile::tempdir().unwrap();
    let file = Database::File(folder.path().join("wizitime.db"));
    let storage = Storage::open(&file, EPOCH).await.unwrap();
    let user_id = create_user(&storage).await;
    storage.append(user_id, unique_batch(1), Timestamp::MIN).await.unwrap().unwrap();
    storage.close().await;
    (folder, file)
}

#[tokio::test]
async fn migration_requires_a_file_and_an_empty_target() {
    let database = PostgresDatabase::create().await;
    let storage = open(&database.clone().into()).await;
    create_user(&storage).await;
    storage.close().await;
    let before = rows(&database).await;
    let (folder, file) = small_file().await;
    let error = maintenance::migrate_to(&file, &url(&database)).await.unwrap_err();
    assert!(matches!(error, CopyError::NotEmpty(_)), "{error}");
    let gone = Database::File(folder.path().join("gone.db"));
    let error = maintenance::migrate_to(&gone, &url(&database)).await.unwrap_err();
    assert!(matches!(error, CopyError::Missing(_)), "{error}");
    let error =
        maintenance::migrate_to(&database.url.parse().unwrap(), &url(&database)).await.unwrap_err();
    assert!(matches!(error, CopyError::NotSqlite), "{error}");
    assert_eq!(rows(&database).await, before);
}

#[tokio::test]
async fn migration_with_a_checksum_mismatch_is_rolled_back() {
    let database = PostgresDatabase::create().await;
    open(&database.clone().into()).await.close().await;
    let before = rows(&database).await;
    let mut connection = database.connection().await;
    let spoil = "CREATE FUNCTION spoil() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN \
                   NEW.started_at := NEW.started_at + 1; RETURN NEW; END $$; \
                 CREATE TRIGGER spoil BEFORE INSERT ON time_entries \
                   FOR EACH ROW EXECUTE FUNCTION spoil()";
    connection.execute(spoil).await.unwrap();
    let (_folder, file) = small_file().await;
    let error = maintenance::migrate_to(&file, &url(&database)).await.unwrap_err();
    assert!(matches!(error, CopyError::ChecksumMismatch("time_entries")), "{error}");
    assert_eq!(rows(&database).await, before);
    connection.execute("DROP TRIGGER spoil ON time_entries").await.unwrap();
    maintenance::migrate_to(&file, &url(&database)).await.unwrap();
}
