//! Socket tokens: short-lived tokens that only open sockets.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use serde_json::json;
use wizitime_domain::{Timestamp, UserId};
use wizitime_server::auth::{Token, TokenHash};
use wizitime_server::{NewSocketToken, Revocation, SOCKET_TOKENS_MAX, Storage};

use wizitime_server_support::storage::{create_user, open, token};
use wizitime_server_support::{
    Backend, DEVICE_ID, PASSWORD, PhoenixClient, TestServer, backend_tests, handshake,
};

/// The status of a handshake with this token.
async fn handshake_status(server: &TestServer, token: &str) -> u16 {
    let query = format!("?token={token}&vsn=2.0.0");
    handshake(server.address, &query, &[]).await.map_or_else(|status| status, |_| 101)
}

async fn socket_token_opens_only_sockets_of_its_session(backend: Backend) {
    let server = TestServer::start(backend).await;
    let account = server.sign_up("ada@example.org").await;
    let token = server.socket_token(&account).await;
    assert_ne!(token, server.socket_token(&account).await);
    let bearer = format!("phoenix, base64url.bearer.phx.{}", STANDARD_NO_PAD.encode(&token));
    let headers = [("sec-websocket-protocol", &*bearer)];
    let (stream, _) = handshake(server.address, "?vsn=2.0.0", &headers).await.unwrap();
    let mut client = PhoenixClient::on(stream, &account.channel);
    client.join().await;
    let other = server.sign_up("bob@example.org").await;
    let mut stranger = PhoenixClient::connect(server.address, &token, &other.channel).await;
    let params = json!({"device_id": DEVICE_ID, "client_version": "1"});
    assert_eq!(stranger.try_join(&params).await.1, json!({"reason": "unauthorized"}));
    let authorization = format!("Bearer {token}");
    for path in ["/api/session", "/api/devices", "/api/export"] {
        let response = server.get(path, &[("authorization", &authorization)]).await;
        assert_eq!((response.status, &*response.error()), (401, "unauthorized"), "{path}");
    }
    let password = json!({"password": PASSWORD, "new_password": "battery staple"});
    for path in ["/api/socket_token", "/api/sign_out", "/api/password", "/api/delete_account"] {
        let response = server.post(path, Some(&token), &password).await;
        assert_eq!((response.status, &*response.error()), (401, "unauthorized"), "{path}");
    }
    client.request_ok("ping", &json!({"sent_at": 0})).await;
}

async fn revoking_a_session_revokes_its_socket_tokens_and_sockets(backend: Backend) {
    let server = TestServer::start(backend).await;
    let first = server.sign_up("ada@example.org").await;
    let second = server.sign_in("ada@example.org").await;
    let (first_client, second_client) =
        (server.socket_token(&first).await, server.socket_token(&second).await);
    let mut leaving = PhoenixClient::connect(server.address, &first_client, &first.channel).await;
    let mut staying = PhoenixClient::connect(server.address, &second_client, &second.channel).await;
    leaving.join().await;
    staying.join().await;
    server.post("/api/sign_out", Some(&first.token), &json!({})).await;
    assert_eq!(leaving.close_code().await, Some(1001));
    assert_eq!(
        (
            handshake_status(&server, &first_client).await,
            handshake_status(&server, &second_client).await
        ),
        (403, 101)
    );
    staying.request_ok("ping", &json!({"sent_at": 0})).await;
    let gone = server.post("/api/socket_token", Some(&first.token), &json!({})).await;
    assert_eq!((gone.status, &*gone.error()), (401, "unauthorized"));
    let password = json!({"password": PASSWORD});
    server.post("/api/delete_account", Some(&second.token), &password).await;
    assert_eq!(staying.close_code().await, Some(1001));
    assert_eq!(handshake_status(&server, &second_client).await, 403);
}

fn new_socket_token(user_id: UserId, session: TokenHash, from: i64, until: i64) -> NewSocketToken {
    let timestamp = |ms| Timestamp::from_ms(ms).unwrap();
    NewSocketToken {
        user_id,
        session,
        hash: Token::generate().unwrap().hash(),
        created_at: timestamp(from),
        expires_at: timestamp(until),
    }
}

