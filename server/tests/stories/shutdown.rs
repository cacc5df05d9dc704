//! The end: everybody is told, and what was begun is finished.

use std::sync::Arc;
use std::time::Duration;

use futures_util::FutureExt as _;
use serde_json::json;
use wizitime_server::SocketTimeouts;

use crate::client::handshake;
use crate::events::{id, start};
use crate::world::World;

#[tokio::test]
async fn sockets_are_told_to_come_back() {
    let mut world = World::new().await;
    let account = world.sign_up("ada@example.org").await;
    let mut sockets = [world.join(&account).await, world.connect(&account).await];
    world.ask_to_stop();
    for socket in &mut sockets {
        assert_eq!(socket.close_code().await, Some(1012));
    }
    world.stopped().await;
}

/// A server without a request has nothing to wait for but its sockets, and must not forget them.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_end_waits_for_sockets_that_do_not_answer() {
    for _ in 0..20 {
        let times =
            SocketTimeouts { close: Duration::from_millis(50), ..SocketTimeouts::default() };
        let mut world = World::with(|app| app.with_socket_timeouts(times)).await;
        let account = world.sign_up("ada@example.org").await;
        let socket = world.join(&account).await;
        let app = Arc::clone(&world.app);
        world.ask_to_stop();
        world.stopped().await;
        assert!(app.wait_for_open_sockets(0).now_or_never().is_some(), "a socket is still open");
        drop(socket);
    }
}

#[tokio::test]
async fn what_was_asked_before_the_end_is_answered() {
    let mut world = World::new().await;
    let account = world.sign_up("ada@example.org").await;
    let mut client = world.join(&account).await;
    let reference = client.push("BULK_EVENT", &json!({"events": [start(&id(), 1_000)]})).await;
    // The broadcast tells that the batch is in; the end comes as close to the reply as it can.
    assert_eq!(client.news().await, 1);
    world.ask_to_stop();
    let (status, response) = client.reply(&reference).await;
    assert_eq!((&*status, &response["cursor"]), ("ok", &json!(1)));
    assert_eq!(client.close_code().await, Some(1012));
    let folder = world.stopped().await;
    let world = World::on(folder, |_| (), |app| app).await;
    assert_eq!(world.join(&account).await.bulk(&[]).await["cursor"], 1);
}

#[tokio::test]
async fn a_server_that_has_stopped_keeps_nothing_open() {
    let mut world = World::new().await;
    let account = world.sign_up("ada@example.org").await;
    let query = format!("?token={}&vsn=2.0.0", account.token);
    let (mut stream, _) = handshake(world.address, &query, &[]).await.unwrap();
    world.ask_to_stop();
    while let Some(Ok(_)) = futures_util::StreamExt::next(&mut stream).await {}
    let folder = world.stopped().await;
    // SQLite has put everything into the one file.
    let left: Vec<_> = std::fs::read_dir(folder.path())
        .unwrap()
        .map(|file| file.unwrap().file_name().into_string().unwrap())
        .collect();
    assert_eq!(left, ["wizitime.db"]);
}
