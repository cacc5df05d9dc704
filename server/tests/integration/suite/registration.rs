//! Who may create an account, and how links are used.

use serde_json::{Value, json};
use wizitime_domain::Timestamp;
use wizitime_server::auth::Token;
use wizitime_server::{NewInvitation, NewPasswordLink, Registration};

use wizitime_server_support::{
    Account, Backend, HttpResponse, PASSWORD, TestServer, backend_tests, credentials,
};

const EMAIL: &str = "me@nas";
const NEW_PASSWORD: &str = "battery staple";

async fn start(backend: Backend, registration: Registration) -> TestServer {
    TestServer::start_with(backend, |config| config.registration = registration, |app| app).await
}

async fn offered(server: &TestServer) -> Value {
    let response = server.get("/api/registration", &[]).await;
    assert_eq!(response.status, 200);
    response.json()["registration"].clone()
}

/// Adds an invitation for [`EMAIL`] that expires at `expires_at`.
async fn invite(server: &TestServer, expires_at: Timestamp) -> Token {
    let token = Token::generate().unwrap();
    let invitation = NewInvitation {
        email: EMAIL.to_owned(),
        hash: token.hash(),
        created_at: Timestamp::MIN,
        expires_at,
    };
    server.app.storage().add_invitation(invitation).await.unwrap();
    token
}

async fn sign_up_with(server: &TestServer, email: &str, invitation: &str) -> HttpResponse {
    let mut body = credentials(email, PASSWORD);
    body["invitation"] = json!(invitation);
    server.post("/api/sign_up", None, &body).await
}

fn assert_refused(response: &HttpResponse, code: &str) {
    assert_eq!((response.status, &*response.error()), (403, code));
}

async fn open_registration_needs_no_invitation(backend: Backend) {
    let server = start(backend, Registration::Open).await;
    assert_eq!(offered(&server).await, "open");
    server.sign_up("ada@example.org").await;
    assert_eq!(sign_up_with(&server, EMAIL, "unknown").await.status, 201);
}

async fn only_the_first_account_needs_no_invitation(backend: Backend) {
    let server = start(backend, Registration::InviteAfterFirst).await;
    assert_eq!(offered(&server).await, "open");
    let (ada, bob) =
        (credentials("ada@example.org", PASSWORD), credentials("bob@example.org", PASSWORD));
    // Both find no account before they hash the password.
    let responses = tokio::join!(
        server.post("/api/sign_up", None, &ada),
        server.post("/api/sign_up", None, &bob)
    );
    let mut responses: [_; 2] = responses.into();
    responses.sort_by_key(|response| response.status);
    assert_eq!(responses[0].status, 201);
    assert_refused(&responses[1], "invitation_needed");
    assert_eq!(offered(&server).await, "invite");
    let later = server.post("/api/sign_up", None, &credentials(EMAIL, PASSWORD)).await;
    assert_refused(&later, "invitation_needed");
    let invitation = invite(&server, Timestamp::MAX).await;
    assert_eq!(sign_up_with(&server, EMAIL, invitation.expose_secret()).await.status, 201);
}

async fn invitation_is_used_once_for_its_email_until_it_expires(backend: Backend) {
    let server = start(backend, Registration::Invite).await;
    assert_eq!(offered(&server).await, "invite");
    let expired = invite(&server, Timestamp::MIN).await;
    let expired = sign_up_with(&server, EMAIL, expired.expose_secret()).await;
    assert_refused(&expired, "invitation_invalid");
    let replaced = invite(&server, Timestamp::MAX).await;
    let valid = invite(&server, Timestamp::MAX).await;
    for (email, invitation) in
        [(EMAIL, replaced.expose_secret()), ("you@nas", valid.expose_secret()), (EMAIL, "guess")]
    {
        let refused = sign_up_with(&server, email, invitation).await;
        assert_refused(&refused, "invitation_invalid");
    }
    let created = sign_up_with(&server, " ME@nas", valid.expose_secret()).await;
    assert_eq!(created.status, 201);
    server.join(&Account::from_session(&created.json())).await;
    let again = sign_up_with(&server, EMAIL, valid.expose_secret()).await;
    assert_refused(&again, "invitation_invalid");
}

async fn closed_registration_refuses_invitations_too(backend: Backend) {
    let server = start(backend, Registration::Closed).await;
    assert_eq!(offered(&server).await, "closed");
    let invitation = invite(&server, Timestamp::MAX).await;
    let refused = sign_up_with(&server, EMAIL, invitation.expose_secret()).await;
    assert_refused(&refused, "registration_closed");
}

