//! Requests a mail with a link to set another password.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;

use super::body;
use super::error::ApiError;
use crate::auth::Email;
use crate::client_address::ClientAddress;
use crate::clock;
use crate::state::App;

#[derive(Deserialize)]
struct ResetRequest {
    email: String,
}

/// `POST /api/password_reset`: the response comes before the account is looked up, so that neither
/// its content nor its time depends on whether there is one.
pub(super) async fn request(
    State(app): State<Arc<App>>,
    address: ClientAddress,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, ApiError> {
    let resets = app.password_resets.as_ref().ok_or(ApiError::PasswordResetOff)?;
    let ResetRequest { email } = body::json(&app, &headers, body).await?;
    let email = Email::parse(&email).ok_or(ApiError::InvalidEmail)?;
    let taken = app.reset_limiter.take(address.limit_key, &email, clock::now());
    taken.map_err(|retry_after_ms| ApiError::TooManyAttempts { retry_after_ms })?;
    resets.add(email, address.ip);
    Ok(StatusCode::ACCEPTED.into_response())
}
