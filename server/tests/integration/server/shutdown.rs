//! Graceful shutdown.

use std::sync::Arc;
use std::time::Duration;

use futures_util::FutureExt as _;
use serde_json::json;
use wizitime_server::SocketTimeouts;
use wizitime_server_support::events::{id, start};
use wizitime_server_support::{Backend, TestServer, handshake};

#[tokio::test]
async fn shutdown_closes_sockets_with_service_restart() {
    let mut server = TestServer::start(Backend::Sqlite).await;
    let account = server.sign_up("ada@example.org").await;
    let mut sockets = [server.join(&account).await, server.connect(&account).await];
    server.begin_shutdown();
    for socket in &mut sockets {
        assert_eq!(socket.close_code().await, Some(1012));
    }
    server.stopped().await;
}

/// Without running requests the shutdown must still wait for sockets.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn shutdown_waits_for_sockets_that_do_not_close() {
    for _ in 0..20 {
        let times =
            SocketTimeouts { close: Duration::from_millis(50), ..SocketTimeouts::default() };
        let mut server =
            TestServer::start_with(Backend::Sqlite, |_| (), |app| app.with_socket_timeouts(times))
                .await;
        let account = server.sign_up("ada@example.org").await;
        let socket = server.join(&account).await;
        let app = Arc::clone(&server.app);
        server.begin_shutdown();
        server.stopped().await;
        assert!(app.wait_for_open_sockets(0).now_or_never().is_some(), "a socket is still open");
        drop(socket);
    }
}

#[tokio::test]
async fn requests_before_shutdown_are_answered() {
    let mut server = TestServer::start(Backend::Sqlite).await;
    let account = server.sign_up("ada@example.org").await;
    let mut client = server.join(&account).await;
    let reference = client.push("BULK_EVENT", &json!({"events": [start(&id(), 1_000)]})).await;
    // The broadcast shows that the batch is committed; the shutdown starts before the reply.
    assert_eq!(client.next_broadcast().await, 1);
    server.begin_shutdown();
    let (status, response) = client.reply(&reference).await;
    assert_eq!((&*status, &response["cursor"]), ("ok", &json!(1)));
    assert_eq!(client.close_code().await, Some(1012));
    let folder = server.stopped().await;
    let server = TestServer::start_on(folder, |_| (), |app| app).await;
    assert_eq!(server.join(&account).await.bulk(&[]).await["cursor"], 1);
}

#[tokio::test]
async fn stopped_server_leaves_no_open_files() {
    let mut server = TestServer::start(Backend::Sqlite).await;
    let account = server.sign_up("ada@example.org").await;
    let query = format!("?token={}&vsn=2.0.0", account.token);
    let (mut stream, _) = handshake(server.address, &query, &[]).await.unwrap();
    server.begin_shutdown();
    while let Some(Ok(_)) = futures_util::StreamExt::next(&mut stream).await {}
    let database = server.stopped().await;
    // SQLite has merged its write-ahead log into the file; the empty lock file stays.
    let mut files: Vec<_> = std::fs::read_dir(database.sqlite_path().parent().unwrap())
        .unwrap()
        .map(|file| file.unwrap().file_name().into_string().unwrap())
        .collect();
    files.sort();
    assert_eq!(files, ["wizitime.db", "wizitime.db.lock"]);
}
