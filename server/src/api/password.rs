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
use crate::auth::{Email, PASSWORD_BYTES_MAX, PASSWORD_CHARS_MIN};
use crate::client_address::ClientAddress;
use crate::clock;
use crate::state::App;
use crate::storage::{SignedInUser, User};

#[derive(Deserialize)]
struct ChangePasswordRequest {
    password: String,
    new_password: String,
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
    validate(&new_password)?;
    confirm_password(&app, address, &user, password).await?;
    let new_hash = app.passwords.hash(address.0, new_password).await?;
    let revoked = app.storage.change_password(user.user_id, new_hash, hash).await?;
    app.registry.revoke(user.user_id, &revoked);
    info!(user = %user.user_id, signed_out = revoked.len(), "password changed");
    Ok(StatusCode::NO_CONTENT.into_response())
}

/// Checks the length of a new password.
pub(super) fn validate(password: &str) -> Result<(), ApiError> {
    if password.chars().count() < PASSWORD_CHARS_MIN {
        return Err(ApiError::PasswordTooShort);
    }
    if password.len() > PASSWORD_BYTES_MAX {
        return Err(ApiError::PasswordTooLong);
    }
    Ok(())
}

/// Requires the password again for a sensitive operation. Failures count as at the sign-in.
pub(super) async fn confirm_password(
    app: &App,
    address: ClientAddress,
    signed_in: &SignedInUser,
    password: String,
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
    password: String,
) -> Result<Option<User>, ApiError> {
    if password.len() > PASSWORD_BYTES_MAX {
        return Ok(None);
    }
    let attempt = app
        .password_limiter
        .begin(address.0, email.as_str(), clock::now())
        .map_err(|retry_after_ms| ApiError::TooManyAttempts { retry_after_ms })?;
    let user = app.storage.find_user(email.as_str()).await?;
    let stored = user.as_ref().map(|user| user.password_hash.clone());
    if !app.passwords.verify(address.0, password, stored).await? {
        attempt.keep();
        return Ok(None);
    }
    attempt.reset();
    Ok(user)
}
