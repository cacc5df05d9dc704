//! The files of an SQLite database.

use std::path::{Path, PathBuf};

use serde_json::json;
use wizitime_domain::EpochId;
use wizitime_server::{Database, Storage};
use wizitime_server_support::events::{id, start};
use wizitime_server_support::{Backend, PASSWORD, TestServer};

/// The files in the folder of the database.
fn files(server: &TestServer) -> Vec<PathBuf> {
    let folder = std::fs::read_dir(server.database.sqlite_path().parent().unwrap()).unwrap();
    folder.map(|file| file.unwrap().path()).collect()
}

#[tokio::test]
async fn database_files_contain_no_token_or_password() {
    let server = TestServer::start(Backend::Sqlite).await;
    let account = server.sign_up("ada@example.org").await;
    for file in files(&server) {
        let bytes = std::fs::read(&file).unwrap();
        let is_lock = file.extension().is_some_and(|it| it == "lock");
        assert_eq!(bytes.is_empty(), is_lock, "{}", file.display());
        for secret in [&*account.token, PASSWORD] {
            assert!(!bytes.windows(secret.len()).any(|window| window == secret.as_bytes()));
        }
    }
}

#[cfg(unix)]
#[tokio::test]
async fn database_files_are_private_to_their_owner() {
    use std::os::unix::fs::PermissionsExt as _;

    let server = TestServer::start(Backend::Sqlite).await;
    server.sign_up("ada@example.org").await;
    for file in files(&server) {
        let mode = file.metadata().unwrap().permissions().mode();
        assert_eq!(mode & 0o077, 0, "{}", file.display());
    }
}

/// The bytes of a deleted row stay in the file unless they are overwritten.
#[tokio::test]
async fn files_contain_no_text_of_a_deleted_account() {
    let server = TestServer::start(Backend::Sqlite).await;
    let account = server.sign_up("ada@example.org").await;
    let mut client = server.join(&account).await;
    // Some texts are in a page of their own.
    let texts = ["confidential meeting".to_owned(), "confidential notes ".repeat(150)];
    for text in texts.iter().cycle().take(60) {
        let mut event = start(&id(), 1_000);
        event["event"]["description"] = json!(text);
        client.bulk(&[event]).await;
    }
    let confidential = |file: &PathBuf| {
        let bytes = std::fs::read(file).unwrap();
        bytes.windows(12).any(|window| window == b"confidential")
    };
    assert!(files(&server).iter().any(confidential));
    let body = json!({"password": PASSWORD});
    let path = "/api/delete_account";
    let deleted = server.post(path, Some(&account.token), &body).await;
    assert_eq!(deleted.status, 204, "{deleted:?}");
    let left: Vec<_> = files(&server).into_iter().filter(confidential).collect();
    assert_eq!(left, Vec::<PathBuf>::new());
}

async fn open_error(path: &Path) -> String {
    let database = Database::File(path.to_owned());
    let refused = Storage::open(&database, EpochId::from_bytes([1; 16])).await;
    refused.unwrap_err().to_string()
}

#[tokio::test]
async fn invalid_database_file_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("wizitime.db");
    std::fs::write(&path, "this is a text file that is longer than the header of an SQLite file")
        .unwrap();
    assert!(open_error(&path).await.contains("not a database"));
    let nowhere = folder.path().join("no/such/folder/wizitime.db");
    assert!(open_error(&nowhere).await.contains("cannot be created"));
}
