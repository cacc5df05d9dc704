//! Sets the password with a link of the operator, or one that was mailed on request.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;

use super::body;
use super::error::ApiError;
use crate::audit::AuditEvent;
use crate::auth::{Email, PasswordText, Token};
use crate::client_address::ClientAddress;
use crate::clock;
use crate::state::App;

#[derive(Deserialize)]
struct SetPasswordRequest {
    /// The token of the link.
    link: Token,
    new_password: PasswordText,
}

/// `POST /api/set_password`: uses up the link, sets the password and ends all sessions.
pub(super) async fn set_password(
    State(app): State<Arc<App>>,
    address: ClientAddress,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, ApiError> {
    let SetPasswordRequest { link, new_password } = body::json(&app, &headers, body).await?;
    let user = app.storage.password_link_user(&link.hash(), clock::now()).await?;
    let user = user.ok_or(ApiError::LinkInvalid)?;
    let email = Email::parse(&user.email).ok_or(ApiError::LinkInvalid)?;
    new_password.check(&email)?;
    let new_hash = app.passwords.hash(address.limit_key, new_password).await?;
    let (hash, requester) = (link.hash(), link.link_requester());
    let set = app.storage.set_password(&hash, requester, new_hash, clock::now()).await?;
    let set = set.ok_or(ApiError::LinkInvalid)?;
    app.registry.revoke(set.user_id, &set.revoked);
    app.audit(AuditEvent::PasswordSet, Some(set.user_id), address).await;
    Ok(StatusCode::NO_CONTENT.into_response())
}
