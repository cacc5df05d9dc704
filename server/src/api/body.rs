//! Request bodies.

use axum::body::Body;
use axum::http::{HeaderMap, header};
use futures_util::StreamExt as _;
use serde::de::DeserializeOwned;
use tokio::time::timeout;
use wizitime_domain::json;

use super::error::ApiError;
use crate::state::App;

/// The largest accepted body, in bytes.
const BODY_BYTES_MAX: usize = 16 * 1024;

/// Reads a JSON body. The content type must be `application/json`: a page of another origin cannot
/// send that without a CORS preflight.
pub(super) async fn json<T: DeserializeOwned>(
    app: &App,
    headers: &HeaderMap,
    body: Body,
) -> Result<T, ApiError> {
    let bytes = read(app, body).await?;
    let content_type = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let essence = content_type.and_then(|value| value.split(';').next()).unwrap_or_default();
    if !essence.trim().eq_ignore_ascii_case("application/json") {
        return Err(ApiError::Malformed("the content type is not application/json".to_owned()));
    }
    parse(&bytes)
}

/// Reads a JSON body; an empty body is the default value.
pub(super) async fn json_or_default<T: DeserializeOwned + Default>(
    app: &App,
    body: Body,
) -> Result<T, ApiError> {
    let bytes = read(app, body).await?;
    if bytes.is_empty() {
        return Ok(T::default());
    }
    parse(&bytes)
}

fn parse<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, ApiError> {
    let text = str::from_utf8(bytes).map_err(|error| ApiError::Malformed(error.to_string()))?;
    json::from_str(text).map_err(|error| ApiError::Malformed(error.to_string()))
}

async fn read(app: &App, body: Body) -> Result<Vec<u8>, ApiError> {
    let reading = timeout(app.request_timeouts.body, collect(body));
    reading.await.map_err(|_| ApiError::TooSlow)?
}

/// Reads a body to its end, or until it is too long.
async fn collect(body: Body) -> Result<Vec<u8>, ApiError> {
    let mut chunks = body.into_data_stream();
    let mut bytes = Vec::new();
    while let Some(chunk) = chunks.next().await {
        let chunk = chunk.map_err(|error| ApiError::Malformed(error.to_string()))?;
        if chunk.len() > BODY_BYTES_MAX - bytes.len() {
            return Err(ApiError::TooLarge);
        }
        bytes.extend_from_slice(&chunk);
    }
    Ok(bytes)
}
