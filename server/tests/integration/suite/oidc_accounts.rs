//! Which account a user of an OpenID Connect provider gets, and accounts without a password.

use serde_json::{Value, json};
use wizitime_domain::Timestamp;
use wizitime_server::auth::Token;
use wizitime_server::oidc::SignInError;
use wizitime_server::{
    Config, NewPasswordLink, OIDC_CODES_MAX, Registration, TwoStepChange, maintenance,
};
use wizitime_server_support::authenticator::{now, time_step};
use wizitime_server_support::oidc_browser::OidcBrowser;
use wizitime_server_support::oidc_provider::{OidcProvider, ProviderUser};
use wizitime_server_support::{Account, Backend, PASSWORD, TestServer, backend_tests, credentials};

use super::oidc::{assert_error, configure};

const EMAIL: &str = "ada@example.org";

/// A server of which anyone can create the first account, and whose settings are changed.
async fn start(backend: Backend, change: impl FnOnce(&mut Config)) -> (TestServer, OidcProvider) {
    let provider = OidcProvider::start().await;
    let configure = |config: &mut Config| {
        configure(config, &provider);
        config.registration = Registration::InviteAfterFirst;
        change(config);
    };
    let server = TestServer::start_with(backend, configure, |app| app).await;
    (server, provider)
}

fn link_by_email(config: &mut Config) {
    config.oidc.as_mut().unwrap().link_by_email = true;
}

async fn go(server: &TestServer, provider: &OidcProvider) -> String {
    OidcBrowser::default().go(server, provider).await
}

async fn sign_in(server: &TestServer, provider: &OidcProvider) -> Account {
    OidcBrowser::default().sign_in(server, provider).await
}

fn user_id(account: &Account) -> wizitime_domain::UserId {
    account.user_id().parse().unwrap()
}

/// The names of an account's audit events, newest first.
async fn audit(server: &TestServer, account: &Account) -> Vec<String> {
    let rows = server.app.storage().audit_rows_of(user_id(account), 100).await.unwrap();
    rows.into_iter().map(|row| row.event.into_owned()).collect()
}

async fn registration_decides_who_gets_an_account(backend: Backend) {
    for (registration, sign_up, expected) in [
        (Registration::Open, false, None),
        (Registration::InviteAfterFirst, false, Some(SignInError::InvitationNeeded)),
        (Registration::Invite, false, Some(SignInError::InvitationNeeded)),
        (Registration::Closed, false, Some(SignInError::RegistrationClosed)),
        (Registration::Invite, true, None),
        (Registration::Closed, true, None),
    ] {
        let (server, provider) = start(backend, |config| {
            config.registration = registration;
            config.oidc.as_mut().unwrap().sign_up = sign_up;
        })
        .await;
        let is_first_free = registration == Registration::InviteAfterFirst;
        if is_first_free {
            sign_in(&server, &provider).await;
        }
        provider.set_user(ProviderUser::new("2", "bob@example.org"));
        match expected {
            Some(error) => {
                assert_error(&go(&server, &provider).await, error);
                let has_users = server.app.storage().has_users().await.unwrap();
                assert_eq!(has_users, is_first_free, "{registration:?}");
            }
            None => {
                let account = sign_in(&server, &provider).await;
                assert_eq!(account.email, "bob@example.org");
                let mut events = audit(&server, &account).await;
                events.sort();
                assert_eq!(events, ["oidc_signed_in", "signed_up"]);
            }
        }
    }
}

async fn new_account_needs_a_verified_email(backend: Backend) {
    let (server, provider) = start(backend, |_| ()).await;
    let unverified = ProviderUser { is_email_verified: false, ..ProviderUser::new("1", EMAIL) };
    provider.set_user(unverified.clone());
    assert_error(&go(&server, &provider).await, SignInError::EmailNotVerified);
    for email in [None, Some("no email".to_owned())] {
        provider.set_user(ProviderUser { email, ..ProviderUser::new("1", EMAIL) });
        assert_error(&go(&server, &provider).await, SignInError::EmailMissing);
    }
    provider.set_user(ProviderUser::new("1", " ADA@example.org"));
    let account = sign_in(&server, &provider).await;
    assert_eq!(account.email, EMAIL);
    // From then on only the subject counts.
    for user in [
        unverified,
        ProviderUser { email: None, ..ProviderUser::new("1", EMAIL) },
        ProviderUser::new("1", "lovelace@example.org"),
    ] {
        provider.set_user(user);
        let again = sign_in(&server, &provider).await;
        assert_eq!((again.user_id(), &*again.email), (account.user_id(), EMAIL));
    }
}

