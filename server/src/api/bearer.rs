//! Bearer tokens in the `Authorization` header (RFC 6750).

use axum::http::{HeaderMap, header};

use super::error::ApiError;
use crate::auth::{Token, TokenHash};
use crate::clock;
use crate::state::App;
use crate::storage::SignedInUser;

/// The user whose token the request carries, and the hash of the token.
///
/// # Errors
/// [`ApiError::Unauthorized`] without a valid token.
pub(super) async fn authenticate(
    app: &App,
    headers: &HeaderMap,
) -> Result<(SignedInUser, TokenHash), ApiError> {
    let token = token(headers).ok_or(ApiError::Unauthorized)?;
    let hash = token.hash();
    let user = app.storage.authenticate(&hash, clock::now()).await?;
    Ok((user.ok_or(ApiError::Unauthorized)?, hash))
}

fn token(headers: &HeaderMap) -> Option<Token> {
    let (scheme, token) = headers.get(header::AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| Token::from_client(token.trim()))
}
