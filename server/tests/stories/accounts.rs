//! Signing up, in and out.

use serde_json::json;
use wizitime_server::SESSIONS_MAX;
use wizitime_server::auth::ATTEMPTS_MAX;

use crate::http::request;
use crate::world::{DEVICE, PASSWORD, World, credentials};

#[tokio::test]
async fn an_account_is_made_and_found_again() {
    let world = World::new().await;
    let made = world.sign_up(" Ada@Example.org ").await;
    assert_eq!(made.email, "ada@example.org");
    let again = world.sign_in("ADA@example.org").await;
    assert_eq!(again.channel, made.channel);
    assert_ne!(again.token, made.token, "each device has a token of its own");
    for account in [&made, &again] {
        let bearer = format!("Bearer {}", account.token);
        let answer = world.get("/api/session", &[("authorization", &bearer)]).await;
        assert_eq!(answer.status, 200);
        assert_eq!(answer.header("cache-control"), Some("no-store"));
        let user_id = made.channel.strip_prefix("users:").unwrap();
        let expected =
            json!({"user_id": user_id, "email": "ada@example.org", "channel": made.channel});
        assert_eq!(answer.json(), expected);
    }
}

#[tokio::test]
async fn what_makes_no_account_is_said_in_a_sentence() {
    let world = World::new().await;
    world.sign_up("ada@example.org").await;
    for (email, password, status, error) in [
        ("ada", PASSWORD, 422, "invalid_email"),
        ("bob@example.org", "seven77", 422, "password_too_short"),
        ("bob@example.org", &*"x".repeat(1_001), 422, "password_too_long"),
        ("ada@example.org", PASSWORD, 409, "email_taken"),
    ] {
        let answer = world.post("/api/sign_up", None, &credentials(email, password)).await;
        assert_eq!((answer.status, &*answer.error()), (status, error));
    }
    let eight = "éééééééé";
    let answer = world.post("/api/sign_up", None, &credentials("bob@example.org", eight)).await;
    assert_eq!(answer.status, 201, "eight characters are enough, however they are written");
}

#[tokio::test]
async fn a_wrong_password_and_a_wrong_account_are_answered_alike() {
    let world = World::new().await;
    world.sign_up("ada@example.org").await;
    let mut answers = Vec::new();
    for email in ["ada@example.org", "nobody@example.org", "no address"] {
        let answer = world.post("/api/sign_in", None, &credentials(email, "wrong horse")).await;
        assert_eq!((answer.status, &*answer.error()), (401, "wrong_credentials"));
        answers.push(answer.json());
    }
    answers.dedup();
    assert_eq!(answers.len(), 1);
}

#[tokio::test]
async fn what_cannot_be_read_is_malformed() {
    let world = World::new().await;
    let too_long = json!({"email": "x".repeat(20_000)}).to_string();
    let without_device = json!({"email": "ada@example.org", "password": PASSWORD}).to_string();
    let json_type = ("content-type", "application/json");
    for (content_type, body) in [
        (json_type, "{".to_owned()),
        (json_type, String::new()),
        (json_type, too_long),
        (json_type, without_device),
        (("content-type", "text/plain"), credentials("ada@example.org", PASSWORD).to_string()),
    ] {
        for path in ["/api/sign_up", "/api/sign_in"] {
            let headers = [content_type];
            let answer = request(world.address, "POST", path, &headers, body.as_bytes()).await;
            assert_eq!((answer.status, &*answer.error()), (400, "malformed"), "{path}");
        }
    }
    let answer = world.get("/api/nothing", &[]).await;
    assert_eq!((answer.status, &*answer.error()), (404, "not_found"));
    let answer = world.get("/api/sign_in", &[]).await;
    assert_eq!((answer.status, &*answer.error()), (405, "method_not_allowed"));
}

#[tokio::test]
async fn who_guesses_has_to_wait() {
    let world = World::new().await;
    world.sign_up("ada@example.org").await;
    for _ in 0..ATTEMPTS_MAX {
        let answer =
            world.post("/api/sign_in", None, &credentials("ada@example.org", "wrong horse")).await;
        assert_eq!(answer.status, 401);
    }
    let right = credentials("ada@example.org", PASSWORD);
    let answer = world.post("/api/sign_in", None, &right).await;
    assert_eq!((answer.status, &*answer.error()), (429, "too_many_attempts"));
    let seconds: u64 = answer.header("retry-after").unwrap().parse().unwrap();
    assert!((1..=301).contains(&seconds), "{seconds}");
    world.sign_up("bob@example.org").await;
}