async fn email_opens_no_account_unless_the_operator_allows_it(backend: Backend) {
    let (server, provider) = start(backend, |_| ()).await;
    let account = server.sign_up(EMAIL).await;
    assert_error(&go(&server, &provider).await, SignInError::AccountExists);
    assert_eq!(audit(&server, &account).await[0], "oidc_sign_in_refused");
    server.sign_in(EMAIL).await;

    let (server, provider) = start(backend, link_by_email).await;
    let account = server.sign_up(EMAIL).await;
    let unverified = ProviderUser { is_email_verified: false, ..ProviderUser::new("1", EMAIL) };
    provider.set_user(unverified);
    assert_error(&go(&server, &provider).await, SignInError::EmailNotVerified);
    provider.set_user(ProviderUser::new("1", EMAIL));
    let linked = sign_in(&server, &provider).await;
    assert_eq!(linked.user_id(), account.user_id());
    let mut events = audit(&server, &account).await;
    events.sort();
    assert_eq!(events, ["oidc_linked", "oidc_signed_in", "signed_up"]);
    server.sign_in(EMAIL).await;
    // The email has got another owner at the provider.
    provider.set_user(ProviderUser::new("2", EMAIL));
    assert_error(&go(&server, &provider).await, SignInError::AccountExists);
}

async fn email_does_not_replace_the_second_step(backend: Backend) {
    let (server, provider) = start(backend, link_by_email).await;
    let account = server.sign_up(EMAIL).await;
    let body = json!({"password": PASSWORD});
    let begun = server.post("/api/begin_two_step", Some(&account.token), &body).await;
    assert_eq!(begun.status, 200);
    let stored = server.app.storage().two_step(user_id(&account)).await.unwrap().unwrap();
    let body = json!({"code": stored.secret.code(time_step())});
    let confirmed = server.post("/api/confirm_two_step", Some(&account.token), &body).await;
    assert_eq!(confirmed.status, 200);
    assert_error(&go(&server, &provider).await, SignInError::TwoStepOn);
    let storage = server.app.storage();
    assert!(storage.change_two_step(user_id(&account), TwoStepChange::Remove).await.unwrap());
    sign_in(&server, &provider).await;
    // With a link, the provider vouches for the user.
    let change = TwoStepChange::Begin { secret: stored.secret.clone(), at: now() };
    assert!(storage.change_two_step(user_id(&account), change).await.unwrap());
    let change = TwoStepChange::Confirm {
        secret: stored.secret,
        step: time_step(),
        at: now(),
        recovery_codes: Vec::new(),
    };
    assert!(storage.change_two_step(user_id(&account), change).await.unwrap());
    sign_in(&server, &provider).await;
}

async fn disabled_account_is_refused(backend: Backend) {
    let (server, provider) = start(backend, link_by_email).await;
    let account = sign_in(&server, &provider).await;
    let mut browser = OidcBrowser::default();
    let fragment = browser.go(&server, &provider).await;
    let storage = server.app.storage();
    storage.set_disabled_at(user_id(&account), Some(now())).await.unwrap();
    let response = browser.finish(&server, &fragment).await;
    assert_eq!((response.status, &*response.error()), (403, "account_disabled"));
    assert_error(&go(&server, &provider).await, SignInError::AccountDisabled);
    assert_eq!(audit(&server, &account).await[0], "oidc_sign_in_refused");
    provider.set_user(ProviderUser::new("2", EMAIL));
    assert_error(&go(&server, &provider).await, SignInError::AccountDisabled);
    storage.set_disabled_at(user_id(&account), None).await.unwrap();
    provider.set_user(ProviderUser::new("1", EMAIL));
    sign_in(&server, &provider).await;
}

