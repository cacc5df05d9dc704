//! Connections to PostgreSQL that are lost between a COMMIT and its answer.

use serde_json::json;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use wizitime_server_support::database::PostgresDatabase;
use wizitime_server_support::events::{id, start};
use wizitime_server_support::{TestDatabase, TestServer};

use super::nodes::wait_for_listeners;

/// Passes on what both sides send. While `is_losing` is true, the answer to a COMMIT is not passed
/// on: the connection ends instead.
async fn forward(mut client: TcpStream, port: u16, is_losing: watch::Receiver<bool>) {
    let mut server = TcpStream::connect(("127.0.0.1", port)).await.unwrap();
    let (mut request, mut answer) = ([0; 8_192], [0; 8_192]);
    loop {
        tokio::select! {
            length = client.read(&mut request) => {
                let Ok(length @ 1..) = length else { return };
                server.write_all(&request[..length]).await.unwrap();
                let is_commit = request[..length].windows(6).any(|word| word == b"COMMIT");
                if is_commit && *is_losing.borrow() {
                    let answered = server.read(&mut answer).await.unwrap();
                    assert!(answered > 0, "the transaction is committed");
                    return;
                }
            }
            length = server.read(&mut answer) => {
                let Ok(length @ 1..) = length else { return };
                if client.write_all(&answer[..length]).await.is_err() {
                    return;
                }
            }
        }
    }
}

async fn start_proxy(port: u16) -> (u16, watch::Sender<bool>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let own = listener.local_addr().unwrap().port();
    let (losing, is_losing) = watch::channel(false);
    tokio::spawn(async move {
        while let Ok((client, _)) = listener.accept().await {
            tokio::spawn(forward(client, port, is_losing.clone()));
        }
    });
    (own, losing)
}

#[tokio::test]
async fn committed_append_is_broadcast_on_all_nodes_although_its_answer_was_lost() {
    let database = PostgresDatabase::create().await;
    let (before, after) = database.url.rsplit_once(':').unwrap();
    let (port, name) = after.split_once('/').unwrap();
    let (port, losing) = start_proxy(port.parse().unwrap()).await;
    let proxied = format!("{before}:{port}/{name}").parse().unwrap();
    let server = TestServer::start_on(
        TestDatabase::from(database.clone()),
        |config| config.database = proxied,
        |app| app,
    )
    .await;
    let other_node =
        TestServer::start_on(TestDatabase::from(database.clone()), |_| (), |app| app).await;
    wait_for_listeners(&database, 2).await;
    let account = server.sign_up("ada@example.org").await;
    let (mut sender, mut other) = (server.join(&account).await, server.join(&account).await);
    let mut elsewhere = other_node.join(&account).await;
    losing.send(true).unwrap();
    let events = json!({"events": [start(&id(), 1_000)]});
    let error = sender.request_error("BULK_EVENT", &events).await;
    assert_eq!(error["reason"], "unavailable");
    assert_eq!(other.next_broadcast().await, 1);
    assert_eq!(elsewhere.next_broadcast().await, 1);
    losing.send(false).unwrap();
    let reply = sender.request_ok("BULK_EVENT", &events).await;
    assert_eq!(reply["cursor"], 1, "the event is known");
}
