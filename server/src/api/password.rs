//! Password validation, verification and change.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use wizitime_domain::UserId;

use super::error::ApiError;
use super::{bearer, body};
use crate::audit::AuditEvent;
use crate::auth::{Email, PasswordAttempt, PasswordAttemptKey, PasswordText};
use crate::client_address::ClientAddress;
use crate::clock;
use crate::state::App;
use crate::storage::{SignedInUser, User};

#[derive(Deserialize)]
struct ChangePasswordRequest {
    password: PasswordText,
    new_password: PasswordText,
}

/// `POST /api/password`: changes the password and signs out all other sessions.
pub(super) async fn change_password(
    State(app): State<Arc<App>>,
    address: ClientAddress,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, ApiError> {
    let (user, hash) = bearer::authenticate(&app, &headers).await?;
    let ChangePasswordRequest { password, new_password } = body::json(&app, &headers, body).await?;
    let email = Email::parse(&user.email).ok_or(ApiError::WrongPassword)?;
    new_password.check(&email)?;
    confirm_password(&app, address, &user, password).await?;
    let new_hash = app.passwords.hash(address.limit_key, new_password).await?;
    let revoked = app.storage.change_password(user.user_id, new_hash, hash).await?;
    app.registry.revoke(user.user_id, &revoked);
    app.audit(AuditEvent::PasswordChanged, Some(user.user_id), address).await;
    Ok(StatusCode::NO_CONTENT.into_response())
}

/// Requires the password again for a sensitive operation. Failures count as at the sign-in.
pub(super) async fn confirm_password(
    app: &App,
    address: ClientAddress,
    signed_in: &SignedInUser,
    password: PasswordText,
) -> Result<(), ApiError> {
    verify_again(app, address, signed_in, password).await?.accept(app).await.map(drop)
}

/// Like [`confirm_password`], and the attempt goes on.
///
/// # Errors
/// Also [`ApiError::NoPassword`], which a sign-in does not reveal.
pub(super) async fn verify_again<'a>(
    app: &'a App,
    address: ClientAddress,
    signed_in: &SignedInUser,
    password: PasswordText,
) -> Result<Verified<'a>, ApiError> {
    let email = Email::parse(&signed_in.email).ok_or(ApiError::WrongPassword)?;
    let user = app.storage.find_user(&email).await?;
    if user.is_some_and(|user| user.password_hash().is_none()) {
        return Err(ApiError::NoPassword);
    }
    let verified = verify(app, address, &email, password, AuditEvent::PasswordFailed).await?;
    verified.ok_or(ApiError::WrongPassword)
}

/// An account whose password matches. The attempt is not counted unless it is refused.
pub(super) struct Verified<'a> {
    user: User,
    attempt: PasswordAttempt<'a>,
    key: PasswordAttemptKey,
}

impl Verified<'_> {
    pub(super) const fn user_id(&self) -> UserId {
        self.user.user_id
    }

    pub(super) const fn is_disabled(&self) -> bool {
        self.user.is_disabled
    }

    /// Nothing else is needed: forgets the wrong passwords of this address at this account.
    pub(super) async fn accept(self, app: &App) -> Result<User, ApiError> {
        self.attempt.right();
        app.storage.forget_wrong_passwords(&self.key).await?;
        Ok(self.user)
    }

    /// The second step failed: counts the attempt like a wrong password.
    pub(super) async fn refuse(self, app: &App) -> Result<(), ApiError> {
        self.attempt.wrong();
        app.storage.count_wrong_password(&self.key, clock::now()).await?;
        Ok(())
    }
}

/// The account with this email, if the password matches. Only wrong passwords are counted, and are
/// recorded as this event.
pub(super) async fn verify<'a>(
    app: &'a App,
    address: ClientAddress,
    email: &Email,
    password: PasswordText,
    failure: AuditEvent,
) -> Result<Option<Verified<'a>>, ApiError> {
    if password.is_too_long() {
        return Ok(None);
    }
    let refuse = |retry_after_ms| ApiError::TooManyAttempts { retry_after_ms };
    let attempt =
        app.password_limiter.begin(address.limit_key, email, clock::now()).map_err(refuse)?;
    let key = PasswordAttemptKey::new(address.limit_key, email);
    refuse_over_shared_limit(app, &key).await?;
    let user = app.storage.find_user(email).await?;
    let user_id = user.as_ref().map(|user| user.user_id);
    let stored = user.as_ref().and_then(User::password_hash).map(str::to_owned);
    let is_right = app.passwords.verify(address.limit_key, password, stored).await?;
    let Some(user) = user.filter(|_| is_right) else {
        attempt.wrong();
        app.storage.count_wrong_password(&key, clock::now()).await?;
        // Also without an account, so that the response takes as long.
        app.audit(failure, user_id, address).await;
        return Ok(None);
    };
    // Other servers may have found other passwords wrong meanwhile.
    refuse_over_shared_limit(app, &key).await?;
    Ok(Some(Verified { user, attempt, key }))
}

async fn refuse_over_shared_limit(app: &App, key: &PasswordAttemptKey) -> Result<(), ApiError> {
    match app.storage.wrong_passwords_wait_ms(key, clock::now()).await? {
        Some(retry_after_ms) => Err(ApiError::TooManyAttempts { retry_after_ms }),
        None => Ok(()),
    }
}
