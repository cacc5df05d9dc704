//! Only one server, or one command that needs the database for itself, uses an SQLite file.

use std::path::Path;
use std::process::Stdio;

use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::process::{Child, Command};
use wizitime_server::{CopyError, Database, READY_LINE, Storage, StorageError, maintenance};
use wizitime_server_support::Backend;
use wizitime_server_support::storage::{EPOCH, create_user, open};

#[tokio::test]
async fn second_server_on_a_file_is_refused() {
    let database = Backend::Sqlite.create_database().await;
    let storage = open(&database).await;
    let path = database.sqlite_path();
    let link = path.with_file_name("link.db");
    std::os::unix::fs::symlink(&path, &link).unwrap();
    for path in [path, link] {
        let refused = Storage::open(&Database::File(path.clone()), EPOCH).await.unwrap_err();
        assert!(matches!(refused, StorageError::InUse { .. }), "{refused:?}");
        let message = refused.to_string();
        assert!(message.contains(path.to_str().unwrap()) && message.contains("stop it"));
    }
    create_user(&storage).await;
    storage.close().await;
    create_user(&open(&database).await).await;
}

#[tokio::test]
async fn commands_refuse_the_file_of_a_running_server_except_backup() {
    let database = Backend::Sqlite.create_database().await;
    let storage = open(&database).await;
    create_user(&storage).await;
    let config = database.config();
    let folder = tempfile::tempdir().unwrap();
    let backup = folder.path().join("wizitime.backup");
    maintenance::backup(&config, &backup).await.unwrap();
    let url = "postgres://ada@localhost/none".parse().unwrap();
    for refused in [
        maintenance::restore(&config, &backup, true).await,
        maintenance::compact(&config).await,
        maintenance::migrate_to(&config, &url).await,
    ] {
        assert!(matches!(refused, Err(CopyError::InUse(_))), "{refused:?}");
    }
    create_user(&storage).await;
}

/// The server's program on the file. Its first line shows whether it has started.
async fn start(path: &Path) -> (Child, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_wizitime-server"));
    command.args(["--listen", "127.0.0.1:0", "--database"]).arg(path);
    command.stdout(Stdio::piped()).stderr(Stdio::piped()).kill_on_drop(true);
    let mut process = command.spawn().unwrap();
    let mut lines = BufReader::new(process.stdout.take().unwrap()).lines();
    let line = lines.next_line().await.unwrap().unwrap_or_default();
    (process, line)
}

#[tokio::test]
async fn lock_of_a_killed_server_is_released() {
    let database = Backend::Sqlite.create_database().await;
    let path = database.sqlite_path();
    let (mut first, line) = start(&path).await;
    assert!(line.starts_with(READY_LINE), "{line}");
    let (second, line) = start(&path).await;
    assert_eq!(line, "");
    let output = second.wait_with_output().await.unwrap();
    let log = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1), "{log}");
    assert!(log.contains("is in use by another wizitime-server"), "{log}");
    first.kill().await.unwrap();
    let (_third, line) = start(&path).await;
    assert!(line.starts_with(READY_LINE), "{line}");
}
