//! Sign-up, sign-in, sign-out and the current session.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use wizitime_domain::{DeviceId, DurationMs, UserId};
use wizitime_protocol::messages::user_topic;

use super::bearer;
use super::body;
use super::error::{ApiError, respond};
use super::{password, registration, second_step};
use crate::audit::AuditEvent;
use crate::auth::{CodeText, Email, PasswordText, TOKEN_LIFE_MS, Token};
use crate::client_address::ClientAddress;
use crate::clock;
use crate::state::App;
use crate::storage::{NewToken, NewUser, Revocation, SignUpOutcome};

#[derive(Deserialize)]
struct Credentials {
    email: String,
    password: PasswordText,
    /// Of the second step, at sign-in.
    code: Option<CodeText>,
    device_id: DeviceId,
    /// The token of an invitation, at sign-up.
    invitation: Option<Token>,
}

#[derive(Default, Deserialize)]
pub(super) struct SignOutRequest {
    #[serde(default)]
    everywhere: bool,
    /// A device other than the requesting one.
    device_id: Option<DeviceId>,
}

/// The response of sign-up and sign-in, and of `GET /api/session` without the token.
#[derive(Serialize)]
struct SessionBody<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    token: Option<&'a str>,
    user_id: UserId,
    email: &'a str,
    channel: String,
}

impl<'a> SessionBody<'a> {
    fn new(token: Option<&'a Token>, user_id: UserId, email: &'a str) -> Self {
        let token = token.map(Token::expose_secret);
        Self { token, user_id, email, channel: user_topic(user_id) }
    }
}

/// `POST /api/sign_up`
pub(super) async fn sign_up(
    State(app): State<Arc<App>>,
    address: ClientAddress,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, ApiError> {
    let Credentials { email, password, device_id, invitation, .. } =
        body::json(&app, &headers, body).await?;
    let email = Email::parse(&email).ok_or(ApiError::InvalidEmail)?;
    let admission = registration::admit(&app, &email, invitation.as_ref()).await?;
    password.check(&email)?;
    let attempt = app
        .sign_up_limiter
        .begin_of_address(address.limit_key, "", clock::now())
        .map_err(|retry_after_ms| ApiError::TooManyAccounts { retry_after_ms })?;
    let password_hash = app.passwords.hash(address.limit_key, password).await?;
    let user_id = UserId::from_bytes(app.ids.uuid_v7(clock::now()));
    let token = Token::generate()?;
    let user = NewUser { user_id, email: email.as_str().to_owned(), password_hash };
    // The database refuses only the normalised form.
    let outcome = match app.storage.find_user(&email).await? {
        Some(_) => SignUpOutcome::EmailTaken,
        None => {
            let token = new_token(user_id, &token, device_id);
            app.storage.sign_up_as(admission, user, token).await?
        }
    };
    // An address that is taken counts as well: it tells that there is an account.
    if let Some(attempt) = attempt {
        attempt.keep();
    }
    match outcome {
        SignUpOutcome::Created => (),
        SignUpOutcome::EmailTaken => return Err(ApiError::EmailTaken),
        SignUpOutcome::NotAdmitted => return Err(registration::refusal(admission)),
    }
    app.audit(AuditEvent::SignedUp, Some(user_id), address).await;
    Ok(respond(StatusCode::CREATED, &SessionBody::new(Some(&token), user_id, email.as_str())))
}

/// `POST /api/sign_in`
pub(super) async fn sign_in(
    State(app): State<Arc<App>>,
    address: ClientAddress,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, ApiError> {
    let Credentials { email, password, code, device_id, .. } =
        body::json(&app, &headers, body).await?;
    // An invalid email gets the same response as an unknown account.
    let Some(email) = Email::parse(&email) else {
        app.audit(AuditEvent::SignInFailed, None, address).await;
        return Err(ApiError::WrongCredentials);
    };
    let failure = AuditEvent::SignInFailed;
    let verified = password::verify(&app, address, &email, password, failure).await?;
    let verified = verified.ok_or(ApiError::WrongCredentials)?;
    if verified.is_disabled() {
        // Before a code is used up.
        app.audit(AuditEvent::SignInFailed, Some(verified.user_id()), address).await;
        return Err(ApiError::AccountDisabled);
    }
    let user = second_step::pass(&app, address, verified, code).await?;
    let Some(response) = begin_session(&app, user.user_id, &user.email, device_id).await? else {
        app.audit(AuditEvent::SignInFailed, Some(user.user_id), address).await;
        return Err(ApiError::AccountDisabled);
    };
    app.audit(AuditEvent::SignedIn, Some(user.user_id), address).await;
    Ok(response)
}

/// Adds a session, and returns the response of a sign-in; none if the account is disabled.
pub(super) async fn begin_session(
    app: &App,
    user_id: UserId,
    email: &str,
    device_id: DeviceId,
) -> Result<Option<Response>, ApiError> {
    let token = Token::generate()?;
    let added = app.storage.add_token(new_token(user_id, &token, device_id)).await?;
    let Some(revoked) = added else { return Ok(None) };
    app.registry.revoke(user_id, &revoked);
    Ok(Some(respond(StatusCode::OK, &SessionBody::new(Some(&token), user_id, email))))
}

/// `GET /api/session`
pub(super) async fn show_session(
    State(app): State<Arc<App>>,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let (user, _) = bearer::authenticate(&app, &headers).await?;
    Ok(respond(StatusCode::OK, &SessionBody::new(None, user.user_id, &user.email)))
}

/// `POST /api/sign_out`
pub(super) async fn sign_out(
    State(app): State<Arc<App>>,
    address: ClientAddress,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, ApiError> {
    let (user, hash) = bearer::authenticate(&app, &headers).await?;
    let SignOutRequest { everywhere, device_id } = body::json_or_default(&app, body).await?;
    let scope = match (everywhere, device_id) {
        (true, _) => Revocation::All,
        (false, Some(device_id)) => Revocation::Device(device_id),
        (false, None) => Revocation::Token(hash),
    };
    let revoked = app.storage.revoke(user.user_id, scope).await?;
    app.registry.revoke(user.user_id, &revoked);
    app.audit(AuditEvent::SignedOut, Some(user.user_id), address).await;
    Ok(StatusCode::NO_CONTENT.into_response())
}

fn new_token(user_id: UserId, token: &Token, device_id: DeviceId) -> NewToken {
    let created_at = clock::now();
    let expires_at = created_at.saturating_add(DurationMs::from_ms(TOKEN_LIFE_MS));
    NewToken { user_id, hash: token.hash(), device_id, created_at, expires_at }
}
