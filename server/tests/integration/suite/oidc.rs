//! Sign-in with an OpenID Connect provider: what counts as a proof, and what happens without one.

use std::time::Duration;

use serde_json::json;
use wizitime_server::auth::{OIDC_LIMIT, Token};
use wizitime_server::oidc::{METADATA_RETRY_MS, OIDC_CODE_LIFE_MS, PENDING_LIFE_MS, SignInError};
use wizitime_server::{Config, PublicUrl, TrustedProxies};
use wizitime_server_support::oidc_browser::{OidcBrowser, PUBLIC_URL};
use wizitime_server_support::oidc_provider::{OidcProvider, ProviderFault};
use wizitime_server_support::{
    Account, Backend, HttpResponse, TestDatabase, TestServer, backend_tests, captured_log,
};

pub(super) fn configure(config: &mut Config, provider: &OidcProvider) {
    config.oidc = Some(provider.settings());
    config.public_url = PublicUrl::parse(PUBLIC_URL).unwrap();
}

async fn start_on(database: TestDatabase, provider: &OidcProvider) -> TestServer {
    TestServer::start_on(database, |config| configure(config, provider), |app| app).await
}

async fn start(backend: Backend) -> (TestServer, OidcProvider) {
    let provider = OidcProvider::start().await;
    (start_on(backend.create_database().await, &provider).await, provider)
}

#[track_caller]
pub(super) fn assert_error(fragment: &str, error: SignInError) {
    assert_eq!(fragment, format!("sign-in-error={}", error.code()));
}

#[track_caller]
fn assert_expired(response: &HttpResponse) {
    assert_eq!((response.status, &*response.error()), (403, "sign_in_expired"));
}

async fn user_of_the_provider_gets_an_account_and_signs_in_again(backend: Backend) {
    let (server, provider) = start(backend).await;
    let registration = server.get("/api/registration", &[]).await.json();
    assert_eq!(
        registration,
        json!({"registration": "open", "oidc": "ACME", "password_reset": false})
    );
    let first = OidcBrowser::default().sign_in(&server, &provider).await;
    assert_eq!(first.email, "ada@example.org");
    server.join(&first).await;
    let mut browser = OidcBrowser::default();
    let again = browser.sign_in(&server, &provider).await;
    assert_eq!(again.user_id(), first.user_id());
    assert_ne!(again.token, first.token);
    assert_eq!(browser.cookie, None, "nothing is left in the browser");
    // The metadata and the keys, once.
    assert_eq!(provider.document_requests(), 2);
}

async fn there_is_no_sign_in_without_a_provider(backend: Backend) {
    let server = TestServer::start(backend).await;
    let registration = server.get("/api/registration", &[]).await.json();
    assert_eq!(registration, json!({"registration": "open", "password_reset": false}));
    for path in ["/api/oidc/start", "/api/oidc/callback?code=a&state=b"] {
        let response = server.get(path, &[]).await;
        assert_eq!((response.status, &*response.error()), (404, "not_found"));
    }
    let response = server.post("/api/oidc/finish", None, &json!({})).await;
    assert_eq!((response.status, &*response.error()), (404, "not_found"));
}

async fn cookie_is_for_this_app_only_and_no_script_reads_it(backend: Backend) {
    let (server, provider) = start(backend).await;
    let mut browser = OidcBrowser::default();
    let path = browser.sign_in_at(&server, &provider).await;
    assert!(path.starts_with("/api/oidc/callback?"), "{path}");
    let attributes = "; Path=/time/api/oidc; HttpOnly; SameSite=Lax; Secure";
    for life_ms in [PENDING_LIFE_MS, OIDC_CODE_LIFE_MS] {
        let set = &browser.set_cookie;
        assert!(set.starts_with("__Secure-wizitime_sign_in="), "{set}");
        let ending = format!("; Max-Age={}{attributes}", life_ms / 1_000);
        assert!(set.ends_with(&ending), "{set}");
        browser.come_back(&server, &path).await;
    }
    let plain = TestServer::start_with(
        backend,
        |config| {
            configure(config, &provider);
            config.public_url = PublicUrl::parse("http://nas:8080").unwrap();
        },
        |app| app,
    )
    .await;
    let mut browser = OidcBrowser::default();
    browser.start(&plain).await;
    let set = &browser.set_cookie;
    assert!(set.starts_with("wizitime_sign_in="), "{set}");
    assert!(set.ends_with("; Path=/api/oidc; HttpOnly; SameSite=Lax"), "{set}");
}

