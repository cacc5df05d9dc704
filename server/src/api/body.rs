//! Bodies of requests.

use axum::body::{Body, to_bytes};
use axum::http::{HeaderMap, header};
use wizitime_json::{FromJson, from_json};

use super::error::ApiError;

/// The longest body that is read, in bytes.
const BODY_BYTES_MAX: usize = 16 * 1024;

/// Reads a JSON body. The content type has to say that it is one: a foreign page cannot send that
/// without asking first.
pub(super) async fn json<T: FromJson>(headers: &HeaderMap, body: Body) -> Result<T, ApiError> {
    let bytes = read(body).await?;
    let content_type = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let essence = content_type.and_then(|value| value.split(';').next()).unwrap_or_default();
    if !essence.trim().eq_ignore_ascii_case("application/json") {
        return Err(ApiError::Malformed("the content type is not application/json".to_owned()));
    }
    parse(&bytes)
}

/// Reads a JSON body that may be missing.
pub(super) async fn json_or_default<T: FromJson + Default>(body: Body) -> Result<T, ApiError> {
    let bytes = read(body).await?;
    if bytes.is_empty() {
        return Ok(T::default());
    }
    parse(&bytes)
}

fn parse<T: FromJson>(bytes: &[u8]) -> Result<T, ApiError> {
    let text = str::from_utf8(bytes).map_err(|error| ApiError::Malformed(error.to_string()))?;
    from_json(text).map_err(|error| ApiError::Malformed(error.to_string()))
}

async fn read(body: Body) -> Result<axum::body::Bytes, ApiError> {
    to_bytes(body, BODY_BYTES_MAX).await.map_err(|error| ApiError::Malformed(error.to_string()))
}
