//! The database file, or a file that belongs to it, is deleted or replaced while the server runs.

use std::path::{Path, PathBuf};

use serde_json::{Value, json};
use tokio::time::timeout;
use wizitime_domain::EpochId;
use wizitime_server::{Database, Storage};
use wizitime_server_support::events::{id, start};
use wizitime_server_support::storage::CLIENT_TIMEOUT;
use wizitime_server_support::{
    Account, Backend, PASSWORD, PhoenixClient, TestServer, captured_log, credentials,
};

/// What happens to a file.
#[derive(Clone, Copy, Debug)]
enum Change {
    Delete,
    Replace,
}

impl Change {
    fn apply(self, path: &Path) {
        match self {
            Self::Delete => std::fs::remove_file(path).unwrap(),
            Self::Replace => {
                let copy = with_suffix(path, ".copy");
                std::fs::copy(path, &copy).unwrap();
                std::fs::rename(&copy, path).unwrap();
            }
        }
    }

    const fn word(self) -> &'static str {
        match self {
            Self::Delete => "deleted",
            Self::Replace => "replaced",
        }
    }
}

fn with_suffix(path: &Path, suffix: &str) -> PathBuf {
    PathBuf::from(format!("{}{suffix}", path.display()))
}

/// A server with one account, a joined client, and one acknowledged event.
async fn server_with_an_event() -> (TestServer, Account, PhoenixClient) {
    captured_log::start();
    let server = TestServer::start(Backend::Sqlite).await;
    let account = server.sign_up("ada@example.org").await;
    let mut client = server.join(&account).await;
    client.bulk(&[start(&id(), 1_000)]).await;
    assert_eq!(server.get("/ready", &[]).await.status, 200);
    (server, account, client)
}

/// Waits until the log has a line with these words. Nothing else is requested of the server than
/// that it is alive.
async fn logged(server: &TestServer, words: &[&str]) -> Vec<String> {
    let waiting = async {
        loop {
            let lines = captured_log::lines(words);
            if !lines.is_empty() {
                return lines;
            }
            assert_eq!(server.get("/health", &[]).await.status, 200);
        }
    };
    timeout(CLIENT_TIMEOUT, waiting).await.unwrap()
}

async fn assert_nothing_is_acknowledged(
    server: &TestServer,
    account: &Account,
    client: &mut PhoenixClient,
    context: &str,
) {
    let push = json!({"events": [start(&id(), 2_000)]});
    let reference = client.push("BULK_EVENT", &push).await;
    let (status, response) = client.reply(&reference).await;
    assert_eq!((&*status, &response["reason"]), ("error", &json!("unavailable")), "{context}");
    let sign_in = credentials(&account.email, PASSWORD);
    for (path, token, body) in [
        ("/api/sign_up", None, &credentials("new@example.org", PASSWORD)),
        ("/api/sign_in", None, &sign_in),
        ("/api/sign_out", Some(&*account.token), &json!({})),
    ] {
        assert_eq!(server.post(path, token, body).await.status, 503, "{context}: {path}");
    }
    let ready = server.get("/ready", &[]).await;
    let reason = "a file of the database was deleted or replaced\n";
    assert_eq!((ready.status, &*ready.body), (503, reason.as_bytes()), "{context}");
}

#[tokio::test]
async fn no_write_is_acknowledged_after_a_file_was_deleted_or_replaced() {
    for suffix in ["", "-wal", "-shm", ".lock"] {
        for change in [Change::Delete, Change::Replace] {
            let (server, account, mut client) = server_with_an_event().await;
            change.apply(&with_suffix(&server.database.sqlite_path(), suffix));
            let context = format!("{suffix} {change:?}");
            assert_nothing_is_acknowledged(&server, &account, &mut client, &context).await;
        }
    }
}

#[tokio::test]
async fn lost_file_is_logged_without_any_request() {
    for change in [Change::Delete, Change::Replace] {
        let (server, ..) = server_with_an_event().await;
        let path = server.database.sqlite_path();
        change.apply(&path);
        let path = path.to_str().unwrap();
        let lines = logged(&server, &[path, change.word()]).await;
        assert!(lines[0].contains("ERROR") && lines[0].contains("docs/OPERATIONS.md"), "{lines:?}");
    }
}

/// The new file is neither read nor written, also not by new connections.
#[tokio::test]
async fn replacing_file_is_not_used() {
    let (server, account, _client) = server_with_an_event().await;
    let path = server.database.sqlite_path();
    let folder = tempfile::tempdir().unwrap();
    let other = folder.path().join("other.db");
    let epoch = EpochId::from_bytes([7; 16]);
    Storage::open(&Database::File(other.clone()), epoch).await.unwrap().close().await;
    let content = std::fs::read(&other).unwrap();
    std::fs::rename(&other, &path).unwrap();
    for _ in 0..20 {
        let bearer = format!("Bearer {}", account.token);
        let session = server.get("/api/session", &[("authorization", &bearer)]).await;
        assert_eq!(session.status, 503, "{session:?}");
    }
    assert_eq!(std::fs::read(&path).unwrap(), content);
}

/// Acknowledged events are only in the write-ahead log until SQLite moves them into the file.
#[tokio::test]
async fn events_of_a_deleted_write_ahead_log_are_saved_into_the_file() {
    let (server, account, mut client) = server_with_an_event().await;
    let page = client.changes_page(&Value::Null, 0, 10).await;
    let path = server.database.sqlite_path();
    Change::Delete.apply(&with_suffix(&path, "-wal"));
    let wal = with_suffix(&path, "-wal");
    logged(&server, &[wal.to_str().unwrap(), "were saved:"]).await;
    // What a restart finds, even if the server is killed now.
    let database = Backend::Sqlite.create_database().await;
    std::fs::copy(&path, database.sqlite_path()).unwrap();
    let restarted = TestServer::start_on(database, |_| (), |app| app).await;
    let mut client = restarted.join(&account).await;
    assert_eq!(client.changes_page(&Value::Null, 0, 10).await, page);
}

#[tokio::test]
async fn stopped_server_does_not_report_its_own_clean_up() {
    let (mut server, account, client) = server_with_an_event().await;
    drop(client);
    let path = server.database.sqlite_path();
    server.begin_shutdown();
    let database = server.stopped().await;
    let server = TestServer::start_on(database, |_| (), |app| app).await;
    server.join(&account).await;
    assert_eq!(captured_log::lines(&[path.to_str().unwrap(), "deleted"]), Vec::<String>::new());
}