async fn sign_in_ends_in_the_browser_in_which_it_began(backend: Backend) {
    let (server, provider) = start(backend).await;
    let mut browser = OidcBrowser::default();
    let path = browser.sign_in_at(&server, &provider).await;
    let mut without = OidcBrowser::default();
    assert_error(&without.come_back(&server, &path).await, SignInError::Expired);
    let mut other = OidcBrowser::default();
    other.start(&server).await;
    assert_error(&other.come_back(&server, &path).await, SignInError::Failed);
    assert_eq!(other.cookie, None, "the sign-in of the other browser has ended");
    for query in ["", "?code=a", "?state=a&code=b", "?state=a&state=b&code=c", "?%ff=%ff&code"] {
        let mut other = browser.clone();
        let fragment = other.come_back(&server, &format!("/api/oidc/callback{query}")).await;
        assert_error(&fragment, SignInError::Failed);
    }
    let fragment = browser.come_back(&server, &path).await;
    let mut other = OidcBrowser::default();
    assert_expired(&other.finish(&server, &fragment).await);
    other.start(&server).await;
    assert_expired(&other.finish(&server, &fragment).await);
    assert_eq!(browser.finish(&server, &fragment).await.status, 200);
}

async fn code_works_once_and_expires(backend: Backend) {
    let (server, provider) = start(backend).await;
    let mut browser = OidcBrowser::default();
    let path = browser.sign_in_at(&server, &provider).await;
    let before = browser.clone();
    let fragment = browser.come_back(&server, &path).await;
    // The provider's code.
    assert_error(&before.clone().come_back(&server, &path).await, SignInError::Failed);
    assert_error(&browser.clone().come_back(&server, &path).await, SignInError::Expired);
    // The app's code.
    let mut copy = browser.clone();
    assert_eq!(browser.finish(&server, &fragment).await.status, 200);
    assert_expired(&copy.finish(&server, &fragment).await);
    let fragment = copy.go(&server, &provider).await;
    server.database.execute("UPDATE oidc_codes SET expires_at = 1").await;
    assert_expired(&copy.finish(&server, &fragment).await);
    let guess = format!("sign-in={}", Token::generate().unwrap().expose_secret());
    assert_expired(&copy.finish(&server, &guess).await);
}

async fn pending_sign_in_expires(backend: Backend) {
    let (server, provider) = start(backend).await;
    let mut browser = OidcBrowser::default();
    let path = browser.sign_in_at(&server, &provider).await;
    let cookie = browser.cookie.clone().unwrap();
    let (secret, begun_at) = cookie.split_once('.').unwrap();
    let begun_at: i64 = begun_at.parse().unwrap();
    for (earlier_ms, error) in
        [(PENDING_LIFE_MS, SignInError::Expired), (1_000, SignInError::Failed)]
    {
        let cookie = Some(format!("{secret}.{}", begun_at - earlier_ms));
        let mut old = OidcBrowser { cookie, ..browser.clone() };
        assert_error(&old.come_back(&server, &path).await, error);
    }
    let fragment = browser.come_back(&server, &path).await;
    assert_eq!(browser.finish(&server, &fragment).await.status, 200);
}

async fn token_for_something_else_is_no_proof(backend: Backend) {
    captured_log::start();
    let (server, provider) = start(backend).await;
    for fault in [
        ProviderFault::WrongNonce,
        ProviderFault::WrongAudience,
        ProviderFault::ExpiredToken,
        ProviderFault::SignedWithSecret,
    ] {
        provider.set_fault(fault);
        let fragment = OidcBrowser::default().go(&server, &provider).await;
        assert_error(&fragment, SignInError::Failed);
    }
    for reason in ["nonce mismatch", "Invalid audiences", "Expired", "Disallowed"] {
        let lines = captured_log::lines(&["sign-in with the provider failed", reason]);
        assert!(!lines.is_empty(), "{reason}");
    }
    assert!(!server.app.storage().has_users().await.unwrap());
}