async fn account_without_a_password_gets_one_with_a_link(backend: Backend) {
    let (server, provider) = start(backend, |_| ()).await;
    let account = sign_in(&server, &provider).await;
    let token = Some(&*account.token);
    for password in ["", PASSWORD] {
        let response = server.post("/api/sign_in", None, &credentials(EMAIL, password)).await;
        assert_eq!((response.status, &*response.error()), (401, "wrong_credentials"));
    }
    let body = json!({"password": "", "new_password": PASSWORD, "code": "123456"});
    for path in [
        "/api/password",
        "/api/delete_account",
        "/api/begin_two_step",
        "/api/disable_two_step",
        "/api/recovery_codes",
    ] {
        let response = server.post(path, token, &body).await;
        assert_eq!((response.status, &*response.error()), (403, "no_password"), "{path}");
    }
    let link = Token::generate().unwrap();
    let added = NewPasswordLink {
        user_id: user_id(&account),
        hash: link.hash(),
        created_at: Timestamp::MIN,
        expires_at: Timestamp::MAX,
    };
    server.app.storage().add_password_link(added).await.unwrap();
    let body = json!({"link": link.expose_secret(), "new_password": PASSWORD});
    assert_eq!(server.post("/api/set_password", None, &body).await.status, 204);
    let by_password = server.sign_in(EMAIL).await;
    let by_provider = sign_in(&server, &provider).await;
    assert_eq!(by_password.user_id(), by_provider.user_id());
    let body = json!({"password": PASSWORD});
    let deleted = server.post("/api/delete_account", Some(&by_provider.token), &body).await;
    assert_eq!(deleted.status, 204);
}

async fn links_are_exported_and_end_with_the_account(backend: Backend) {
    let (server, provider) = start(backend, |_| ()).await;
    let account = sign_in(&server, &provider).await;
    let bearer = format!("Bearer {}", account.token);
    let export = server.get("/api/export", &[("authorization", &bearer)]).await;
    let text = String::from_utf8(export.body).unwrap();
    let lines: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let identity = lines.iter().find_map(|line| line.get("identity")).unwrap();
    assert_eq!(identity["subject"], "1");
    assert_eq!(identity["issuer"], provider.settings().issuer.as_str());
    assert!(identity["linked_at"].as_i64().unwrap() > 0);
    // With an unused code.
    let mut browser = OidcBrowser::default();
    let fragment = browser.go(&server, &provider).await;
    server.app.storage().delete_account(user_id(&account)).await.unwrap();
    let response = browser.finish(&server, &fragment).await;
    assert_eq!((response.status, &*response.error()), (403, "sign_in_expired"));
    let new = sign_in(&server, &provider).await;
    assert_ne!(new.user_id(), account.user_id());
}

async fn sign_ins_at_the_same_time_have_one_account(backend: Backend) {
    for registration in [Registration::Open, Registration::InviteAfterFirst] {
        let (server, provider) = start(backend, |config| config.registration = registration).await;
        let (one, two, three) = tokio::join!(
            sign_in(&server, &provider),
            sign_in(&server, &provider),
            sign_in(&server, &provider)
        );
        assert_eq!([one.user_id(), two.user_id()], [three.user_id(); 2], "{registration:?}");
    }
}

async fn unused_codes_are_bounded(backend: Backend) {
    let (server, provider) = start(backend, |_| ()).await;
    let mut first = OidcBrowser::default();
    let fragment = first.go(&server, &provider).await;
    // The clock of the server counts milliseconds.
    server.database.execute("UPDATE oidc_codes SET expires_at = expires_at - 1").await;
    for _ in 1..OIDC_CODES_MAX {
        go(&server, &provider).await;
    }
    let mut last = OidcBrowser::default();
    let last_fragment = last.go(&server, &provider).await;
    assert_eq!(first.finish(&server, &fragment).await.status, 403);
    assert_eq!(last.finish(&server, &last_fragment).await.status, 200);
}

async fn backup_keeps_the_links(backend: Backend) {
    let (server, provider) = start(backend, |_| ()).await;
    let account = sign_in(&server, &provider).await;
    let fragment = go(&server, &provider).await;
    assert!(fragment.starts_with("sign-in="));
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("backup");
    maintenance::backup(&server.database.config(), &file).await.unwrap();
    let mut server = server;
    server.begin_shutdown();
    let database = server.stopped().await;
    maintenance::restore(&database.config(), &file, true).await.unwrap();
    let configure = |config: &mut Config| configure(config, &provider);
    let server = TestServer::start_on(database, configure, |app| app).await;
    let again = sign_in(&server, &provider).await;
    assert_eq!(again.user_id(), account.user_id());
}

backend_tests! {
    registration_decides_who_gets_an_account,
    new_account_needs_a_verified_email,
    email_opens_no_account_unless_the_operator_allows_it,
    email_does_not_replace_the_second_step,
    disabled_account_is_refused,
    account_without_a_password_gets_one_with_a_link,
    links_are_exported_and_end_with_the_account,
    sign_ins_at_the_same_time_have_one_account,
    unused_codes_are_bounded,
    backup_keeps_the_links,
}
