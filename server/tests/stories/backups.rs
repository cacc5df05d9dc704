//! Backups are taken while people work, and lead to a log of their own.

use std::path::{Path, PathBuf};

use serde_json::{Value, json};
use tempfile::TempDir;
use wizitime_domain::Timestamp;
use wizitime_server::{CopyError, Database, Storage, maintenance};

use crate::conformance::{all, of_its_own, open, user};
use crate::events::{id, start, stop};
use crate::home;
use crate::world::World;

/// A place for a backup, in a folder that goes with the story.
fn place() -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("wizitime.backup");
    (folder, path)
}

async fn restored(from: &Path) -> (TempDir, Storage) {
    let folder = tempfile::tempdir().unwrap();
    let database = Database::File(folder.path().join("restored.db"));
    maintenance::restore(&database, from, false).await.unwrap();
    let epoch = wizitime_domain::EpochId::from_bytes([9; 16]);
    (folder, Storage::open(&database, epoch).await.unwrap())
}

fn names(folder: &Path) -> Vec<String> {
    let files = std::fs::read_dir(folder).unwrap();
    let mut names: Vec<_> =
        files.map(|file| file.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

#[tokio::test]
async fn a_backup_is_the_log_at_one_moment_while_people_work() {
    let home = home::new().await;
    let storage = open(&home).await;
    let user_id = user(&storage).await;
    let write = async |number| {
        storage.append(user_id, of_its_own(number), Timestamp::MIN).await.unwrap().unwrap();
    };
    for number in 0..10 {
        write(number).await;
    }
    let (folder, path) = place();
    let database = home::database(&home);
    let writes = async {
        for number in 10..60 {
            write(number).await;
        }
    };
    let (told, ()) = tokio::join!(maintenance::backup(&database, &path), writes);
    let told = told.unwrap();
    assert!(told.contains("users                 1 rows"), "{told}");
    assert_eq!(names(folder.path()), ["wizitime.backup"]);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = std::fs::metadata(&path).unwrap().permissions().mode();
        assert_eq!(mode & 0o077, 0, "it holds password hashes");
    }
    let (_folder, copy) = restored(&path).await;
    let (ledger, cursor) = all(&copy, user_id, 1_000).await;
    assert!((20..=120).contains(&cursor), "{cursor}");
    assert_eq!(ledger.entries().count() as u64 * 2, cursor, "all is of the same moment");
    assert_ne!(copy.epoch(), storage.epoch());
    // What the backup lacks can be sent to it, and what it has is known.
    for number in 0..60 {
        copy.append(user_id, of_its_own(number), Timestamp::MIN).await.unwrap().unwrap();
    }
    let (again, cursor) = all(&copy, user_id, 1_000).await;
    let (original, of_original) = all(&storage, user_id, 1_000).await;
    assert_eq!((again.digest(), cursor), (original.digest(), of_original));
}

#[tokio::test]
async fn a_restored_server_has_a_new_epoch_and_is_offered_what_it_lacks() {
    let mut world = World::new().await;
    let database = home::database(&world.folder);
    let account = world.sign_up("ada@example.org").await;
    let mut client = world.join(&account).await;
    let entry = id();
    let (before, after) = ([start(&entry, 1_000)], [stop(&entry, 2_000), start(&id(), 3_000)]);
    client.bulk(&before).await;
    let page = client.latest(&Value::Null, 0, 10).await;
    let (_folder, path) = place();
    maintenance::backup(&database, &path).await.unwrap();
    client.bulk(&after).await;
    let whole = client.latest(&Value::Null, 0, 10).await;
    let in_use = maintenance::restore(&database, &path, true).await.unwrap_err();
    assert!(matches!(in_use, CopyError::InUse(_)), "{in_use}");
    assert_eq!(client.latest(&Value::Null, 0, 10).await, whole, "nothing happened to it");
    world.ask_to_stop();
    let home = world.stopped().await;
    let there = maintenance::restore(&database, &path, false).await.unwrap_err();
    assert!(there.to_string().contains("--overwrite"), "{there}");
    let told = maintenance::restore(&database, &path, true).await.unwrap();
    assert!(told.contains("events                1 rows"), "{told}");

    let world = World::on(home, |_| (), |app| app).await;
    let mut client = world.join(&account).await;
    let restored = client.latest(&page["epoch"], 1, 10).await;
    assert_ne!(restored["epoch"], page["epoch"]);
    assert_eq!(restored["time_entries"], page["time_entries"], "from the beginning");
    let again: Vec<_> = before.iter().chain(&after).cloned().collect();
    assert_eq!(client.bulk(&again).await, json!({"cursor": 3, "superseded": []}));
    let offered = client.latest(&Value::Null, 0, 10).await;
    assert_eq!(offered["time_entries"], whole["time_entries"]);
    world.sign_in("ada@example.org").await;
}

#[tokio::test]
async fn a_backup_overwrites_nothing() {
    let home = home::new().await;
    let storage = open(&home).await;
    let (folder, path) = place();
    std::fs::write(&path, "dear to somebody").unwrap();
    let error = maintenance::backup(&home::database(&home), &path).await.unwrap_err();
    assert!(matches!(error, CopyError::Exists(_)), "{error}");
    assert_eq!(std::fs::read(&path).unwrap(), b"dear to somebody");
    assert_eq!(names(folder.path()), ["wizitime.backup"]);
    storage.close().await;
}

#[tokio::test]
async fn what_is_no_whole_backup_is_refused_and_changes_nothing() {
    let home = home::new().await;
    let database = home::database(&home);
    let storage = open(&home).await;
    let user_id = user(&storage).await;
    storage.append(user_id, of_its_own(1), Timestamp::MIN).await.unwrap().unwrap();
    let (folder, path) = place();
    maintenance::backup(&database, &path).await.unwrap();
    storage.close().await;
    let whole = std::fs::read(&path).unwrap();
    let half = &whole[..whole.len() / 2];
    for bytes in [b"a letter to my grandmother, and no database".as_slice(), b"", half] {
        std::fs::write(&path, bytes).unwrap();
        let error = maintenance::restore(&database, &path, true).await.unwrap_err();
        assert!(matches!(error, CopyError::InvalidBackup { .. }), "{error}");
        assert_eq!(names(folder.path()), ["wizitime.backup"]);
    }
    let missing = maintenance::restore(&database, &folder.path().join("gone"), true).await;
    assert!(matches!(missing.unwrap_err(), CopyError::Missing(_)));
    let storage = open(&home).await;
    assert_eq!(storage.head(user_id).await.unwrap().cursor, 2);
}

/// The exit code of the program with its database in the environment, and what it printed.
async fn run(home: &home::Home, arguments: &[&str]) -> (i32, String) {
    let mut program = tokio::process::Command::new(env!("CARGO_BIN_EXE_wizitime-server"));
    program.env_remove("WIZITIME_DATABASE").env("DATABASE_URL", home::text(home));
    let output = program.args(arguments).output().await.unwrap();
    let printed = [output.stdout, output.stderr].map(|text| String::from_utf8(text).unwrap());
    (output.status.code().unwrap(), printed.concat())
}

#[tokio::test]
async fn the_program_backs_up_and_restores() {
    let home = home::new().await;
    let storage = open(&home).await;
    let user_id = user(&storage).await;
    storage.append(user_id, of_its_own(1), Timestamp::MIN).await.unwrap().unwrap();
    let (_folder, path) = place();
    let path = path.to_str().unwrap();
    for (arguments, code, part) in [
        (&["backup", path][..], 0, "checksums match"),
        (&["backup", path], 1, "exists already"),
        (&["restore", path, "--overwrite"], 1, "is in use"),
        (&["restore"], 2, "restore needs a value"),
    ] {
        let (found, told) = run(&home, arguments).await;
        assert!(found == code && told.contains(part), "{arguments:?}: {found} {told}");
    }
    storage.close().await;
    let later = format!("{path}.later");
    let (code, told) = run(&home, &["backup", &later]).await;
    assert!(code == 0 && told.contains("checksums match"), "no server runs: {code} {told}");
    let (code, told) = run(&home, &["restore", path, "--overwrite"]).await;
    assert!(code == 0 && told.contains("under the new epoch"), "{code} {told}");
    let storage = open(&home).await;
    assert_ne!(storage.epoch(), crate::conformance::EPOCH);
    assert_eq!(storage.head(user_id).await.unwrap().cursor, 2);
}
