//! The token in the `Authorization` header.

use axum::http::{HeaderMap, header};

use super::error::ApiError;
use crate::app::App;
use crate::auth::{Token, TokenHash};
use crate::clock;
use crate::storage::SignedIn;

/// Whose request this is.
pub(super) async fn signed_in(
    app: &App,
    headers: &HeaderMap,
) -> Result<(SignedIn, TokenHash), ApiError> {
    let token = token(headers).ok_or(ApiError::Unauthorized)?;
    let hash = token.hash();
    let signed_in = app.storage.signed_in(&hash, clock::now()).await?;
    Ok((signed_in.ok_or(ApiError::Unauthorized)?, hash))
}

fn token(headers: &HeaderMap) -> Option<Token> {
    let (scheme, token) = headers.get(header::AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| Token::shown(token.trim()))
}
