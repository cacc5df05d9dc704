//! Sign-up, sign-in, sign-out, and CORS of the API.

use serde_json::json;
use wizitime_server::SESSIONS_MAX;
use wizitime_server::auth::ACCOUNT_LIMIT;
use wizitime_server_support::{
    Backend, DEVICE_ID, PASSWORD, TestServer, backend_tests, credentials, request,
};

async fn account_can_sign_up_and_sign_in(backend: Backend) {
    let server = TestServer::start(backend).await;
    let created = server.sign_up(" Ada@Example.org ").await;
    assert_eq!(created.email, "ada@example.org");
    let again = server.sign_in("ADA@example.org").await;
    assert_eq!(again.channel, created.channel);
    assert_ne!(again.token, created.token, "each sign-in has a new token");
    for account in [&created, &again] {
        let bearer = format!("Bearer {}", account.token);
        let response = server.get("/api/session", &[("authorization", &bearer)]).await;
        assert_eq!(response.status, 200);
        assert_eq!(response.header("cache-control"), Some("no-store"));
        let user_id = created.user_id();
        let expected =
            json!({"user_id": user_id, "email": "ada@example.org", "channel": created.channel});
        assert_eq!(response.json(), expected);
    }
}

async fn invalid_sign_ups_are_refused_with_a_message(backend: Backend) {
    let server = TestServer::start(backend).await;
    server.sign_up("ada@example.org").await;
    for (email, password, status, error) in [
        ("ada", PASSWORD, 422, "invalid_email"),
        ("bob@example.org", "seven77", 422, "password_too_short"),
        ("bob@example.org", &*"x".repeat(1_001), 422, "password_too_long"),
        ("bob@example.org", "12345678", 422, "password_common"),
        ("bob@example.org", "Bob@example.org", 422, "password_is_email"),
        ("ada@example.org", PASSWORD, 409, "email_taken"),
    ] {
        let response = server.post("/api/sign_up", None, &credentials(email, password)).await;
        assert_eq!((response.status, &*response.error()), (status, error));
    }
    let eight = "éééééééé";
    let response = server.post("/api/sign_up", None, &credentials("bob@example.org", eight)).await;
    assert_eq!(response.status, 201, "characters are counted, not bytes");
}

/// A keyboard or a system may encode the same characters differently.
async fn each_form_of_email_and_password_signs_in(backend: Backend) {
    let server = TestServer::start(backend).await;
    let composed = credentials("ren\u{e9}@b\u{fc}cher.example", "caf\u{e9} noir");
    let decomposed = credentials("Rene\u{301}@Bu\u{308}cher.example", "cafe\u{301}\u{a0}noir");
    let created = server.post("/api/sign_up", None, &decomposed).await;
    assert_eq!(created.json()["email"], "ren\u{e9}@b\u{fc}cher.example");
    for credentials in [&composed, &decomposed] {
        let response = server.post("/api/sign_in", None, credentials).await;
        assert_eq!(response.json()["user_id"], created.json()["user_id"]);
        let response = server.post("/api/sign_up", None, credentials).await;
        assert_eq!((response.status, &*response.error()), (409, "email_taken"));
    }
}

async fn wrong_password_and_unknown_account_get_the_same_response(backend: Backend) {
    let server = TestServer::start(backend).await;
    server.sign_up("ada@example.org").await;
    let mut responses = Vec::new();
    for email in ["ada@example.org", "unknown@example.org", "no address"] {
        let response = server.post("/api/sign_in", None, &credentials(email, "wrong horse")).await;
        assert_eq!((response.status, &*response.error()), (401, "wrong_credentials"));
        responses.push(response.json());
    }
    responses.dedup();
    assert_eq!(responses.len(), 1);
}

async fn invalid_requests_are_malformed(backend: Backend) {
    let server = TestServer::start(backend).await;
    let without_device = json!({"email": "ada@example.org", "password": PASSWORD}).to_string();
    let json_type = ("content-type", "application/json");
    for (content_type, body) in [
        (json_type, "{".to_owned()),
        (json_type, String::new()),
        (json_type, without_device),
        (("content-type", "text/plain"), credentials("ada@example.org", PASSWORD).to_string()),
    ] {
        for path in ["/api/sign_up", "/api/sign_in"] {
            let headers = [content_type];
            let response = request(server.address, "POST", path, &headers, body.as_bytes()).await;
            assert_eq!((response.status, &*response.error()), (400, "malformed"), "{path}");
        }
    }
    let response = server.get("/api/nothing", &[]).await;
    assert_eq!((response.status, &*response.error()), (404, "not_found"));
    let response = server.get("/api/sign_in", &[]).await;
    assert_eq!((response.status, &*response.error()), (405, "method_not_allowed"));
}