async fn keys_of_the_provider_can_change(backend: Backend) {
    let (server, provider) = start(backend).await;
    let account = OidcBrowser::default().sign_in(&server, &provider).await;
    provider.rotate_keys(true);
    let requests = provider.document_requests();
    let again = OidcBrowser::default().sign_in(&server, &provider).await;
    assert_eq!(again.user_id(), account.user_id());
    assert_eq!(provider.document_requests(), requests + 1, "only the keys");
    OidcBrowser::default().sign_in(&server, &provider).await;
    assert_eq!(provider.document_requests(), requests + 1, "and only once");
    provider.rotate_keys(false);
    let fragment = OidcBrowser::default().go(&server, &provider).await;
    assert_error(&fragment, SignInError::Failed);
}

/// Ends the time for which a failure is remembered.
async fn wait_for_retry() {
    tokio::time::pause();
    tokio::time::advance(Duration::from_millis(METADATA_RETRY_MS)).await;
    tokio::time::resume();
}

async fn server_starts_and_serves_while_the_provider_is_down(backend: Backend) {
    let provider = OidcProvider::start().await;
    provider.set_fault(ProviderFault::Down);
    let server = start_on(backend.create_database().await, &provider).await;
    server.sign_up("bob@example.org").await;
    let mut browser = OidcBrowser::default();
    for _ in 0..2 {
        let location = browser.start(&server).await;
        let expected = format!("{PUBLIC_URL}account#sign-in-error=provider_unavailable");
        assert_eq!(location, expected);
    }
    assert_eq!(provider.document_requests(), 1, "the second fails at once");
    provider.set_fault(ProviderFault::None);
    wait_for_retry().await;
    let path = browser.sign_in_at(&server, &provider).await;
    provider.set_fault(ProviderFault::Down);
    assert_error(&browser.come_back(&server, &path).await, SignInError::ProviderUnavailable);
    provider.set_fault(ProviderFault::None);
    browser.sign_in(&server, &provider).await;
}

async fn answers_of_the_provider_are_bounded_and_not_followed(backend: Backend) {
    let provider = OidcProvider::start().await;
    for fault in
        [ProviderFault::LargeDocuments, ProviderFault::Redirect, ProviderFault::OtherIssuer]
    {
        provider.set_fault(fault);
        let server = start_on(backend.create_database().await, &provider).await;
        let requests = provider.document_requests();
        let location = OidcBrowser::default().start(&server).await;
        assert!(location.ends_with("#sign-in-error=provider_unavailable"), "{fault:?}");
        assert_eq!(provider.document_requests(), requests + 1, "{fault:?}");
    }
    provider.set_fault(ProviderFault::LargeTokens);
    let server = start_on(backend.create_database().await, &provider).await;
    let fragment = OidcBrowser::default().go(&server, &provider).await;
    assert_error(&fragment, SignInError::ProviderUnavailable);
}

async fn secrets_and_texts_of_the_provider_do_not_reach_the_log_or_the_page(backend: Backend) {
    captured_log::start();
    let (server, provider) = start(backend).await;
    provider.set_fault(ProviderFault::UnknownClient);
    let mut browser = OidcBrowser::default();
    let path = browser.sign_in_at(&server, &provider).await;
    assert_error(&browser.come_back(&server, &path).await, SignInError::ProviderUnavailable);
    let lines = captured_log::lines(&["sign-in with the provider failed", "invalid_client"]);
    assert!(!lines.is_empty());
    let forged = "audit event=sign_in_failed user=- address=203.0.113.77";
    for (error, expected) in [
        ("access_denied", SignInError::Cancelled),
        ("server_error", SignInError::ProviderUnavailable),
        (forged, SignInError::ProviderUnavailable),
    ] {
        let path = browser.sign_in_at(&server, &provider).await;
        let (rest, _) = path.split_once("&code=").unwrap();
        let error = error.replace(' ', "%20");
        let path = format!("{rest}&error={error}&error_description={error}");
        assert_error(&browser.come_back(&server, &path).await, expected);
    }
    let (_, code) = path.split_once("code=").unwrap();
    for secret in [code, "a secret: of", "203.0.113.77", "an access token"] {
        let lines = captured_log::lines(&[secret]);
        assert!(lines.is_empty(), "{secret}: {lines:#?}");
    }
}

