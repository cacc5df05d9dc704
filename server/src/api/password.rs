//! Password validation, verification and change.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use tracing::info;

use super::error::ApiError;
use super::{bearer, body};
use crate::auth::{Email, PasswordAttemptKey, PasswordText};
use crate::client_address::ClientAddress;
use crate::clock;
use crate::state::App;
use crate::storage::{SignedInUser, StorageError, User};

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
    let new_hash = app.passwords.hash(address.0, new_password).await?;
    let revoked = app.storage.change_password(user.user_id, new_hash, hash).await?;
    app.registry.revoke(user.user_id, &revoked);
    info!(user = %user.user_id, signed_out = revoked.len(), "password changed");
    Ok(StatusCode::NO_CONTENT.into_response())
}

/// Requires the password again for a sensitive operation. Failures count as at the sign-in.
pub(super) async fn confirm_password(
    app: &App,
    address: ClientAddress,
    signed_in: &SignedInUser,
    password: PasswordText,
) -> Result<(), ApiError> {
    let email = Email::parse(&signed_in.email).ok_or(ApiError::WrongPassword)?;
    let user = verify(app, address, &email, password).await?;
    user.map(drop).ok_or(ApiError::WrongPassword)
}

/// The account with this email, if the password matches. Only wrong passwords are counted.
pub(super) async fn verify(
    app: &App,
    address: ClientAddress,
    email: &Email,
    password: PasswordText,
) -> Result<Option<User>, ApiError> {
    if password.is_too_long() {
        return Ok(None);
    }
    let refuse = |retry_after_ms| ApiError::TooManyAttempts { retry_after_ms };
    let attempt = app.password_limiter.begin(address.0, email, clock::now()).map_err(refuse)?;
    let key = PasswordAttemptKey::new(address.0, email);
    refuse_over_shared_limit(app, &key).await?;
    let user = find_user(app, email).await?;
    let stored = user.as_ref().map(|user| user.password_hash.clone());
    if !app.passwords.verify(address.0, password, stored).await? {
        attempt.wrong();
        app.storage.count_wrong_password(&key, clock::now()).await?;
        return Ok(None);
    }
    // Other servers may have found other passwords wrong meanwhile.
    refuse_over_shared_limit(app, &key).await?;
    attempt.right();
    app.storage.forget_wrong_passwords(&key).await?;
    Ok(user)
}

async fn refuse_over_shared_limit(app: &App, key: &PasswordAttemptKey) -> Result<(), ApiError> {
    match app.storage.wrong_passwords_wait_ms(key, clock::now()).await? {
        Some(retry_after_ms) => Err(ApiError::TooManyAttempts { retry_after_ms }),
        None => Ok(()),
    }
}

/// The account with this email.
pub(super) async fn find_user(app: &App, email: &Email) -> Result<Option<User>, StorageError> {
    for form in email.forms() {
        if let Some(user) = app.storage.find_user(form).await? {
            return Ok(Some(user));
        }
    }
    Ok(None)
}
