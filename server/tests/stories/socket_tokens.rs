//! Tokens that open sockets, for a minute, and nothing else.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use serde_json::json;
use wizitime_domain::{Timestamp, UserId};
use wizitime_server::auth::{SOCKET_TOKEN_LIFE_MS, Token, TokenHash};
use wizitime_server::{NewSocketToken, Revocation, SOCKET_TOKENS_MAX, Storage};

use crate::client::{Client, handshake};
use crate::conformance::{open, token, user};
use crate::home;
use crate::world::{Account, PASSWORD, World};

pub(crate) async fn socket_token(world: &World, account: &Account) -> String {
    let answer = world.post("/api/socket_token", Some(&account.token), &json!({})).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    assert_eq!(answer.header("cache-control"), Some("no-store"));
    assert_eq!(answer.json()["expires_in_ms"], SOCKET_TOKEN_LIFE_MS);
    answer.json()["token"].as_str().unwrap().to_owned()
}

/// The status of a handshake with this token.
async fn opens(world: &World, token: &str) -> u16 {
    let query = format!("?token={token}&vsn=2.0.0");
    handshake(world.address, &query, &[]).await.map_or_else(|status| status, |_| 101)
}

#[tokio::test]
async fn a_socket_token_opens_sockets_of_its_session_and_nothing_else() {
    let world = World::new().await;
    let account = world.sign_up("ada@example.org").await;
    let token = socket_token(&world, &account).await;
    assert_ne!(token, socket_token(&world, &account).await);
    let bearer = format!("phoenix, base64url.bearer.phx.{}", STANDARD_NO_PAD.encode(&token));
    let headers = [("sec-websocket-protocol", &*bearer)];
    let (stream, _) = handshake(world.address, "?vsn=2.0.0", &headers).await.unwrap();
    let mut client = Client::on(stream, &account.channel);
    client.join().await;
    let other = world.sign_up("bob@example.org").await;
    let mut stranger = Client::connect(world.address, &token, &other.channel).await;
    let params = json!({"device_id": crate::world::DEVICE, "client_version": "1"});
    assert_eq!(stranger.try_join(&params).await.1, json!({"reason": "unauthorized"}));
    let authorization = format!("Bearer {token}");
    for path in ["/api/session", "/api/devices", "/api/export"] {
        let answer = world.get(path, &[("authorization", &authorization)]).await;
        assert_eq!((answer.status, &*answer.error()), (401, "unauthorized"), "{path}");
    }
    let password = json!({"password": PASSWORD, "new_password": "battery staple"});
    for path in ["/api/socket_token", "/api/sign_out", "/api/password", "/api/delete_account"] {
        let answer = world.post(path, Some(&token), &password).await;
        assert_eq!((answer.status, &*answer.error()), (401, "unauthorized"), "{path}");
    }
    client.ask_ok("ping", &json!({"sent_at": 0})).await;
}

#[tokio::test]
async fn with_its_session_a_socket_token_and_its_sockets_end() {
    let world = World::new().await;
    let first = world.sign_up("ada@example.org").await;
    let second = world.sign_in("ada@example.org").await;
    let (of_first, of_second) =
        (socket_token(&world, &first).await, socket_token(&world, &second).await);
    let mut leaving = Client::connect(world.address, &of_first, &first.channel).await;
    let mut staying = Client::connect(world.address, &of_second, &second.channel).await;
    leaving.join().await;
    staying.join().await;
    world.post("/api/sign_out", Some(&first.token), &json!({})).await;
    assert_eq!(leaving.close_code().await, Some(1001));
    assert_eq!((opens(&world, &of_first).await, opens(&world, &of_second).await), (403, 101));
    staying.ask_ok("ping", &json!({"sent_at": 0})).await;
    let gone = world.post("/api/socket_token", Some(&first.token), &json!({})).await;
    assert_eq!((gone.status, &*gone.error()), (401, "unauthorized"));
    let password = json!({"password": PASSWORD});
    world.post("/api/delete_account", Some(&second.token), &password).await;
    assert_eq!(staying.close_code().await, Some(1001));
    assert_eq!(opens(&world, &of_second).await, 403);
}

fn issued(user_id: UserId, session: TokenHash, from: i64, until: i64) -> NewSocketToken {
    let instant = |ms| Timestamp::from_ms(ms).unwrap();
    NewSocketToken {
        user_id,
        session,
        hash: Token::generate().unwrap().hash(),
        created_at: instant(from),
        expires_at: instant(until),
    }
}

/// Which of these tokens open a socket.
async fn open_at(storage: &Storage, hashes: &[TokenHash], at: i64) -> Vec<bool> {
    let mut open = Vec::new();
    for hash in hashes {
        let found =
            storage.authenticate_socket(hash, Timestamp::from_ms(at).unwrap()).await.unwrap();
        open.push(found.is_some());
    }
    open
}

#[tokio::test]
async fn a_socket_token_ends_with_its_time_and_with_that_of_its_session() {
    let home = home::new().await;
    let storage = open(&home).await;
    let user_id = user(&storage).await;
    let (shown, new) = token(user_id, 100);
    let session = shown.hash();
    storage.add_token(new).await.unwrap();
    let tokens = [issued(user_id, session, 0, 10), issued(user_id, session, 0, 200)];
    let hashes = [tokens[0].hash, tokens[1].hash, session];
    for token in tokens {
        assert!(storage.add_socket_token(token).await.unwrap());
    }
    let found = storage.authenticate_socket(&hashes[0], Timestamp::MIN).await.unwrap().unwrap();
    assert_eq!((found.user_id, found.session, found.expires_at.as_ms()), (user_id, session, 100));
    assert_eq!(storage.authenticate_socket(&session, Timestamp::MIN).await.unwrap(), Some(found));
    assert_eq!(open_at(&storage, &hashes, 9).await, [true, true, true]);
    assert_eq!(open_at(&storage, &hashes, 10).await, [false, true, true]);
    assert_eq!(open_at(&storage, &hashes, 100).await, [false, false, false]);
    assert!(storage.authenticate(&hashes[1], Timestamp::MIN).await.unwrap().is_none());
    let of_nobody = issued(user_id, hashes[0], 0, 10);
    assert!(!storage.add_socket_token(of_nobody).await.unwrap(), "it is no session");
    storage.revoke(user_id, Revocation::All).await.unwrap();
    assert_eq!(open_at(&storage, &hashes, 9).await, [false, false, false]);
}

#[tokio::test]
async fn a_session_has_so_many_socket_tokens_and_no_more() {
    let home = home::new().await;
    let storage = open(&home).await;
    let user_id = user(&storage).await;
    let sessions = [token(user_id, 1_000), token(user_id, 1_000)];
    let [first, second] = [sessions[0].0.hash(), sessions[1].0.hash()];
    for (_, new) in sessions {
        storage.add_token(new).await.unwrap();
    }
    let of_second = issued(user_id, second, 0, 100);
    let mut hashes = vec![of_second.hash];
    storage.add_socket_token(of_second).await.unwrap();
    for number in 0..=SOCKET_TOKENS_MAX as i64 {
        let token = issued(user_id, first, number, 100 + number);
        hashes.push(token.hash);
        assert!(storage.add_socket_token(token).await.unwrap());
    }
    let open = open_at(&storage, &hashes, 90).await;
    assert_eq!(open[..3], [true, false, true], "the oldest of the session is void");
    assert_eq!(open.iter().filter(|open| **open).count(), SOCKET_TOKENS_MAX + 1);
}
