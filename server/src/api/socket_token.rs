//! A token that opens sockets and nothing else, for a short time.

use std::sync::Arc;

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use serde::Serialize;
use wizitime_domain::DurationMs;

use super::bearer;
use super::error::{ApiError, respond};
use crate::app::App;
use crate::auth::{SOCKET_TOKEN_LIFE_MS, Token};
use crate::clock;
use crate::storage::NewSocketToken;

/// `POST /api/socket_token`: the socket that is opened with it belongs to the session that asks.
pub(super) async fn issue(
    State(app): State<Arc<App>>,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let (signed_in, session) = bearer::signed_in(&app, &headers).await?;
    let token = Token::generate()?;
    let created_at = clock::now();
    let issued = NewSocketToken {
        user_id: signed_in.user_id,
        session,
        hash: token.hash(),
        created_at,
        expires_at: created_at.saturating_add(DurationMs::from_ms(SOCKET_TOKEN_LIFE_MS)),
    };
    if !app.storage.add_socket_token(issued).await? {
        return Err(ApiError::Unauthorized);
    }
    // How long, and not until when: the device's clock may be wrong.
    let body = SocketTokenBody { token: token.reveal(), expires_in_ms: SOCKET_TOKEN_LIFE_MS };
    Ok(respond(StatusCode::OK, &body))
}

#[derive(Serialize)]
struct SocketTokenBody<'a> {
    token: &'a str,
    expires_in_ms: i64,
}
