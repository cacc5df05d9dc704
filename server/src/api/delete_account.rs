//! Account deletion.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;

use super::error::ApiError;
use super::{bearer, body, password};
use crate::audit::AuditEvent;
use crate::auth::PasswordText;
use crate::client_address::ClientAddress;
use crate::state::App;

#[derive(Deserialize)]
struct DeleteAccountRequest {
    password: PasswordText,
}

/// `POST /api/delete_account`: deletes the account and all its data.
pub(super) async fn delete_account(
    State(app): State<Arc<App>>,
    address: ClientAddress,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, ApiError> {
    let (user, _) = bearer::authenticate(&app, &headers).await?;
    let DeleteAccountRequest { password } = body::json(&app, &headers, body).await?;
    password::confirm_password(&app, address, &user, password).await?;
    app.storage.delete_account(user.user_id).await?;
    app.registry.revoke_all(user.user_id);
    app.audit(AuditEvent::AccountDeleted, Some(user.user_id), address).await;
    Ok(StatusCode::NO_CONTENT.into_response())
}