/// Which of these tokens open a socket at `at` (in milliseconds).
async fn valid_at(storage: &Storage, hashes: &[TokenHash], at: i64) -> Vec<bool> {
    let mut open = Vec::new();
    for hash in hashes {
        let found =
            storage.authenticate_socket(hash, Timestamp::from_ms(at).unwrap()).await.unwrap();
        open.push(found.is_some());
    }
    open
}

async fn socket_token_expires_with_itself_and_with_its_session(backend: Backend) {
    let database = backend.create_database().await;
    let storage = open(&database).await;
    let user_id = create_user(&storage).await;
    let (session_token, new) = token(user_id, 100);
    let session = session_token.hash();
    storage.add_token(new).await.unwrap();
    let tokens =
        [new_socket_token(user_id, session, 0, 10), new_socket_token(user_id, session, 0, 200)];
    let hashes = [tokens[0].hash, tokens[1].hash, session];
    for token in tokens {
        assert!(storage.add_socket_token(token).await.unwrap());
    }
    let found = storage.authenticate_socket(&hashes[0], Timestamp::MIN).await.unwrap().unwrap();
    assert_eq!((found.user_id, found.session, found.expires_at.as_ms()), (user_id, session, 100));
    assert_eq!(storage.authenticate_socket(&session, Timestamp::MIN).await.unwrap(), Some(found));
    assert_eq!(valid_at(&storage, &hashes, 9).await, [true, true, true]);
    assert_eq!(valid_at(&storage, &hashes, 10).await, [false, true, true]);
    assert_eq!(valid_at(&storage, &hashes, 100).await, [false, false, false]);
    assert!(storage.authenticate(&hashes[1], Timestamp::MIN).await.unwrap().is_none());
    let without_session = new_socket_token(user_id, hashes[0], 0, 10);
    assert!(!storage.add_socket_token(without_session).await.unwrap(), "not a session");
    storage.revoke(user_id, Revocation::All).await.unwrap();
    assert_eq!(valid_at(&storage, &hashes, 9).await, [false, false, false]);
}

async fn oldest_socket_token_over_the_limit_is_revoked(backend: Backend) {
    let database = backend.create_database().await;
    let storage = open(&database).await;
    let user_id = create_user(&storage).await;
    let sessions = [token(user_id, 1_000), token(user_id, 1_000)];
    let [first, second] = [sessions[0].0.hash(), sessions[1].0.hash()];
    for (_, new) in sessions {
        storage.add_token(new).await.unwrap();
    }
    let second_client = new_socket_token(user_id, second, 0, 100);
    let mut hashes = vec![second_client.hash];
    storage.add_socket_token(second_client).await.unwrap();
    for number in 0..=SOCKET_TOKENS_MAX as i64 {
        let token = new_socket_token(user_id, first, number, 100 + number);
        hashes.push(token.hash);
        assert!(storage.add_socket_token(token).await.unwrap());
    }
    let open = valid_at(&storage, &hashes, 90).await;
    assert_eq!(open[..3], [true, false, true], "the oldest of the session is revoked");
    assert_eq!(open.iter().filter(|open| **open).count(), SOCKET_TOKENS_MAX + 1);
}

async fn tokens_of_one_moment_are_revoked_in_the_order_of_creation(backend: Backend) {
    let database = backend.create_database().await;
    let storage = open(&database).await;
    let user_id = create_user(&storage).await;
    let (session, new) = token(user_id, 1_000);
    storage.add_token(new).await.unwrap();
    let mut hashes = Vec::new();
    // The hashes are random, so their order is another one.
    for _ in 0..2 * SOCKET_TOKENS_MAX {
        let token = new_socket_token(user_id, session.hash(), 0, 100);
        hashes.push(token.hash);
        assert!(storage.add_socket_token(token).await.unwrap());
    }
    let open = valid_at(&storage, &hashes, 90).await;
    let (older, newer) = open.split_at(SOCKET_TOKENS_MAX);
    assert!(older.iter().all(|open| !open), "{open:?}");
    assert!(newer.iter().all(|open| *open), "{open:?}");
}

backend_tests! {
    socket_token_opens_only_sockets_of_its_session,
    revoking_a_session_revokes_its_socket_tokens_and_sockets,
    socket_token_expires_with_itself_and_with_its_session,
    oldest_socket_token_over_the_limit_is_revoked,
    tokens_of_one_moment_are_revoked_in_the_order_of_creation,
}
