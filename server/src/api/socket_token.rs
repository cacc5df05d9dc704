//! Issues socket tokens: short-lived tokens that only open sockets.

use std::sync::Arc;

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use serde::Serialize;
use wizitime_domain::DurationMs;

use super::bearer;
use super::error::{ApiError, respond};
use crate::auth::{SOCKET_TOKEN_LIFE_MS, Token};
use crate::clock;
use crate::state::App;
use crate::storage::NewSocketToken;

/// `POST /api/socket_token`: a token for sockets of the requesting session.
pub(super) async fn issue(
    State(app): State<Arc<App>>,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let (user, session) = bearer::authenticate(&app, &headers).await?;
    let token = Token::generate()?;
    let created_at = clock::now();
    let issued = NewSocketToken {
        user_id: user.user_id,
        session,
        hash: token.hash(),
        created_at,
        expires_at: created_at.saturating_add(DurationMs::from_ms(SOCKET_TOKEN_LIFE_MS)),
    };
    if !app.storage.add_socket_token(issued).await? {
        return Err(ApiError::Unauthorized);
    }
    // A duration and no instant, because the device's clock may be wrong.
    let body =
        SocketTokenBody { token: token.expose_secret(), expires_in_ms: SOCKET_TOKEN_LIFE_MS };
    Ok(respond(StatusCode::OK, &body))
}

#[derive(Serialize)]
struct SocketTokenBody<'a> {
    token: &'a str,
    expires_in_ms: i64,
}
