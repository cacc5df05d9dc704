//! What a password has to be, whether it is right, and another one.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use tracing::info;

use super::account::attempt;
use super::error::ApiError;
use super::{bearer, body};
use crate::app::App;
use crate::auth::{Email, PASSWORD_BYTES_MAX, PASSWORD_CHARS_MIN};
use crate::client_address::ClientAddress;
use crate::storage::{SignedIn, User};

#[derive(Deserialize)]
struct Change {
    password: String,
    new_password: String,
}

/// `POST /api/password`: whoever else is signed in no longer is.
pub(super) async fn change(
    State(app): State<Arc<App>>,
    address: ClientAddress,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, ApiError> {
    let (signed_in, hash) = bearer::signed_in(&app, &headers).await?;
    let Change { password, new_password } = body::json(&app, &headers, body).await?;
    check(&new_password)?;
    confirm(&app, address, &signed_in, password).await?;
    let new_hash = app.passwords.hash(new_password).await?;
    let revoked = app.storage.change_password(signed_in.user_id, new_hash, hash).await?;
    app.registry.revoke(signed_in.user_id, &revoked);
    info!(user = %signed_in.user_id, signed_out = revoked.len(), "the password was changed");
    Ok(StatusCode::NO_CONTENT.into_response())
}

/// Whether it can be a password at all.
pub(super) fn check(password: &str) -> Result<(), ApiError> {
    if password.chars().count() < PASSWORD_CHARS_MIN {
        return Err(ApiError::PasswordTooShort);
    }
    if password.len() > PASSWORD_BYTES_MAX {
        return Err(ApiError::PasswordTooLong);
    }
    Ok(())
}

/// Whoever is signed in proves that they are no passer-by. Guesses count as those at the sign-in.
pub(super) async fn confirm(
    app: &App,
    address: ClientAddress,
    signed_in: &SignedIn,
    password: String,
) -> Result<(), ApiError> {
    let email = Email::parse(&signed_in.email).ok_or(ApiError::WrongPassword)?;
    let user = verify(app, address, &email, password).await?;
    user.map(drop).ok_or(ApiError::WrongPassword)
}

/// The account with this email, if the password is its own. Guesses are counted.
pub(super) async fn verify(
    app: &App,
    address: ClientAddress,
    email: &Email,
    password: String,
) -> Result<Option<User>, ApiError> {
    if password.len() > PASSWORD_BYTES_MAX {
        return Ok(None);
    }
    attempt(app, address, email)?;
    let user = app.storage.user(email.as_str()).await?;
    let stored = user.as_ref().map(|user| user.password_hash.clone());
    if !app.passwords.verify(password, stored).await? {
        return Ok(None);
    }
    app.throttle.forgive(address.0, email.as_str());
    Ok(user)
}