async fn password_guessing_is_rate_limited(backend: Backend) {
    let server = TestServer::start(backend).await;
    server.sign_up("ada@example.org").await;
    for _ in 0..ACCOUNT_LIMIT.max {
        let response =
            server.post("/api/sign_in", None, &credentials("ada@example.org", "wrong horse")).await;
        assert_eq!(response.status, 401);
    }
    let right = credentials("ada@example.org", PASSWORD);
    let response = server.post("/api/sign_in", None, &right).await;
    assert_eq!((response.status, &*response.error()), (429, "too_many_attempts"));
    let seconds: u64 = response.header("retry-after").unwrap().parse().unwrap();
    assert!((1..=301).contains(&seconds), "{seconds}");
    server.sign_up("bob@example.org").await;
}

async fn sign_out_revokes_one_or_all_tokens(backend: Backend) {
    let server = TestServer::start(backend).await;
    let first = server.sign_up("ada@example.org").await;
    let second = server.sign_in("ada@example.org").await;
    let third = server.sign_in("ada@example.org").await;
    let mut sockets = Vec::new();
    for account in [&first, &second, &third] {
        sockets.push(server.join(account).await);
    }
    let response = server.post("/api/sign_out", Some(&first.token), &json!({})).await;
    assert_eq!(response.status, 204);
    assert_eq!(sockets[0].close_code().await, Some(1001));
    sockets[1].request_ok("ping", &json!({"sent_at": 0})).await;

    let everywhere = json!({"everywhere": true});
    let response = server.post("/api/sign_out", Some(&first.token), &everywhere).await;
    assert_eq!(
        (response.status, &*response.error()),
        (401, "unauthorized"),
        "the token is revoked"
    );
    let response = server.post("/api/sign_out", Some(&second.token), &everywhere).await;
    assert_eq!(response.status, 204);
    for socket in &mut sockets[1..] {
        assert_eq!(socket.close_code().await, Some(1001));
    }
    for account in [&first, &second, &third] {
        let bearer = format!("bearer {}", account.token);
        let response = server.get("/api/session", &[("authorization", &bearer)]).await;
        assert_eq!((response.status, &*response.error()), (401, "unauthorized"));
    }
}

async fn session_requires_a_bearer_token(backend: Backend) {
    let server = TestServer::start(backend).await;
    for headers in [&[][..], &[("authorization", "Basic YTpi")], &[("authorization", "Bearer x")]] {
        let response = server.get("/api/session", headers).await;
        assert_eq!((response.status, &*response.error()), (401, "unauthorized"));
    }
}

async fn cors_allows_only_configured_origins(backend: Backend) {
    let allow = "https://time.example.org";
    let server = TestServer::start_with(
        backend,
        |config| config.allow_origins = vec![allow.parse().unwrap()],
        |app| app,
    )
    .await;
    let preflight = |origin: &'static str| {
        let headers = [
            ("origin", origin),
            ("access-control-request-method", "POST"),
            ("x-device", DEVICE_ID),
        ];
        async move { request(server.address, "OPTIONS", "/api/sign_in", &headers, b"").await }
    };
    let named = preflight(allow).await;
    assert_eq!(named.status, 204);
    assert_eq!(named.header("access-control-allow-origin"), Some(allow));
    assert_eq!(named.header("access-control-allow-headers"), Some("authorization, content-type"));
    assert_eq!(named.header("access-control-allow-credentials"), None, "no cookies");
}

async fn cors_refuses_unknown_origins(backend: Backend) {
    let server = TestServer::start(backend).await;
    let headers =
        [("origin", "https://evil.example.org"), ("access-control-request-method", "POST")];
    let response = request(server.address, "OPTIONS", "/api/sign_in", &headers, b"").await;
    assert_eq!(response.header("access-control-allow-origin"), None);
    assert_eq!(response.header("vary"), Some("origin"));
}

async fn oldest_session_over_the_limit_is_revoked(backend: Backend) {
    let server = TestServer::start(backend).await;
    let first = server.sign_up("ada@example.org").await;
    let second = server.sign_in("ada@example.org").await;
    let neighbour = server.sign_up("bob@example.org").await;
    let (mut leaving, mut staying) = (server.join(&first).await, server.join(&second).await);
    for _ in 2..SESSIONS_MAX {
        server.sign_in("ada@example.org").await;
    }
    leaving.request_ok("ping", &json!({"sent_at": 0})).await;
    let last = server.sign_in("ada@example.org").await;
    assert_eq!(leaving.close_code().await, Some(1001));
    staying.request_ok("ping", &json!({"sent_at": 0})).await;
    for (account, status) in [(&first, 401), (&second, 200), (&last, 200), (&neighbour, 200)] {
        let bearer = format!("Bearer {}", account.token);
        let response = server.get("/api/session", &[("authorization", &bearer)]).await;
        assert_eq!(response.status, status);
    }
}

backend_tests! {
    account_can_sign_up_and_sign_in,
    invalid_sign_ups_are_refused_with_a_message,
    each_form_of_email_and_password_signs_in,
    wrong_password_and_unknown_account_get_the_same_response,
    invalid_requests_are_malformed,
    password_guessing_is_rate_limited,
    sign_out_revokes_one_or_all_tokens,
    session_requires_a_bearer_token,
    cors_allows_only_configured_origins,
    cors_refuses_unknown_origins,
    oldest_session_over_the_limit_is_revoked,
}