async fn sign_up_by_invitation_does_not_reveal_accounts(backend: Backend) {
    for registration in [Registration::InviteAfterFirst, Registration::Invite, Registration::Closed]
    {
        let server = start(backend, registration).await;
        let invitation = invite(&server, Timestamp::MAX).await;
        if registration != Registration::Closed {
            let created = sign_up_with(&server, EMAIL, invitation.expose_secret()).await;
            assert_eq!(created.status, 201);
        }
        for body in [json!({}), json!({"invitation": "guess"})] {
            let mut responses = Vec::new();
            for email in [EMAIL, "unknown@example.org"] {
                let mut body = body.clone();
                let credentials = credentials(email, PASSWORD);
                body.as_object_mut().unwrap().extend(credentials.as_object().unwrap().clone());
                let response = server.post("/api/sign_up", None, &body).await;
                assert_eq!(response.status, 403, "{registration:?}");
                responses.push(response.json());
            }
            responses.dedup();
            assert_eq!(responses.len(), 1, "{registration:?}");
        }
    }
}

/// Adds a set-password link that expires at `expires_at`.
async fn add_link(server: &TestServer, account: &Account, expires_at: Timestamp) -> Token {
    let token = Token::generate().unwrap();
    let user_id = account.user_id().parse().unwrap();
    let hash = token.hash();
    let link = NewPasswordLink { user_id, hash, created_at: Timestamp::MIN, expires_at };
    server.app.storage().add_password_link(link).await.unwrap();
    token
}

async fn set_password(server: &TestServer, link: &str, password: &str) -> HttpResponse {
    let body = json!({"link": link, "new_password": password});
    server.post("/api/set_password", None, &body).await
}

async fn password_link_is_used_once_and_ends_all_sessions(backend: Backend) {
    let server = TestServer::start(backend).await;
    let account = server.sign_up(EMAIL).await;
    let neighbour = server.sign_up("you@nas").await;
    let mut socket = server.join(&account).await;
    let mut staying = server.join(&neighbour).await;
    let expired = add_link(&server, &account, Timestamp::MIN).await;
    let replaced = add_link(&server, &account, Timestamp::MAX).await;
    let valid = add_link(&server, &account, Timestamp::MAX).await;
    for link in [expired.expose_secret(), replaced.expose_secret(), "guess", &*account.token] {
        assert_refused(&set_password(&server, link, NEW_PASSWORD).await, "link_invalid");
    }
    let weak = set_password(&server, valid.expose_secret(), "12345678").await;
    assert_eq!((weak.status, &*weak.error()), (422, "password_common"), "the link stays valid");
    assert_eq!(set_password(&server, valid.expose_secret(), NEW_PASSWORD).await.status, 204);
    assert_eq!(socket.close_code().await, Some(1001));
    staying.request_ok("ping", &json!({"sent_at": 0})).await;
    let bearer = format!("Bearer {}", account.token);
    let session = server.get("/api/session", &[("authorization", &bearer)]).await;
    assert_eq!(session.status, 401);
    for (password, status) in [(PASSWORD, 401), (NEW_PASSWORD, 200)] {
        let response = server.post("/api/sign_in", None, &credentials(EMAIL, password)).await;
        assert_eq!(response.status, status);
    }
    let again = set_password(&server, valid.expose_secret(), PASSWORD).await;
    assert_refused(&again, "link_invalid");
}

/// The owner may have changed it because the link was sent to someone else.
async fn changed_password_voids_the_link(backend: Backend) {
    let server = TestServer::start(backend).await;
    let account = server.sign_up(EMAIL).await;
    let link = add_link(&server, &account, Timestamp::MAX).await;
    let change = json!({"password": PASSWORD, "new_password": NEW_PASSWORD});
    assert_eq!(server.post("/api/password", Some(&account.token), &change).await.status, 204);
    let refused = set_password(&server, link.expose_secret(), PASSWORD).await;
    assert_refused(&refused, "link_invalid");
    assert_eq!(
        server
            .post(
                "/api/delete_account",
                Some(&account.token),
                &json!({
                    "password": NEW_PASSWORD,
                })
            )
            .await
            .status,
        204
    );
}

backend_tests! {
    open_registration_needs_no_invitation,
    only_the_first_account_needs_no_invitation,
    invitation_is_used_once_for_its_email_until_it_expires,
    closed_registration_refuses_invitations_too,
    sign_up_by_invitation_does_not_reveal_accounts,
    password_link_is_used_once_and_ends_all_sessions,
    changed_password_voids_the_link,
}
