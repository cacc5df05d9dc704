//! Backup during writes, and restore under a new epoch.

use std::path::{Path, PathBuf};

use serde_json::{Value, json};
use tempfile::TempDir;
use wizitime_domain::Timestamp;
use wizitime_server::{CopyError, Database, Storage, maintenance};

use wizitime_server_support::events::{id, start, stop};
use wizitime_server_support::storage::{EPOCH, create_user, open, read_all, unique_batch};
use wizitime_server_support::{Backend, TestDatabase, TestServer, backend_tests};

/// The path of a backup in a temporary folder.
fn backup_path() -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("wizitime.backup");
    (folder, path)
}

/// Restores a backup into a new SQLite file.
async fn restore(from: &Path) -> (TempDir, Storage) {
    let folder = tempfile::tempdir().unwrap();
    let database = Database::File(folder.path().join("restored.db"));
    maintenance::restore(&database, from, false).await.unwrap();
    let epoch = wizitime_domain::EpochId::from_bytes([9; 16]);
    (folder, Storage::open(&database, epoch).await.unwrap())
}

fn file_names(folder: &Path) -> Vec<String> {
    let files = std::fs::read_dir(folder).unwrap();
    let mut names: Vec<_> =
        files.map(|file| file.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

async fn backup_is_a_snapshot_during_writes(backend: Backend) {
    let database = backend.create_database().await;
    let storage = open(&database).await;
    let user_id = create_user(&storage).await;
    let write = async |number| {
        storage.append(user_id, unique_batch(number), Timestamp::MIN).await.unwrap().unwrap();
    };
    for number in 0..10 {
        write(number).await;
    }
    let (folder, path) = backup_path();
    let config = database.config();
    let writes = async {
        for number in 10..60 {
            write(number).await;
        }
    };
    let (report, ()) = tokio::join!(maintenance::backup(&config, &path), writes);
    let report = report.unwrap();
    assert!(report.contains("users                 1 rows"), "{report}");
    assert_eq!(file_names(folder.path()), ["wizitime.backup"]);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = std::fs::metadata(&path).unwrap().permissions().mode();
        assert_eq!(mode & 0o077, 0, "it holds password hashes");
    }
    let (_folder, copy) = restore(&path).await;
    let (ledger, cursor) = read_all(&copy, user_id, 1_000).await;
    assert!((20..=120).contains(&cursor), "{cursor}");
    assert_eq!(ledger.entries().count() as u64 * 2, cursor, "one snapshot");
    assert_ne!(copy.epoch(), storage.epoch());
    // Events that the backup lacks are accepted, known events are ignored.
    for number in 0..60 {
        copy.append(user_id, unique_batch(number), Timestamp::MIN).await.unwrap().unwrap();
    }
    let (again, cursor) = read_all(&copy, user_id, 1_000).await;
    let (original, original_cursor) = read_all(&storage, user_id, 1_000).await;
    assert_eq!((again.digest(), cursor), (original.digest(), original_cursor));
}

async fn restored_server_has_a_new_epoch_and_accepts_missing_events(backend: Backend) {
    let mut server = TestServer::start(backend).await;
    let config = server.database.config();
    let account = server.sign_up("ada@example.org").await;
    let mut client = server.join(&account).await;
    let entry = id();
    let (before, after) = ([start(&entry, 1_000)], [stop(&entry, 2_000), start(&id(), 3_000)]);
    client.bulk(&before).await;
    let page = client.changes_page(&Value::Null, 0, 10).await;
    let (_folder, path) = backup_path();
    maintenance::backup(&config, &path).await.unwrap();
    client.bulk(&after).await;
    let whole = client.changes_page(&Value::Null, 0, 10).await;
    let in_use = maintenance::restore(&config, &path, true).await.unwrap_err();
    assert!(matches!(in_use, CopyError::InUse(_)), "{in_use}");
    assert_eq!(client.changes_page(&Value::Null, 0, 10).await, whole, "the database is unchanged");
    server.begin_shutdown();
    let database = server.stopped().await;
    let exists = maintenance::restore(&config, &path, false).await.unwrap_err();
    assert!(exists.to_string().contains("--overwrite"), "{exists}");
    let report = maintenance::restore(&config, &path, true).await.unwrap();
    assert!(report.contains("events                1 rows"), "{report}");

    let server = TestServer::start_on(database, |_| (), |app| app).await;
    let account = server.sign_in("ada@example.org").await;
    let mut client = server.join(&account).await;
    let restored = client.changes_page(&page["epoch"], 1, 10).await;
    assert_ne!(restored["epoch"], page["epoch"]);
    assert_eq!(restored["time_entries"], page["time_entries"], "from the beginning");
    let again: Vec<_> = before.iter().chain(&after).cloned().collect();
    assert_eq!(client.bulk(&again).await, json!({"cursor": 3, "superseded": []}));
    let resent = client.changes_page(&Value::Null, 0, 10).await;
    assert_eq!(resent["time_entries"], whole["time_entries"]);
}

/// A backup has tokens that were revoked since, for example those of a stolen device.
async fn restore_ends_all_sessions(backend: Backend) {
    let mut server = TestServer::start(backend).await;
    let config = server.database.config();
    let kept = server.sign_up("ada@example.org").await;
    let revoked = server.sign_in("ada@example.org").await;
    let (_folder, path) = backup_path();
    maintenance::backup(&config, &path).await.unwrap();
    let signed_out = server.post("/api/sign_out", Some(&revoked.token), &json!({})).await;
    assert_eq!(signed_out.status, 204);
    server.begin_shutdown();
    let database = server.stopped().await;
    let report = maintenance::restore(&config, &path, true).await.unwrap();
    for part in ["All sessions were ended", "Passwords are those of the backup"] {
        assert!(report.contains(part), "{report}");
    }
    let server = TestServer::start_on(database, |_| (), |app| app).await;
    for account in [kept, revoked] {
        let bearer = format!("Bearer {}", account.token);
        let session = server.get("/api/session", &[("authorization", &bearer)]).await;
        assert_eq!(session.status, 401);
    }
    server.sign_in("ada@example.org").await;
}

async fn backup_does_not_overwrite_files(backend: Backend) {
    let database = backend.create_database().await;
    let storage = open(&database).await;
    let (folder, path) = backup_path();
    std::fs::write(&path, "existing content").unwrap();
    let error = maintenance::backup(&database.config(), &path).await.unwrap_err();
    assert!(matches!(error, CopyError::Exists(_)), "{error}");
    assert_eq!(std::fs::read(&path).unwrap(), b"existing content");
    assert_eq!(file_names(folder.path()), ["wizitime.backup"]);
    storage.close().await;
}

async fn invalid_backup_is_refused_and_changes_nothing(backend: Backend) {
    let database = backend.create_database().await;
    let config = database.config();
    let storage = open(&database).await;
    let user_id = create_user(&storage).await;
    storage.append(user_id, unique_batch(1), Timestamp::MIN).await.unwrap().unwrap();
    let (folder, path) = backup_path();
    maintenance::backup(&config, &path).await.unwrap();
    storage.close().await;
    let whole = std::fs::read(&path).unwrap();
    let half = &whole[..whole.len() / 2];
    for bytes in [b"this is a text file and not a database".as_slice(), b"", half] {
        std::fs::write(&path, bytes).unwrap();
        let error = maintenance::restore(&config, &path, true).await.unwrap_err();
        assert!(matches!(error, CopyError::InvalidBackup { .. }), "{error}");
        assert_eq!(file_names(folder.path()), ["wizitime.backup"]);
    }
    let missing = maintenance::restore(&config, &folder.path().join("gone"), true).await;
    assert!(matches!(missing.unwrap_err(), CopyError::Missing(_)));
    let storage = open(&database).await;
    assert_eq!(storage.head(user_id).await.unwrap().cursor, 2);
}

/// Runs the program with its database in the environment. Returns the exit code and the output.
async fn run(database: &TestDatabase, arguments: &[&str]) -> (i32, String) {
    let mut program = tokio::process::Command::new(env!("CARGO_BIN_EXE_wizitime-server"));
    program.env_remove("WIZITIME_DATABASE").env("DATABASE_URL", database.option());
    let output = program.args(arguments).output().await.unwrap();
    let printed = [output.stdout, output.stderr].map(|text| String::from_utf8(text).unwrap());
    (output.status.code().unwrap(), printed.concat())
}

async fn program_backs_up_and_restores(backend: Backend) {
    let database = backend.create_database().await;
    let storage = open(&database).await;
    let user_id = create_user(&storage).await;
    storage.append(user_id, unique_batch(1), Timestamp::MIN).await.unwrap().unwrap();
    let (_folder, path) = backup_path();
    let path = path.to_str().unwrap();
    for (arguments, code, part) in [
        (&["backup", path][..], 0, "checksums match"),
        (&["backup", path], 1, "exists already"),
        (&["restore", path, "--overwrite"], 1, "is in use"),
        (&["restore"], 2, "restore needs a value"),
    ] {
        let (found, output) = run(&database, arguments).await;
        assert!(found == code && output.contains(part), "{arguments:?}: {found} {output}");
    }
    storage.close().await;
    let later = format!("{path}.later");
    let (code, output) = run(&database, &["backup", &later]).await;
    assert!(code == 0 && output.contains("checksums match"), "{code} {output}");
    let (code, output) = run(&database, &["restore", path, "--overwrite"]).await;
    assert!(code == 0 && output.contains("under the new epoch"), "{code} {output}");
    let storage = open(&database).await;
    assert_ne!(storage.epoch(), EPOCH);
    assert_eq!(storage.head(user_id).await.unwrap().cursor, 2);
}

backend_tests! {
    backup_is_a_snapshot_during_writes,
    restored_server_has_a_new_epoch_and_accepts_missing_events,
    restore_ends_all_sessions,
    backup_does_not_overwrite_files,
    invalid_backup_is_refused_and_changes_nothing,
    program_backs_up_and_restores,
}