async fn attempts_of_an_address_are_limited(backend: Backend) {
    let provider = OidcProvider::start().await;
    let proxies = TrustedProxies::from_iter(["127.0.0.1/32".parse().unwrap()]);
    let server = TestServer::start_with(
        backend,
        |config| {
            configure(config, &provider);
            config.trusted_proxies = proxies;
        },
        |app| app,
    )
    .await;
    let mut browser = OidcBrowser::default();
    for address in ["192.0.2.1", "192.0.2.2"] {
        for (path, error) in
            [("/api/oidc/callback", "#sign-in-error=expired"), ("/api/oidc/start", "&nonce=")]
        {
            let from = [("x-forwarded-for", address)];
            for _ in 0..OIDC_LIMIT.max {
                browser.cookie = None;
                let location = browser.visit(&server, path, &from).await;
                assert!(location.contains(error), "{location}");
            }
            let location = browser.visit(&server, path, &from).await;
            assert!(location.ends_with("#sign-in-error=too_many_attempts"), "{location}");
        }
    }
}

async fn failures_of_the_database_have_an_answer(backend: Backend) {
    captured_log::start();
    let (server, provider) = start(backend).await;
    let mut browser = OidcBrowser::default();
    let path = browser.sign_in_at(&server, &provider).await;
    server.database.execute("ALTER TABLE oidc_codes RENAME TO away").await;
    assert_error(&browser.come_back(&server, &path).await, SignInError::Unavailable);
    server.database.execute("ALTER TABLE away RENAME TO oidc_codes").await;
    let fragment = browser.go(&server, &provider).await;
    server.database.execute("ALTER TABLE oidc_codes RENAME TO away").await;
    let response = browser.finish(&server, &fragment).await;
    assert_eq!((response.status, &*response.error()), (503, "unavailable"));
    server.database.execute("ALTER TABLE away RENAME TO oidc_codes").await;
    let response = browser.finish(&server, &fragment).await;
    assert_eq!(response.status, 200, "the code is still valid");
}

/// No server keeps anything of a sign-in for itself.
#[cfg(unix)]
#[tokio::test]
async fn each_step_can_reach_another_server() {
    use wizitime_server_support::database::PostgresDatabase;

    let provider = OidcProvider::start().await;
    let database = PostgresDatabase::create().await;
    let [one, two, three] = [
        start_on(database.clone().into(), &provider).await,
        start_on(database.clone().into(), &provider).await,
        start_on(database.into(), &provider).await,
    ];
    let mut browser = OidcBrowser::default();
    let path = browser.sign_in_at(&one, &provider).await;
    let fragment = browser.come_back(&two, &path).await;
    let response = browser.clone().finish(&three, &fragment).await;
    assert_eq!(response.status, 200, "{response:?}");
    one.join(&Account::from_session(&response.json())).await;
    assert_expired(&browser.finish(&one, &fragment).await);
}

backend_tests! {
    user_of_the_provider_gets_an_account_and_signs_in_again,
    there_is_no_sign_in_without_a_provider,
    cookie_is_for_this_app_only_and_no_script_reads_it,
    sign_in_ends_in_the_browser_in_which_it_began,
    code_works_once_and_expires,
    pending_sign_in_expires,
    token_for_something_else_is_no_proof,
    keys_of_the_provider_can_change,
    server_starts_and_serves_while_the_provider_is_down,
    answers_of_the_provider_are_bounded_and_not_followed,
    secrets_and_texts_of_the_provider_do_not_reach_the_log_or_the_page,
    attempts_of_an_address_are_limited,
    failures_of_the_database_have_an_answer,
}
