//! Several servers on one database: it does not matter which one a device talks to.

use serde_json::{Value, json};
use sqlx::Executor as _;

use crate::client::Client;
use crate::events::{id, start};
use crate::home;
use crate::world::World;

async fn three() -> ([World; 3], home::Home) {
    let home = home::new().await;
    let node = async || World::on(home.clone(), |_| (), |app| app).await;
    ([node().await, node().await, node().await], home)
}

#[tokio::test]
async fn what_one_node_takes_in_is_told_on_all() {
    let ([one, two, three], home) = three().await;
    hears(&home, 3).await;
    let account = one.sign_up("ada@example.org").await;
    let other = two.sign_up("bob@example.org").await;
    let mut clients =
        [one.join(&account).await, two.join(&account).await, three.join(&account).await];
    let mut of_other = three.join(&other).await;
    for (cursor, at) in [(1, 0), (2, 1), (3, 2)] {
        clients[at].bulk(&[start(&id(), cursor * 1_000)]).await;
        for client in &mut clients {
            assert_eq!(client.news().await, cursor);
        }
    }
    let pages = async |client: &mut crate::client::Client| client.latest(&Value::Null, 0, 10).await;
    let expected = pages(&mut clients[0]).await;
    assert_eq!(expected["cursor"], 3);
    for client in &mut clients[1..] {
        assert_eq!(pages(client).await, expected);
    }
    // Nobody else has heard of it.
    of_other.bulk(&[start(&id(), 1)]).await;
    assert_eq!(of_other.news().await, 1);
}

#[tokio::test]
async fn signing_out_on_one_node_ends_sockets_on_all() {
    let ([one, two, three], home) = three().await;
    hears(&home, 3).await;
    let first = one.sign_up("ada@example.org").await;
    let second = two.sign_in("ada@example.org").await;
    let mut leaving = [one.join(&first).await, two.join(&first).await, three.join(&first).await];
    let mut staying = [one.join(&second).await, three.join(&second).await];
    assert_eq!(two.post("/api/sign_out", Some(&first.token), &json!({})).await.status, 204);
    for client in &mut leaving {
        assert_eq!(client.close_code().await, Some(1001));
    }
    for client in &mut staying {
        client.ask_ok("ping", &json!({"sent_at": 0})).await;
    }
    let everywhere = json!({"everywhere": true});
    assert_eq!(three.post("/api/sign_out", Some(&second.token), &everywhere).await.status, 204);
    for client in &mut staying {
        assert_eq!(client.close_code().await, Some(1001));
    }
}

#[tokio::test]
async fn a_socket_token_of_one_node_opens_sockets_on_all() {
    let ([one, two, three], home) = three().await;
    hears(&home, 3).await;
    let account = one.sign_up("ada@example.org").await;
    let token = crate::socket_tokens::socket_token(&one, &account).await;
    let mut clients = Vec::new();
    for node in [&one, &two, &three] {
        let mut client = Client::connect(node.address, &token, &account.channel).await;
        client.join().await;
        clients.push(client);
    }
    assert_eq!(two.post("/api/sign_out", Some(&account.token), &json!({})).await.status, 204);
    for client in &mut clients {
        assert_eq!(client.close_code().await, Some(1001));
    }
    let left: i64 = sqlx::query_scalar("SELECT count(*) FROM socket_tokens")
        .fetch_one(&mut home.hands_on().await)
        .await
        .unwrap();
    assert_eq!(left, 0, "they go with the session");
}

#[tokio::test]
async fn a_node_that_was_deaf_looks_again() {
    let ([one, two, _three], home) = three().await;
    hears(&home, 3).await;
    let kept = one.sign_up("ada@example.org").await;
    let revoked = two.sign_in("ada@example.org").await;
    let mut maker = one.join(&kept).await;
    maker.bulk(&[start(&id(), 1_000)]).await;
    let mut clients = [one.join(&kept).await, two.join(&kept).await];
    let mut leaving = [one.join(&revoked).await, two.join(&revoked).await];
    let mut connection = home.hands_on().await;
    // As if others had done this while nobody could be heard: nobody is told.
    let event = "INSERT INTO events SELECT user_id, 2, substr(sha256(id), 1, 16), device_id, \
                 writer_id, 2, 0, json FROM events";
    connection.execute(event).await.unwrap();
    let token = sqlx::query("DELETE FROM tokens WHERE token_hash = sha256($1::text::bytea)");
    let token = token.bind(&revoked.token).execute(&mut connection).await.unwrap();
    assert_eq!(token.rows_affected(), 1);
    let listeners = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity \
                     WHERE datname = current_database() AND query LIKE 'LISTEN%'";
    assert_eq!(connection.execute(listeners).await.unwrap().rows_affected(), 3);
    for client in &mut clients {
        assert_eq!(client.news().await, 2);
    }
    for client in &mut leaving {
        assert_eq!(client.close_code().await, Some(1001));
    }
    // And from then on it hears again.
    hears(&home, 3).await;
    maker.bulk(&[start(&id(), 3_000)]).await;
    for client in &mut clients {
        assert_eq!(client.news().await, 3);
    }
}

/// Waits until so many servers listen.
async fn hears(home: &home::Home, count: i64) {
    let mut connection = home.hands_on().await;
    let listening = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() \
                     AND query LIKE 'LISTEN%' AND state = 'idle'";
    let listening = async {
        let listeners = || sqlx::query_scalar::<_, i64>(listening);
        while listeners().fetch_one(&mut connection).await.unwrap() != count {}
    };
    tokio::time::timeout(crate::conformance::CLIENT_PATIENCE, listening).await.unwrap();
}
