//! The server starts before PostgreSQL, or with a wrong configuration.

use std::process::Stdio;
use std::time::Duration;

use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::process::Command;
use tokio::time::timeout;
use wizitime_server::{Database, Storage};
use wizitime_server_support::captured_log;
use wizitime_server_support::database::PostgresDatabase;
use wizitime_server_support::postgres_cluster::{Cluster, Fsync, PASSWORD};
use wizitime_server_support::storage::{EPOCH, create_user};

/// Longer than the longest wait between two attempts.
const START_TIMEOUT: Duration = Duration::from_secs(30);
/// Less than a wait for PostgreSQL.
const FAILURE_TIMEOUT: Duration = Duration::from_secs(5);

#[tokio::test]
async fn server_waits_for_postgresql_to_start() {
    captured_log::start();
    let cluster = Cluster::start(Fsync::Off);
    let database: Database = cluster.create_database().await.parse().unwrap();
    cluster.stop();
    let name = database.to_string();
    let starting = async {
        while captured_log::lines(&[&name, "waiting for PostgreSQL"]).len() < 2 {
            tokio::task::yield_now().await;
        }
        cluster.start_again();
        Ok(())
    };
    let opening = async { tokio::try_join!(Storage::open(&database, EPOCH), starting) };
    let (storage, ()) = timeout(START_TIMEOUT, opening).await.unwrap().unwrap();
    create_user(&storage).await;
    let lines = captured_log::lines(&["waiting for PostgreSQL"]);
    assert!(!lines.iter().any(|line| line.contains(PASSWORD)), "{lines:?}");
}

/// In a container the program has process id 1, which ignores signals that it does not handle.
#[tokio::test]
async fn stop_signal_ends_the_wait_for_postgresql() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    drop(listener);
    let mut server = Command::new(env!("CARGO_BIN_EXE_wizitime-server"));
    server.args(["--listen", "127.0.0.1:0"]);
    server.env("WIZITIME_DATABASE", format!("postgres://ada@127.0.0.1:{port}/wizitime"));
    let mut server = server.stderr(Stdio::piped()).kill_on_drop(true).spawn().unwrap();
    let mut log = BufReader::new(server.stderr.take().unwrap()).lines();
    let line = log.next_line().await.unwrap().unwrap();
    assert!(line.contains("waiting for PostgreSQL"), "{line}");
    let id = server.id().unwrap().to_string();
    assert!(Command::new("kill").args(["-TERM", &id]).status().await.unwrap().success());
    let status = timeout(FAILURE_TIMEOUT, server.wait()).await.unwrap().unwrap();
    assert_eq!(status.code(), Some(0), "{status}");
}

#[tokio::test]
async fn wrong_configuration_fails_at_once_and_says_what_to_do() {
    let url = PostgresDatabase::create().await.url;
    let (before, _) = url.rsplit_once('/').unwrap();
    for (url, parts) in [
        (url.replace(PASSWORD, "wrong"), ["password authentication failed", "~/.pgpass"]),
        (format!("{before}/missing"), ["does not exist", "createdb"]),
        (format!("{url}?sslmode=verify-full"), ["TLS", "sslmode=disable"]),
    ] {
        let database: Database = url.parse().unwrap();
        let opened = timeout(FAILURE_TIMEOUT, Storage::open(&database, EPOCH)).await.unwrap();
        let error = opened.unwrap_err().to_string();
        assert!(parts.iter().all(|part| error.contains(part)), "{error}");
    }
}