#[tokio::test]
async fn signing_out_ends_one_token_or_all_of_them() {
    let world = World::new().await;
    let first = world.sign_up("ada@example.org").await;
    let second = world.sign_in("ada@example.org").await;
    let third = world.sign_in("ada@example.org").await;
    let mut sockets = Vec::new();
    for account in [&first, &second, &third] {
        sockets.push(world.join(account).await);
    }
    let answer = world.post("/api/sign_out", Some(&first.token), &json!({})).await;
    assert_eq!(answer.status, 204);
    assert_eq!(sockets[0].close_code().await, Some(1001));
    sockets[1].ask_ok("ping", &json!({"sent_at": 0})).await;

    let everywhere = json!({"everywhere": true});
    let answer = world.post("/api/sign_out", Some(&first.token), &everywhere).await;
    assert_eq!((answer.status, &*answer.error()), (401, "unauthorized"), "it is no token any more");
    let answer = world.post("/api/sign_out", Some(&second.token), &everywhere).await;
    assert_eq!(answer.status, 204);
    for socket in &mut sockets[1..] {
        assert_eq!(socket.close_code().await, Some(1001));
    }
    for account in [&first, &second, &third] {
        let bearer = format!("bearer {}", account.token);
        let answer = world.get("/api/session", &[("authorization", &bearer)]).await;
        assert_eq!((answer.status, &*answer.error()), (401, "unauthorized"));
    }
}

#[tokio::test]
async fn a_session_needs_a_bearer_token() {
    let world = World::new().await;
    for headers in [&[][..], &[("authorization", "Basic YTpi")], &[("authorization", "Bearer x")]] {
        let answer = world.get("/api/session", headers).await;
        assert_eq!((answer.status, &*answer.error()), (401, "unauthorized"));
    }
}

#[tokio::test]
async fn pages_of_other_origins_may_read_answers_only_if_they_are_named() {
    let allow = "https://time.example.org";
    let world =
        World::configured(|config| config.allow_origins = vec![allow.parse().unwrap()], |app| app)
            .await;
    let preflight = |origin: &'static str| {
        let headers =
            [("origin", origin), ("access-control-request-method", "POST"), ("x-device", DEVICE)];
        async move { request(world.address, "OPTIONS", "/api/sign_in", &headers, b"").await }
    };
    let named = preflight(allow).await;
    assert_eq!(named.status, 204);
    assert_eq!(named.header("access-control-allow-origin"), Some(allow));
    assert_eq!(named.header("access-control-allow-headers"), Some("authorization, content-type"));
    assert_eq!(named.header("access-control-allow-credentials"), None, "there are no cookies");
}

#[tokio::test]
async fn pages_of_unknown_origins_are_not_let_in() {
    let world = World::new().await;
    let headers =
        [("origin", "https://evil.example.org"), ("access-control-request-method", "POST")];
    let answer = request(world.address, "OPTIONS", "/api/sign_in", &headers, b"").await;
    assert_eq!(answer.header("access-control-allow-origin"), None);
    assert_eq!(answer.header("vary"), Some("origin"));
}

#[tokio::test]
async fn the_oldest_of_too_many_sessions_is_signed_out() {
    let world = World::new().await;
    let first = world.sign_up("ada@example.org").await;
    let second = world.sign_in("ada@example.org").await;
    let neighbour = world.sign_up("bob@example.org").await;
    let (mut leaving, mut staying) = (world.join(&first).await, world.join(&second).await);
    for _ in 2..SESSIONS_MAX {
        world.sign_in("ada@example.org").await;
    }
    leaving.ask_ok("ping", &json!({"sent_at": 0})).await;
    let last = world.sign_in("ada@example.org").await;
    assert_eq!(leaving.close_code().await, Some(1001));
    staying.ask_ok("ping", &json!({"sent_at": 0})).await;
    for (account, status) in [(&first, 401), (&second, 200), (&last, 200), (&neighbour, 200)] {
        let bearer = format!("Bearer {}", account.token);
        let answer = world.get("/api/session", &[("authorization", &bearer)]).await;
        assert_eq!(answer.status, status);
    }
}
