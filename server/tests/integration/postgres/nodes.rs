//! Several servers on one database behave like one server.

use serde_json::{Value, json};
use sqlx::Executor as _;

use wizitime_server::auth::ACCOUNT_LIMIT;
use wizitime_server_support::database::PostgresDatabase;
use wizitime_server_support::events::{id, start};
use wizitime_server_support::storage::CLIENT_TIMEOUT;
use wizitime_server_support::{PASSWORD, PhoenixClient, TestServer, credentials};

async fn start_three_nodes() -> ([TestServer; 3], PostgresDatabase) {
    let database = PostgresDatabase::create().await;
    let node = async || TestServer::start_on(database.clone().into(), |_| (), |app| app).await;
    ([node().await, node().await, node().await], database)
}

#[tokio::test]
async fn append_on_one_node_is_broadcast_on_all() {
    let ([one, two, three], database) = start_three_nodes().await;
    wait_for_listeners(&database, 3).await;
    let account = one.sign_up("ada@example.org").await;
    let other = two.sign_up("bob@example.org").await;
    let mut clients =
        [one.join(&account).await, two.join(&account).await, three.join(&account).await];
    let mut other_client = three.join(&other).await;
    for (cursor, at) in [(1, 0), (2, 1), (3, 2)] {
        clients[at].bulk(&[start(&id(), cursor * 1_000)]).await;
        for client in &mut clients {
            assert_eq!(client.next_broadcast().await, cursor);
        }
    }
    let pages = async |client: &mut PhoenixClient| client.changes_page(&Value::Null, 0, 10).await;
    let expected = pages(&mut clients[0]).await;
    assert_eq!(expected["cursor"], 3);
    for client in &mut clients[1..] {
        assert_eq!(pages(client).await, expected);
    }
    // The other account got no broadcast of it.
    other_client.bulk(&[start(&id(), 1)]).await;
    assert_eq!(other_client.next_broadcast().await, 1);
}

#[tokio::test]
async fn sign_out_on_one_node_closes_sockets_on_all() {
    let ([one, two, three], database) = start_three_nodes().await;
    wait_for_listeners(&database, 3).await;
    let first = one.sign_up("ada@example.org").await;
    let second = two.sign_in("ada@example.org").await;
    let mut leaving = [one.join(&first).await, two.join(&first).await, three.join(&first).await];
    let mut staying = [one.join(&second).await, three.join(&second).await];
    assert_eq!(two.post("/api/sign_out", Some(&first.token), &json!({})).await.status, 204);
    for client in &mut leaving {
        assert_eq!(client.close_code().await, Some(1001));
    }
    for client in &mut staying {
        client.request_ok("ping", &json!({"sent_at": 0})).await;
    }
    let everywhere = json!({"everywhere": true});
    assert_eq!(three.post("/api/sign_out", Some(&second.token), &everywhere).await.status, 204);
    for client in &mut staying {
        assert_eq!(client.close_code().await, Some(1001));
    }
}

#[tokio::test]
async fn wrong_passwords_on_one_node_are_counted_on_all() {
    let (nodes, _database) = start_three_nodes().await;
    nodes[0].sign_up("ada@example.org").await;
    let sign_in = async |node: &TestServer, password: &str| {
        node.post("/api/sign_in", None, &credentials("ada@example.org", password)).await.status
    };
    // A right password forgets the wrong ones, on all nodes.
    for _ in 0..2 {
        for attempt in 1..ACCOUNT_LIMIT.max {
            assert_eq!(sign_in(&nodes[attempt as usize % 3], "wrong horse").await, 401);
        }
        assert_eq!(sign_in(&nodes[2], PASSWORD).await, 200);
    }
    for attempt in 0..ACCOUNT_LIMIT.max {
        assert_eq!(sign_in(&nodes[attempt as usize % 3], "wrong horse").await, 401);
    }
    for node in &nodes {
        assert_eq!(sign_in(node, PASSWORD).await, 429);
    }
}

#[tokio::test]
async fn socket_token_of_one_node_opens_sockets_on_all() {
    let ([one, two, three], database) = start_three_nodes().await;
    wait_for_listeners(&database, 3).await;
    let account = one.sign_up("ada@example.org").await;
    let token = one.socket_token(&account).await;
    let mut clients = Vec::new();
    for node in [&one, &two, &three] {
        let mut client = PhoenixClient::connect(node.address, &token, &account.channel).await;
        client.join().await;
        clients.push(client);
    }
    assert_eq!(two.post("/api/sign_out", Some(&account.token), &json!({})).await.status, 204);
    for client in &mut clients {
        assert_eq!(client.close_code().await, Some(1001));
    }
    let left: i64 = sqlx::query_scalar("SELECT count(*) FROM socket_tokens")
        .fetch_one(&mut database.connection().await)
        .await
        .unwrap();
    assert_eq!(left, 0, "deleted with the session");
}

#[tokio::test]
async fn node_resyncs_after_its_listen_connection_was_lost() {
    let ([one, two, _three], database) = start_three_nodes().await;
    wait_for_listeners(&database, 3).await;
    let kept = one.sign_up("ada@example.org").await;
    let revoked = two.sign_in("ada@example.org").await;
    let mut writer_client = one.join(&kept).await;
    writer_client.bulk(&[start(&id(), 1_000)]).await;
    let mut clients = [one.join(&kept).await, two.join(&kept).await];
    let mut leaving = [one.join(&revoked).await, two.join(&revoked).await];
    let mut connection = database.connection().await;
    // Like changes of another server whose notifications were lost.
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
        assert_eq!(client.next_broadcast().await, 2);
    }
    for client in &mut leaving {
        assert_eq!(client.close_code().await, Some(1001));
    }
    // Later notifications are received again.
    wait_for_listeners(&database, 3).await;
    writer_client.bulk(&[start(&id(), 3_000)]).await;
    for client in &mut clients {
        assert_eq!(client.next_broadcast().await, 3);
    }
}

/// Waits until `count` servers run LISTEN.
pub(super) async fn wait_for_listeners(database: &PostgresDatabase, count: i64) {
    let mut connection = database.connection().await;
    let listening = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() \
                     AND query LIKE 'LISTEN%' AND state = 'idle'";
    let listening = async {
        let listeners = || sqlx::query_scalar::<_, i64>(listening);
        while listeners().fetch_one(&mut connection).await.unwrap() != count {}
    };
    tokio::time::timeout(CLIENT_TIMEOUT, listening).await.unwrap();
}
